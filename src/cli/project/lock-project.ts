/**
 * Answers for all that a copse.toml asks for: each of its environments, on each of its platforms. They stand in one
 * lock; where one of them has no answer, the lock is left as it was.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CopseError } from "#base";
import type { LockSummary } from "#build";
import { type Read, ReadRecorder } from "#build/warm";
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
  /** All is solved, and nothing written. */
  readonly isTrial?: boolean;
  /** Marks of a merge conflict in the lock are taken out first. */
  readonly mends?: boolean;
}

export interface LockOutcome {
  readonly summary: LockSummary;
  /** Contents of the lock: what there was, and what there is. */
  readonly before: string;
  readonly after: string;
  /** What the answers rest on, as it is now; undefined where that cannot be checked later. */
  readonly reads: readonly Read[] | undefined;
}

/**
 * Solving works on a copy of the lock, which becomes the lock when all is answered; whatever ends this process before
 * leaves it as it was. @throws CopseError what evaluating and resolving throw.
 */
export async function lockProject(manifest: Manifest, call: LockCall): Promise<LockOutcome> {
  checkManifest(manifest);
  const file = join(manifest.folder, LOCK_FILE);
  const before = contentsOf(file);
  if (call.line.has("--frozen")) {
    mustExist(before, file);
    const { summary, reads } = await lockAll(manifest, { ...call, lockFolder: manifest.folder });
    return { summary, before: before ?? "", after: before ?? "", reads: withFiles(reads, manifest) };
  }
  const folder = mkdtempSync(join(tmpdir(), "copse-lock-"));
  const copy = join(folder, LOCK_FILE);
  try {
    if (before !== undefined) writeFileSync(copy, before);
    const { mendLock, writeLock } = await import("#resolve");
    if (call.mends && mendLock(copy))
      call.context.output.note("copse.lock had the marks of a merge conflict, and is mended");
    const start = contentsOf(copy) ?? "";
    const { summary, reads } = await lockAll(manifest, { ...call, lockFolder: folder });
    const found = contentsOf(copy) ?? "";
    const changed = found !== (before ?? "");
    const isWritten = changed && !call.isTrial;
    const after = isWritten ? writeLock(file, { base: before ?? "", text: found }) : found;
    return {
      summary: { ...summary, path: file, changed },
      before: start,
      after,
      reads: call.isTrial ? undefined : withFiles(reads, manifest),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws CopseError `lock-absent`. */
function mustExist(contents: string | undefined, file: string): void {
  if (contents !== undefined) return;
  throw new CopseError("lock-absent", `There is no lock, and with --frozen none is made: \`${file}\``, {
    hint: "`copse lock` writes one; commit it with copse.toml",
  });
}

type PlacedLockCall = LockCall & { readonly lockFolder: string };

interface Locked {
  readonly summary: LockSummary;
  /** Undefined where some of them cannot be checked later. */
  readonly reads: readonly Read[] | undefined;
}

async function lockAll(manifest: Manifest, call: PlacedLockCall): Promise<Locked> {
  const systems = manifest.data.platforms?.length ? manifest.data.platforms : [hostSystem()];
  const all: Locked[] = [];
  for (const system of systems) all.push(await lockOn(system, manifest, call));
  const reads = all.some((one) => one.reads === undefined)
    ? undefined
    : all.flatMap((one) => one.reads ?? []);
  return { summary: (all.at(-1) as Locked).summary, reads };
}

/** With the project's own files, which are read beside the evaluation. */
function withFiles(reads: readonly Read[] | undefined, manifest: Manifest): readonly Read[] | undefined {
  const recorder = new ReadRecorder();
  recorder.file(manifest.file);
  recorder.file(join(manifest.folder, LOCK_FILE));
  for (const name of OTHER_FILES) recorder.fileKind(join(manifest.folder, name));
  const own = recorder.reads();
  return reads && own && [...reads, ...own];
}

const LOCK_FILE = "copse.lock";

/** What they ask for stands in the same lock. */
const OTHER_FILES = ["shell.nix", "default.nix", "flake.nix"];

async function lockOn(system: string, manifest: Manifest, call: PlacedLockCall): Promise<Locked> {
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
    const project: Project = {
      manifest,
      expression,
      environment,
      system,
      showTrace: context.output.showTrace,
    };
    const target = {
      ...(await targetOfProject(project, { line, context })),
      project: call.lockFolder,
    };
    await inManifest(project, () => session.derivations(target));
  }
  context.output.endProgress();
  if (!OTHER_FILES.some((name) => existsSync(join(manifest.folder, name)))) session.pruneLock();
  return { summary: session.lockSummary(), reads: session.reads() };
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
