/**
 * Answers for all that a copse.toml asks for: each of its environments, on each of its platforms. They stand in one
 * lock; where one of them has no answer, the lock is left as it was.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LockSummary } from "#build";
import { type Manifest, manifestExpression } from "#manifest";
import { checkManifest } from "#manifest/check";
import type { CommandLine } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { hostSystem } from "../host-system.ts";
import { openSession, type SessionChoices } from "../session.ts";
import { inManifest, type Project, targetOfProject } from "./project-target.ts";

export interface LockCall {
  readonly line: CommandLine;
  readonly context: CommandContext;
  /** Which answers are looked for anew. */
  readonly update?: SessionChoices["updateLock"];
  /** The folder of the lock, where it is not that of the project. */
  readonly lockFolder?: string;
  /** Marks of a merge conflict in the lock are taken out first. */
  readonly mends?: boolean;
}

/** @throws CopseError what evaluating and resolving throw; the lock is then as it was. */
export async function lockProject(manifest: Manifest, call: LockCall): Promise<LockSummary> {
  checkManifest(manifest);
  const file = join(call.lockFolder ?? manifest.folder, "copse.lock");
  const before = contentsOf(file);
  try {
    if (call.mends && (await import("#resolve")).mendLock(file))
      call.context.output.note("copse.lock had the marks of a merge conflict, and is mended");
    let summary: LockSummary | undefined;
    const systems = manifest.data.platforms?.length ? manifest.data.platforms : [hostSystem()];
    for (const system of systems) {
      const next = await lockOn(system, manifest, call);
      summary = summary?.changed ? { ...next, changed: true } : next;
    }
    return summary as LockSummary;
  } catch (error) {
    if (contentsOf(file) !== before) {
      if (before === undefined) rmSync(file, { force: true });
      else writeFileSync(file, before);
    }
    throw error;
  }
}

/** What they ask for stands in the same lock. */
const OTHER_FILES = ["shell.nix", "default.nix", "flake.nix"];

async function lockOn(system: string, manifest: Manifest, call: LockCall): Promise<LockSummary> {
  const { context } = call;
  const line = withValue(call.line, "--system", system);
  const expression = manifestExpression(manifest);
  await using session = openSession(line, context, {
    updateLock: call.update ?? false,
    manifest: manifest.file,
    // Solving takes metadata alone: nobody who adds a name wants to wait for gigabytes.
    examinesWheels: false,
  });
  for (const environment of [undefined, ...(manifest.data.env?.keys() ?? [])]) {
    const project: Project = { manifest, expression, environment, showTrace: context.output.showTrace };
    const target = {
      ...(await targetOfProject(project, { line, context })),
      project: call.lockFolder ?? manifest.folder,
    };
    await inManifest(project, () => session.derivations(target));
  }
  context.output.endProgress();
  if (!OTHER_FILES.some((name) => existsSync(join(manifest.folder, name)))) session.pruneLock();
  return session.lockSummary();
}

/** A command line on which an option has a value. */
function withValue(line: CommandLine, option: string, value: string): CommandLine {
  return { ...line, value: (name) => (name === option ? value : line.value(name)) };
}

function contentsOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
