/** Runs the planned programs in a view and takes what they wrote into the delta. */
import { copyFileSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { type ByteString, byteStringFromText, mapConcurrently } from "#base";
import { fsPath, readDirectory } from "../byte-path.ts";
import { BUILD_ENVIRONMENT, type RunInView, runOrThrow } from "../run-in-view.ts";
import type { ToolRun } from "../triggers/tool-triggers.ts";
import type { RootContext } from "./root-context.ts";

export interface RunToolsOptions {
  readonly viewDir: string;
  readonly workDir: string;
  readonly runInView: RunInView;
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
}

export async function runTools(
  root: RootContext,
  runs: readonly ToolRun[],
  options: RunToolsOptions,
): Promise<void> {
  const { runInView, viewDir, workDir, concurrency: limit } = options;
  const outputs = await mapConcurrently(
    runs,
    { limit, ...(options.signal && { signal: options.signal }) },
    async (run, signal, index) => {
      const directory = `${workDir}/tool-${index}`;
      prepare(root, run, byteStringFromText(directory));
      const binds = [{ source: directory, target: run.outputAt, isWritable: true }];
      const { stdout } = await runOrThrow(runInView, viewDir, {
        argv: run.argv,
        env: BUILD_ENVIRONMENT,
        binds,
        signal,
      });
      return { run, directory: byteStringFromText(directory), stdout };
    },
  );
  for (const { run, directory, stdout } of outputs) {
    if (run.stdoutTo !== undefined) root.delta.file(run.stdoutTo, stdout);
    collect(root, run, { directory, prefix: "" });
  }
}

function prepare(root: RootContext, run: ToolRun, directory: ByteString): void {
  mkdirSync(fsPath(directory), { recursive: true });
  for (const [name, path] of run.inputs ?? []) {
    const node = root.tree.lookup(path);
    if (node?.kind !== "file") continue;
    mkdirSync(fsPath(dirname(`${directory}/${name}`)), { recursive: true });
    copyFileSync(fsPath(node.realPath), fsPath(`${directory}/${name}`));
  }
  for (const [name, target] of run.links ?? []) symlinkSync(fsPath(target), fsPath(`${directory}/${name}`));
}

function collect(root: RootContext, run: ToolRun, at: { directory: ByteString; prefix: ByteString }): void {
  for (const entry of readDirectory(`${at.directory}/${at.prefix}`)) {
    const name = at.prefix + entry.name;
    const real = `${at.directory}/${name}`;
    if (entry.isDirectory()) {
      collect(root, run, { directory: at.directory, prefix: `${name}/` });
      continue;
    }
    const path = run.accept(name);
    if (path === undefined) continue;
    if (entry.isSymbolicLink()) root.delta.link(path, readlinkSync(fsPath(real), { encoding: "latin1" }));
    else if (entry.isFile()) {
      const isExecutable = (statSync(fsPath(real)).mode & 0o111) !== 0;
      root.delta.file(path, readFileSync(fsPath(real)), { isExecutable });
    }
  }
}
