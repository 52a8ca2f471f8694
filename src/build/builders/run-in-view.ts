/** How `src/root` runs a program of a root: in the same sandbox as builders, with the view as `/`. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { byteStringFromText } from "#base";
import { cacheDirectory } from "#fetch/cache";
import type { RunInView } from "#root";
import { runSandboxed } from "#sandbox";
import { findTracer } from "#sandbox/fallback";
import type { BuildTask } from "./context.ts";

const STDERR_KEPT = 16_384;

/** Standard output goes to a file in the build's folder, as the sandbox hands on one stream only. */
const REDIRECT = 'exec "$@" >/build/stdout';

export function runInView(task: BuildTask): RunInView {
  let runs = 0;
  return async (viewDir, argv, options) => {
    const dir = join(await task.workDir(), `run-${runs++}`);
    const buildDir = join(dir, "build");
    const chrootStoreDir = join(dir, "store");
    await mkdir(buildDir, { recursive: true });
    await mkdir(chrootStoreDir);
    let stderr = "";
    const result = await runSandboxed(
      {
        root: { kind: "view", dir: viewDir },
        storeMounts: [],
        chrootStoreDir,
        buildDir,
        binds: options.binds,
        network: false,
        tracer: findTracer(cacheDirectory(task.services.env)),
        env: Object.fromEntries(
          Object.entries(options.env).map((entry) => entry.map(byteStringFromText) as [string, string]),
        ),
        argv: ["/bin/sh", "-c", REDIRECT, "sh", ...argv.map(byteStringFromText)],
      },
      {
        signal: options.signal ?? task.signal,
        onOutput(chunk) {
          task.log(chunk);
          stderr = (stderr + Buffer.from(chunk).toString("utf8")).slice(-STDERR_KEPT);
        },
      },
    );
    return { exitCode: result.exitCode ?? 137, stdout: await readFile(join(buildDir, "stdout")), stderr };
  };
}
