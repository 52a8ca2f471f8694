/**
 * The personality of a builder's process: without address space randomisation, as builds under Nix have it, and for
 * 32-bit systems with uname(2) saying so. Where a container forbids changing it, builds run without.
 */
import { spawn } from "node:child_process";
import { findProgram, hostToolPath } from "../host-programs.ts";

const memo = new Map<string, Promise<readonly string[]>>();

/** Words that go before a command. `system` is the derivation's. */
export function personalityWords(system: string): Promise<readonly string[]> {
  const architecture = system === "i686-linux" && process.arch === "x64" ? ["i686"] : [];
  const key = architecture.join("");
  const known = memo.get(key);
  if (known) return known;
  const words = tryWords(architecture);
  memo.set(key, words);
  return words;
}

async function tryWords(architecture: readonly string[]): Promise<readonly string[]> {
  const setarch = findProgram("setarch", hostToolPath);
  if (setarch === undefined) return [];
  const words = [setarch, ...architecture, "--addr-no-randomize"];
  const child = spawn(setarch, [...words.slice(1), "/bin/true"], { stdio: "ignore" });
  const code = await new Promise((resolve) => child.once("error", () => resolve(1)).once("close", resolve));
  return code === 0 ? words : [];
}
