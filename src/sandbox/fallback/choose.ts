/**
 * What is left where a machine lets nobody make namespaces: bwrap, where it is installed with rights of its own
 * (setuid, or by a rule of AppArmor's), else a tracer, where processes may be traced.
 */
import { spawnSync } from "node:child_process";
import { findProgram, hostToolPath } from "../host-programs.ts";

export type Fallback = "bubblewrap" | "tracer";

export function chooseFallback(): Fallback | undefined {
  if (canBubblewrap()) return "bubblewrap";
  return canTrace() ? "tracer" : undefined;
}

export function canBubblewrap(): boolean {
  const bwrap = findProgram("bwrap", hostToolPath);
  return bwrap !== undefined && succeeds(bwrap, ["--dev-bind", "/", "/", "--tmpfs", "/tmp", "true"]);
}

/**
 * Asked by perl, the one program that every Debian has and that can make any system call. Where there is none, the
 * tracer itself will find out.
 */
export function canTrace(): boolean {
  const perl = findProgram("perl", hostToolPath);
  if (perl === undefined) return true;
  const number = process.arch === "arm64" ? 117 : 101;
  return succeeds(perl, ["-e", `exit(syscall(${number}, 0, 0, 0, 0) == 0 ? 0 : 1)`]);
}

function succeeds(file: string, args: string[]): boolean {
  const env = { PATH: hostToolPath, LC_ALL: "C" };
  return spawnSync(file, args, { env, stdio: "ignore", timeout: 10_000 }).status === 0;
}
