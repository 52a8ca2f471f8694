/**
 * Which way into a root this machine has: root's own powers, or a user namespace. It is tried, once for every boot
 * and every set of rights, and an empty file in the cache remembers that it worked: trying costs a few milliseconds,
 * which a warm start does not have. That it did not work is never remembered; an administrator may just have mended it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, hostToolPath } from "./host-programs.ts";
import { capSysAdmin, readProcessStatus } from "./process-status.ts";

export type EntryWay = "root" | "user";

/** What util-linux's unshare is told, for each way. */
export const namespaceWords: Readonly<Record<EntryWay, readonly string[]>> = {
  root: ["--mount", "--propagation", "slave", "--"],
  user: ["--user", "--map-current-user", "--keep-caps", "--mount", "--propagation", "slave", "--"],
};

/** Undefined where no namespaces can be had: then see `fallback`. */
export function entryWay(cacheDir: string): EntryWay | undefined {
  const ways = waysToTry();
  const stamps = join(cacheDir, "entry");
  const rights = rightsHere();
  const known = ways.find((way) => existsSync(join(stamps, `${way}-${rights}`)));
  if (known) return known;
  const found = ways.find(canEnter);
  if (found) remember(stamps, `${found}-${rights}`);
  return found;
}

let namespacesMemo: boolean | undefined;

/** Whether user namespaces with mounts can be made, tried once in a process. */
export function hasNamespaces(): boolean {
  namespacesMemo ??= canEnter("user");
  return namespacesMemo;
}

function waysToTry(): EntryWay[] {
  const status = readProcessStatus();
  return status.uid === 0 && capSysAdmin(status) ? ["root", "user"] : ["user"];
}

/** Whether mounts can be made in namespaces of that kind. */
export function canEnter(way: EntryWay): boolean {
  const unshare = findProgram("unshare", hostToolPath);
  if (unshare === undefined) return false;
  const mount = ["mount", "-t", "tmpfs", "tmpfs", "/usr"];
  const { status } = spawnSync(unshare, [...namespaceWords[way], ...mount], {
    env: { PATH: hostToolPath, LC_ALL: "C" },
    stdio: "ignore",
    timeout: 10_000,
  });
  return status === 0;
}

/** All that decides on it, as far as it can be read, in one word. */
function rightsHere(): string {
  const status = read("/proc/self/status").match(/^(Uid|CapEff|NoNewPrivs|Seccomp|Seccomp_filters):.*$/gm);
  const settings = ["user/max_user_namespaces", ...knobs].map((name) => read(`/proc/sys/${name}`));
  const text = [
    status,
    read("/proc/sys/kernel/random/boot_id"),
    read("/proc/self/attr/current"),
    settings,
  ].join();
  let hash = 0xcbf29ce484222325n;
  for (const unit of Buffer.from(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(unit)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}

const knobs = ["kernel/unprivileged_userns_clone", "kernel/apparmor_restrict_unprivileged_userns"];

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function remember(folder: string, name: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), "");
  } catch (error) {
    // A cache that cannot be written to makes the next start slower, nothing else.
    if (!/^(EROFS|EACCES|EPERM|ENOSPC|EDQUOT)$/.test((error as NodeJS.ErrnoException).code ?? ""))
      throw error;
  }
}
