/**
 * A program in the sandbox, which shows it the closure of its inputs and nothing else. With `sandboxRoot` the view of
 * that root is `/`; without it there is nothing but the store and what the setting `sandbox-paths` names.
 */
import { realpathSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type ByteString, byteStringFromText } from "#base";
import { cacheDirectory } from "#fetch/cache";
import { fixedOutput, rewriteText, type StorePath, storePathBase } from "#format";
import { type HostPath, runSandboxed } from "#sandbox";
import { findTracer } from "#sandbox/fallback";
import type { BuildTask } from "../context.ts";
import type { DerivationOptions } from "../derivation-options.ts";
import { viewOf, viewsAmong } from "../views.ts";
import { prepareEnvironment, type Rewrites } from "./environment.ts";
import { checkOutcome, fromShell } from "./outcome.ts";
import { placeholdersOf } from "./placeholders.ts";
import { builtAt } from "./redirection.ts";
import { ownFeatures } from "./requirements.ts";
import { parseSandboxPaths } from "./sandbox-paths.ts";
import { takeOutput } from "./take-outputs.ts";

/** Throws CopseError `build-failed`, `sandbox-setup`, and what taking the outputs throws. */
export async function buildInSandbox(task: BuildTask, options: DerivationOptions): Promise<void> {
  const { store, nix } = task.services;
  const root = task.drv.env.get("sandboxRoot") as StorePath | undefined;
  const workDir = await task.workDir();
  const chrootStoreDir = join(workDir, "store");
  const buildDir = await task.buildDir();
  await mkdir(chrootStoreDir, { recursive: true });
  const seenAt = byteStringFromText(nix["sandbox-build-dir"]);
  const rewrites = placeholdersOf(task.drv, (output) => builtAt(task, output));
  const env = await prepareEnvironment(task, { options, buildDir, seenAt, rewrites });
  const network = fixedOutput(task.drv) !== undefined;
  const result = await runSandboxed(
    {
      root: root === undefined ? { kind: "empty" } : { kind: "view", dir: await viewOf(task, root) },
      storeMounts: task.inputs.map((path) => ({ source: store.realPath(path), target: path })),
      viewMounts: await viewsAmong(task),
      chrootStoreDir,
      buildDir,
      buildDirInside: nix["sandbox-build-dir"],
      network,
      env: Object.fromEntries(env),
      argv: builderArguments(task, rewrites),
      system: task.drv.system,
      tracer: findTracer(cacheDirectory(task.services.env)),
      sharedMemorySize: nix["sandbox-dev-shm-size"],
      filterSyscalls: nix["filter-syscalls"],
      kvm: ownFeatures(nix).has("kvm"),
      hostPaths: [...parseSandboxPaths(nix["sandbox-paths"]), ...(network ? certificates(task) : [])],
    },
    { signal: task.signal, onOutput: task.log },
  );
  checkOutcome(task, fromShell(result), buildDir);
  for (const name of task.drv.outputs.keys()) {
    takeOutput(task, { name, made: join(chrootStoreDir, storePathBase(builtAt(task, name))) });
  }
}

export function builderArguments(task: BuildTask, rewrites: Rewrites): [ByteString, ...ByteString[]] {
  return [task.drv.builder, ...task.drv.args.map((argument) => rewriteText(argument, rewrites))];
}

const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** The authorities for TLS, for builds that download. A root has its own. */
function certificates({ drv, services: { nix, env } }: BuildTask): HostPath[] {
  if (drv.env.has("sandboxRoot")) return [];
  const named = nix["ssl-cert-file"] || env["NIX_SSL_CERT_FILE"] || env["SSL_CERT_FILE"] || CERTIFICATES;
  try {
    return [{ target: CERTIFICATES, source: realpathSync(named), optional: true }];
  } catch {
    return [];
  }
}
