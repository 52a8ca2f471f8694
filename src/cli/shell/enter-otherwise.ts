/**
 * Entering a root where the machine lets nobody make namespaces: by bwrap if that has the right to, else by a tracer,
 * which is slower. Loaded only there.
 */
import { accessSync, constants, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CopseError } from "#base";
import { provideTracer, Session } from "#build";
import { cacheDirectory } from "#fetch/cache";
import { findMount, probeHost } from "#sandbox";
import type { EntryPlan, EntrySpec } from "#sandbox/entry";
import { chooseFallback, planBubblewrap, planTraced } from "#sandbox/fallback";
import type { CommandContext } from "../command.ts";
import { hostSystem } from "../host-system.ts";

/** Throws CopseError with the code and the remedy of what forbids it. */
export async function planOtherwise(spec: EntrySpec, context: CommandContext): Promise<EntryPlan> {
  const fallback = chooseFallback();
  if (fallback === undefined) throw await whyNot();
  if (spec.isWritable) {
    throw new CopseError("sandbox-overlay", "A writable layer takes namespaces, which this machine forbids", {
      hint: "`copse doctor` says what an administrator can do",
    });
  }
  const cacheDir = cacheDirectory(context.env);
  const scratch = join(cacheDir, "entry", basename(spec.viewDir));
  mkdirSync(scratch, { recursive: true });
  const options = { scratch, temporary: executableFolder(cacheDir) };
  if (fallback === "bubblewrap") return planBubblewrap(spec, options);
  const tracer = await provideTracer(sessionOptions(context), (given) => new Session(given));
  context.output.endProgress();
  return planTraced(spec, { ...options, tracer });
}

function sessionOptions(context: CommandContext) {
  return {
    env: context.env,
    settings: context.settings,
    system: hostSystem(),
    frozen: false,
    updateLock: false,
    progress: context.output.progress.bind(context.output),
    get signal() {
      return context.signal;
    },
  };
}

/** The tracer starts programs through a file of its own, which a folder that is mounted noexec does not let it. */
function executableFolder(cacheDir: string): string {
  const candidates = [tmpdir(), cacheDir];
  return (
    candidates.find((folder) => isWritable(folder) && !findMount(folder)?.options.has("noexec")) ?? tmpdir()
  );
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function whyNot(): Promise<CopseError> {
  const [problem] = (await probeHost()).problems;
  if (problem) return new CopseError(problem.code, problem.message, { hint: problem.remedy });
  return new CopseError("sandbox-mount", "This machine lets no environment be entered", {
    hint: "`copse doctor` shows what was tried",
  });
}
