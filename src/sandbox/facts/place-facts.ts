/**
 * What a folder's file system can do, tried in that folder: network file systems of clusters come without locks or
 * hard links, homes are mounted noexec, containers bring a read-only root.
 */
import { execFile } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  linkSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { findProgram, hostToolPath } from "../host-programs.ts";
import { findMount } from "./mounts.ts";

export interface PlaceFacts {
  /** The folder, or what is nearest to it of those above that exist. */
  readonly folder: string;
  /** `ext4`, `nfs4`, `lustre`. */
  readonly fileSystem: string | undefined;
  readonly mountedNoexec: boolean;
  readonly freeBytes: number | undefined;
  /** Of file systems that count them. */
  readonly freeInodes: number | undefined;
  /** Undefined where all is well; else what the system said: `EROFS`, `EACCES`. */
  readonly writeError: string | undefined;
  /** The rest is tried by writing, and undefined where that is not possible. */
  readonly canExecute: boolean | undefined;
  readonly hardLinks: boolean | undefined;
  /** Locks by flock(2), as between processes of Nix. */
  readonly flock: boolean | undefined;
  /** Locks of byte ranges, by which SQLite works. */
  readonly databaseLocks: boolean | undefined;
  /** SQLite's write-ahead log, which takes memory that processes share through the file. */
  readonly writeAheadLog: boolean | undefined;
}

/** What is written is removed again. */
export async function probePlace(place: string): Promise<PlaceFacts> {
  const folder = nearestFolder(place);
  const mount = findMount(folder);
  const space = spaceOf(folder);
  const common = {
    folder,
    fileSystem: mount?.type,
    mountedNoexec: mount?.options.has("noexec") ?? false,
    freeBytes: space && space.bavail * space.bsize,
    freeInodes: space && space.files > 0 ? space.ffree : undefined,
  };
  const scratch = makeScratch(folder);
  if ("error" in scratch) {
    const unknown = { canExecute: undefined, hardLinks: undefined, flock: undefined };
    return {
      ...common,
      ...unknown,
      writeError: scratch.error,
      databaseLocks: undefined,
      writeAheadLog: undefined,
    };
  }
  try {
    return { ...common, writeError: undefined, ...(await tryIn(scratch.path)) };
  } finally {
    rmSync(scratch.path, { recursive: true, force: true });
  }
}

async function tryIn(folder: string) {
  const file = join(folder, "file");
  writeFileSync(file, "#!/bin/sh\nexit 0\n");
  chmodSync(file, 0o755);
  const flock = findProgram("flock", hostToolPath);
  return {
    canExecute: await succeeds(file, []),
    hardLinks: attempt(() => linkSync(file, join(folder, "link"))),
    flock: flock === undefined ? undefined : await succeeds(flock, ["--timeout", "5", file, "true"]),
    databaseLocks: await canUseDatabase(join(folder, "locks"), "DELETE"),
    writeAheadLog: await canUseDatabase(join(folder, "log"), "WAL"),
  };
}

async function canUseDatabase(file: string, mode: "DELETE" | "WAL"): Promise<boolean> {
  const { DatabaseSync } = await import("node:sqlite");
  return attempt(() => {
    const database = new DatabaseSync(file);
    try {
      const row = database.prepare(`PRAGMA journal_mode = ${mode}`).get() as { journal_mode?: string };
      if (row.journal_mode !== mode.toLowerCase()) throw new Error("refused");
      database.exec("CREATE TABLE t (x); BEGIN EXCLUSIVE; INSERT INTO t VALUES (1); COMMIT");
    } finally {
      database.close();
    }
  });
}

/** Throws nothing: what fails is the answer. */
function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

function nearestFolder(place: string): string {
  let folder = place;
  while (!existsSync(folder) || !statSync(folder).isDirectory()) folder = dirname(folder);
  return folder;
}

function spaceOf(folder: string) {
  try {
    return statfsSync(folder);
  } catch {
    return undefined;
  }
}

function makeScratch(folder: string): { readonly path: string } | { readonly error: string } {
  try {
    accessSync(folder, constants.W_OK);
    return { path: mkdtempSync(join(folder, ".copse-probe-")) };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? "EIO" };
  }
}

/** The time limit is for network file systems whose locks hang. */
function succeeds(file: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 10_000 }, (error) => resolve(error === null));
  });
}
