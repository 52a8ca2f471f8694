/** Result files: which machine, which versions, which commit, and the rows. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Measurement, Pair } from "./measure.ts";

export interface Row {
  readonly name: string;
  /** What the figures are in: `CPU s`, `s`, `MB`. */
  readonly unit: string;
  readonly copse: number;
  readonly peer?: number | undefined;
}

export interface Result {
  readonly title: string;
  readonly peer?: string;
  readonly rows: readonly Row[];
}

/** Medians of wall and of processor time. */
export function timeRows(name: string, { ours, theirs }: Pair): Row[] {
  const median = (of: readonly Measurement[], key: "wallSeconds" | "cpuSeconds") =>
    of.map((each) => each[key]).sort((a, b) => a - b)[of.length >> 1] as number;
  return (["wallSeconds", "cpuSeconds"] as const).map((key) => ({
    name: `${name}, ${key === "wallSeconds" ? "wall" : "processor"}`,
    unit: key === "wallSeconds" ? "s" : "CPU s",
    copse: median(ours, key),
    peer: median(theirs, key),
  }));
}

const root = join(import.meta.dirname, "..");

export function report(name: string, result: Result): void {
  for (const row of result.rows) console.log(formatRow(row));
  const dir = join(root, "bench", "results");
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ ...machine(), ...result }, null, 2)}\n`);
  console.log(`written: bench/results/${name}.json`);
}

function formatRow({ name, unit, copse, peer }: Row): string {
  const ours = `${copse.toPrecision(3)} ${unit}`.padStart(14);
  if (peer === undefined) return `${name.padEnd(44)} ${ours}`;
  return `${name.padEnd(44)} ${ours}   peer ${`${peer.toPrecision(3)} ${unit}`.padStart(12)}   ratio ${(copse / peer).toFixed(2)}`;
}

function machine(): object {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}`,
    node: process.version,
    commit: `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") === "" ? "" : " with changes"}`,
    date: new Date().toISOString().slice(0, 10),
  };
}
