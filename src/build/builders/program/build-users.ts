/**
 * Build users: when root builds in place, the builder runs as one of the users of the group that the setting
 * `build-users-group` names, so that it can write to its own folder and to new store paths, and to nothing else of the
 * machine. No two builds have one user at a time, and after a build nothing may still run as its user: what cannot run
 * cannot change what was built.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CopseError } from "#base";
import { findHostProgram } from "#sandbox";
import { tryLockDescriptor } from "#store";
import type { BuildTask } from "../context.ts";

export interface BuildUser extends AsyncDisposable {
  readonly uid: number;
  readonly gid: number;
  /** Kills whatever runs as this user. */
  endProcesses(): Promise<void>;
}

/** Undefined where builds run as the caller. Waits for a user that no other build has. Throws CopseError `build-users`. */
export async function borrowBuildUser(task: BuildTask, buildDir: string): Promise<BuildUser | undefined> {
  const { nix, store } = task.services;
  const groupName = nix["build-users-group"];
  if (groupName === "" || process.getuid?.() !== 0) return undefined;
  const group = readGroup(groupName);
  openStoreTo(group.gid, store.place.realStoreDir);
  const pool = join(store.place.stateDir, "userpool");
  mkdirSync(pool, { recursive: true });
  for (;;) {
    task.signal.throwIfAborted();
    for (const uid of group.members) {
      const lock = tryLockFile(join(pool, String(uid)));
      if (!lock) continue;
      const user = new Borrowed(uid, group.gid, lock);
      // Left over from a build whose copse was killed.
      await user.endProcesses();
      handOver(buildDir, user);
      return user;
    }
    await sleep(RETRY_MS, undefined, { signal: task.signal });
  }
}

const RETRY_MS = 500;

class Borrowed implements BuildUser {
  readonly uid: number;
  readonly gid: number;
  readonly #lock: Disposable;

  constructor(uid: number, gid: number, lock: Disposable) {
    this.uid = uid;
    this.gid = gid;
    this.#lock = lock;
  }

  async endProcesses(): Promise<void> {
    const identity = [`--reuid=${this.uid}`, `--regid=${this.gid}`, "--clear-groups", "--"];
    // As that user, so that it is the kernel who knows which processes are meant: all at once, so none can fork away.
    spawnSync(findHostProgram("setpriv"), [...identity, "/bin/sh", "-c", "kill -KILL -1"], {
      stdio: "ignore",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endProcesses();
    this.#lock[Symbol.dispose]();
  }
}

interface Group {
  readonly gid: number;
  /** Their user ids. */
  readonly members: readonly number[];
}

function readGroup(name: string): Group {
  const entry = readTable("/etc/group").find(([itsName]) => itsName === name);
  if (!entry) {
    throw new CopseError(
      "build-users",
      `the group '${name}' specified in 'build-users-group' does not exist`,
    );
  }
  const names = new Set((entry[3] ?? "").split(",").filter((member) => member !== ""));
  const members = readTable("/etc/passwd").filter(([user = ""]) => names.has(user));
  if (members.length === 0) {
    throw new CopseError("build-users", `the build users group '${name}' has no members`);
  }
  return { gid: Number(entry[2]), members: members.map(([, , uid]) => Number(uid)) };
}

function readTable(file: string): string[][] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"));
}

/** Build users make their outputs in the store's folder; its sticky bit keeps them from those of others. */
function openStoreTo(gid: number, realStoreDir: string): void {
  const info = statSync(realStoreDir);
  if (info.gid !== gid) chownSync(realStoreDir, 0, gid);
  if ((info.mode & 0o7777) !== STORE_MODE) chmodSync(realStoreDir, STORE_MODE);
}

const STORE_MODE = 0o1775;

function handOver(buildDir: string, { uid, gid }: BuildUser): void {
  // The folder above is ours, and stays so: it can be passed through, not looked into.
  chmodSync(dirname(buildDir), 0o711);
  for (const name of readdirSync(buildDir)) chownSync(join(buildDir, name), uid, gid);
  chownSync(buildDir, uid, gid);
}

function tryLockFile(file: string): Disposable | undefined {
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  if (tryLockDescriptor(fd, file)) return { [Symbol.dispose]: () => closeSync(fd) };
  closeSync(fd);
  return undefined;
}
