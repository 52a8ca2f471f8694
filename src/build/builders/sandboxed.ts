/**
 * An ordinary derivation: its program, run in a sandbox that shows the closure of its inputs and nothing else.
 * With `sandboxRoot` the view of that root is `/`; without it there is nothing but the store.
 */
import { lstatSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { CopseError, textFromByteString } from "#base";
import { fixedOutput, type StorePath, storePathBase } from "#format";
import { runSandboxed } from "#sandbox";
import { type BuildTask, words } from "./context.ts";
import { buildEnvironment } from "./environment.ts";
import { viewOf, viewsAmong } from "./views.ts";

/** How much of a failed build's output goes into the error. */
const LOG_LINES_SHOWN = 20;
const LOG_BYTES_KEPT = 16_384;

export async function buildInSandbox(task: BuildTask): Promise<void> {
  checkSystem(task);
  checkFeatures(task);
  const { store } = task.services;
  const root = task.drv.env.get("sandboxRoot") as StorePath | undefined;
  const workDir = await task.workDir();
  const chrootStoreDir = join(workDir, "store");
  const buildDir = join(workDir, "build");
  await mkdir(chrootStoreDir, { recursive: true });
  await mkdir(buildDir, { recursive: true });
  let tail = "";
  const result = await runSandboxed(
    {
      root: root === undefined ? { kind: "empty" } : { kind: "view", dir: await viewOf(task, root) },
      storeMounts: task.inputs.map((path) => ({ source: store.realPath(path), target: path })),
      viewMounts: await viewsAmong(task),
      chrootStoreDir,
      buildDir,
      network: fixedOutput(task.drv) !== undefined,
      env: await buildEnvironment(task, buildDir),
      argv: [task.drv.builder, ...task.drv.args].map(textFromByteString) as [string, ...string[]],
    },
    {
      signal: task.signal,
      onOutput(chunk) {
        task.log(chunk);
        tail = (tail + Buffer.from(chunk).toString("latin1")).slice(-LOG_BYTES_KEPT);
      },
    },
  );
  if (result.exitCode !== 0) throw buildFailed(task, result, lastLines(tail));
  for (const [name, output] of task.drv.outputs) {
    await takeOutput(task, { name, made: join(chrootStoreDir, storePathBase(output.path as StorePath)) });
  }
}

async function takeOutput(
  task: BuildTask,
  output: { readonly name: string; readonly made: string },
): Promise<void> {
  const hashAlgo = task.drv.outputs.get(output.name)?.hashAlgo ?? "";
  const isFlat = hashAlgo !== "" && !hashAlgo.startsWith("r:");
  if (isFlat && lstatSync(output.made, { throwIfNoEntry: false })?.isFile() === false) {
    throw new CopseError("output-not-flat", `Output with a flat hash is not a file: \`${task.drv.name}\``, {
      hint: 'for a folder, set outputHashMode = "recursive"',
    });
  }
  try {
    await rename(output.made, task.outputs.get(output.name) as string);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new CopseError(
      "output-missing",
      `Builder of ${task.drv.name} succeeded without making its output: \`${output.name}\``,
      {
        hint: `the builder must write to $${output.name}`,
      },
    );
  }
}

/** Systems whose programs run here. */
const SYSTEMS: Readonly<Partial<Record<NodeJS.Architecture, readonly string[]>>> = {
  x64: ["x86_64-linux", "i686-linux"],
  arm64: ["aarch64-linux"],
};

function checkSystem({ drv }: BuildTask): void {
  const here = SYSTEMS[process.arch] ?? [];
  if (here.includes(drv.system)) return;
  throw new CopseError("system-other", `Derivation ${drv.name} is for another machine: \`${drv.system}\``, {
    hint: `programs of ${here.join(" and ")} run here`,
  });
}

/** System features that builds here can rely on. */
const FEATURES: ReadonlySet<string> = new Set(["copse-root", "benchmark", "big-parallel", "nixos-test"]);

function checkFeatures(task: BuildTask): void {
  const missing = words(task, "requiredSystemFeatures").filter((feature) => !FEATURES.has(feature));
  if (missing.length === 0) return;
  throw new CopseError(
    "feature-missing",
    `Derivation ${task.drv.name} needs a system feature that is not here: \`${missing.join(" ")}\``,
  );
}

function lastLines(tail: string): string[] {
  const lines = Buffer.from(tail, "latin1").toString("utf8").split("\n");
  return lines.filter((line) => line !== "").slice(-LOG_LINES_SHOWN);
}

function buildFailed(
  task: BuildTask,
  result: { readonly exitCode: number | null; readonly signal: string | null },
  lines: readonly string[],
): CopseError {
  const how = result.signal === null ? `exit code ${result.exitCode}` : `signal ${result.signal}`;
  const log =
    lines.length === 0
      ? "it printed nothing"
      : `the last lines of its log:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  const rootless =
    result.exitCode === 127 && !task.drv.env.has("sandboxRoot")
      ? "without a `sandboxRoot` a builder sees the store and nothing else, not even /bin/sh: runCommand brings a root\n"
      : "";
  return new CopseError("build-failed", `Builder failed with ${how}: \`${task.drvPath}\``, {
    hint: `${rootless}${log}\n\`copse log ${textFromByteString(task.drvPath)}\` shows all of it`,
  });
}
