/**
 * Starting a builder with launch.pl. Its request is words that each end with NUL, which nothing of a derivation can
 * hold: the name of what follows, how many values, the values. Text of ours is UTF-8, a derivation's is bytes as they are.
 */
import { spawn } from "node:child_process";
import { basename } from "node:path";
import type { Readable, Writable } from "node:stream";
import { type ByteString, bytesFromByteString, CopseError, installedPath } from "#base";
import { findProgram, hostToolPath } from "../host-programs.ts";
import { collect, killAll, killBuilder } from "./chain.ts";
import type { Step } from "./root-steps.ts";
import type { BuildSandboxIo, BuildSandboxResult } from "./spec.ts";

/** Numbers of unshare(2). */
const NAMESPACES = {
  mounts: 0x00020000,
  names: 0x04000000,
  ipc: 0x08000000,
  users: 0x10000000,
  processes: 0x20000000,
  network: 0x40000000,
} as const;

/** Who a builder is in a user namespace of its own. */
const IDS_INSIDE = ["1000", "100"];

export interface Launch {
  /** None, or "processes" and others: then the first process in them takes the steps. */
  readonly namespaces: readonly (keyof typeof NAMESPACES)[];
  readonly steps: readonly Step[];
  readonly env: Readonly<Record<ByteString, ByteString>>;
  readonly argv: readonly [ByteString, ...ByteString[]];
  /** Where the builder starts. */
  readonly directory: ByteString;
  /** The derivation's. */
  readonly system: string;
  /** See syscall-filter.ts. */
  readonly filter: string | undefined;
  /** Whom the builder runs as instead of the caller, who is root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

export interface Launched {
  /** Whether it came to the builder. */
  readonly started: boolean;
  /** What the launcher had to say if it did not. */
  readonly troubles: string;
  readonly result: BuildSandboxResult;
}

let perlMemo: string | undefined | null = null;

/** Undefined where builders must be started without. */
export function findPerl(): string | undefined {
  if (perlMemo === null) {
    const isKnown = process.arch === "x64" || process.arch === "arm64";
    perlMemo = isKnown ? findProgram("perl", hostToolPath) : undefined;
  }
  return perlMemo;
}

/** Between a builder's closing its output and its end. */
const EXIT_MS = 500;

/**
 * `endAll` ends what has been started, at an abort; default: process 1 of the namespaces, and all others with it.
 * `afterEnd` is called when the builder has ended, while what it left behind may hold its output open.
 */
export function launch(
  perl: string,
  what: Launch,
  io: BuildSandboxIo,
  { endAll = killAll, afterEnd }: { endAll?: typeof killAll; afterEnd?: typeof killAll } = {},
): Promise<Launched> {
  const child = spawn(perl, [installedPath("src/sandbox/build/launch.pl")], {
    env: { PATH: hostToolPath, LC_ALL: "C" },
    cwd: "/",
    // A session of its own: Ctrl-C at the terminal is copse's to handle, not the builder's.
    detached: true,
    stdio: "pipe",
  });
  // One that ends early says why.
  (child.stdin as Writable).on("error", () => {}).end(encodeRequest(what));
  const said = collect(child.stderr as Readable);
  (child.stdout as Readable).on("data", (chunk: Buffer) => io.onOutput(chunk));
  // As under Nix, a builder that closes its output has ended, whatever else it would do. Many programs close it as the last
  // thing before they exit: these are left the time to.
  const depth = what.namespaces.length > 0 ? 2 : 0;
  (child.stdout as Readable).once("end", () => {
    setTimeout(() => killBuilder(child, depth), EXIT_MS).unref();
  });
  const onAbort = () => endAll(child);
  io.signal?.addEventListener("abort", onAbort, { once: true });
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new CopseError("sandbox-setup", "Cannot start the sandbox", { cause })),
    );
    if (afterEnd) child.once("exit", () => afterEnd(child));
    child.once("close", (exitCode, signal) => {
      io.signal?.removeEventListener("abort", onAbort);
      const troubles = said();
      if (io.signal?.aborted) reject(io.signal.reason);
      else resolve({ started: troubles.startsWith("started\n"), troubles, result: { exitCode, signal } });
    });
  });
}

const ADDR_NO_RANDOMIZE = 0x0040000;
const PER_LINUX32 = 8;

function encodeRequest(what: Launch): Buffer {
  const is32Bit = what.system === "i686-linux" && process.arch === "x64";
  const unshared = what.namespaces.reduce((sum, name) => sum | NAMESPACES[name], 0);
  const bytes = (values: readonly ByteString[]) => values.map(bytesFromByteString);
  // As Nix has it, a builder is called by its file's name.
  const called = [what.argv[0], basename(what.argv[0]), ...what.argv.slice(1)];
  const stack = stackLimit();
  const items: [name: string, values: readonly (string | Uint8Array)[]][] = [
    ["parent", [String(process.pid)]],
    ["unshare", [String(unshared)]],
    ["ids", IDS_INSIDE],
    ["personality", [String(ADDR_NO_RANDOMIZE | (is32Bit ? PER_LINUX32 : 0))]],
    ...what.steps.map((step): [string, readonly string[]] => ["step", step]),
    ["directory", bytes([what.directory])],
    ["words", bytes(called)],
    ["variables", bytes(Object.entries(what.env).map(([name, value]) => `${name}=${value}`))],
    ...(what.user ? [["user", [String(what.user.uid), String(what.user.gid)]] as [string, string[]]] : []),
    ...(what.filter ? [["filter", [what.filter]] as [string, string[]]] : []),
    ...(stack ? [["stack", [stack]] as [string, string[]]] : []),
    ["end", ["1"]],
  ];
  return Buffer.concat(
    items.flatMap(([name, values]) => [name, String(values.length), ...values].map(encodeWord)),
  );
}

const NUL = Buffer.alloc(1);

function encodeWord(word: string | Uint8Array): Buffer {
  const bytes = typeof word === "string" ? Buffer.from(word) : word;
  if (bytes.includes(0)) throw new CopseError("sandbox-setup", "What a builder is given has a NUL character");
  return Buffer.concat([bytes, NUL]);
}

/** The limit in bytes that copse was started with: its own is larger. */
function stackLimit(): string | undefined {
  const limit = process.env["COPSE_STACK_LIMIT"] ?? "";
  if (limit === "unlimited") return "18446744073709551615";
  return /^\d{1,15}$/.test(limit) ? String(Number(limit) * 1024) : undefined;
}
