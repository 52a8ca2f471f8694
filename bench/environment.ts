/**
 * The environment of examples/volume-report: cold (empty store and caches, downloads included), then warm.
 *
 *     npm run bench:environment
 *
 * Cold runs fetch some 250 MB from the configured mirror. Memory is that of all processes together, sampled.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, medianOf } from "./measure.ts";
import { type Row, report } from "./results.ts";

const copse = join(import.meta.dirname, "..", "bin", "copse");
const shell = join(import.meta.dirname, "..", "examples", "volume-report", "shell.nix");
const home = mkdtempSync(join(process.env["COPSE_BENCH_DIR"] ?? tmpdir(), "copse-bench-"));
const env = { HOME: home, XDG_CACHE_HOME: join(home, "cache"), COPSE_STORE: join(home, "store") };
const enter = [copse, "run", "-f", shell, "--", "true"];

try {
  const cold = await measure(enter, { env, sampleMemory: true });
  const warm = await medianOf(15, enter, { env });
  const node = await medianOf(15, [join(import.meta.dirname, "..", "bin", "node"), "-e", "0"], { env });
  const evaluated = await medianOf(5, [copse, "eval", "-f", shell, "-A", "drvPath"], { env });
  const rows: Row[] = [
    { name: "cold, downloads included", unit: "s", copse: cold.wallSeconds },
    { name: "cold, processor", unit: "CPU s", copse: cold.cpuSeconds },
    { name: "cold, peak memory of all processes", unit: "MB", copse: cold.peakMegabytes ?? Number.NaN },
    {
      name: "warm entry of `true`, peer: Node alone",
      unit: "s",
      copse: warm.wallSeconds,
      peer: node.wallSeconds,
    },
    { name: "warm entry, processor", unit: "CPU s", copse: warm.cpuSeconds, peer: node.cpuSeconds },
    { name: "evaluation of shell.nix, nothing to build", unit: "CPU s", copse: evaluated.cpuSeconds },
  ];
  report("environment", { title: "The environment of examples/volume-report", rows });
} finally {
  rmSync(home, { recursive: true, force: true });
}
