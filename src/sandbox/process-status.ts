/** What /proc/self/status says about the rights of this process. */
import { readFileSync } from "node:fs";

export interface ProcessStatus {
  /** Effective ids. */
  readonly uid: number;
  readonly gid: number;
  /** Octal, as the shell's umask takes it. */
  readonly umask: string;
  readonly capabilities: bigint;
}

export function readProcessStatus(): ProcessStatus {
  const text = readFileSync("/proc/self/status", "latin1");
  const field = (name: string) => text.match(new RegExp(`^${name}:\t(.*)$`, "m"))?.[1] ?? "";
  return {
    uid: Number(field("Uid").split("\t")[1]),
    gid: Number(field("Gid").split("\t")[1]),
    umask: field("Umask") || "022",
    capabilities: BigInt(`0x${field("CapEff") || "0"}`),
  };
}

/** Whether mounts can be made without a user namespace. */
export function capSysAdmin(status: ProcessStatus): boolean {
  return ((status.capabilities >> 21n) & 1n) === 1n;
}
