/**
 * An environment that is ready to be entered: from the record of an earlier evaluation where nothing has changed
 * since, else by evaluating and building first.
 */
import {
  type Environment,
  type EnvironmentOptions,
  evaluationKey,
  openRecordStore,
  type Target,
} from "#build/warm";
import { cacheDirectory } from "#fetch/cache";
import type { StorePath } from "#format";
import { locateStore } from "#store/place";
import type { CommandLine } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { hostSystem } from "../host-system.ts";
import { inManifest, type Project } from "../project/project-target.ts";

export interface EnvironmentSource {
  readonly line: CommandLine;
  readonly context: CommandContext;
  readonly options?: EnvironmentOptions;
  /** Where copse.toml says what the target is. */
  readonly project?: Project | undefined;
}

export async function environmentOfTarget(
  target: Target,
  { line, context, options = {}, project }: EnvironmentSource,
): Promise<Environment> {
  const { env, settings } = context;
  const variable = (name: string): string => env[name] ?? "";
  const records = openRecordStore({ cacheDir: cacheDirectory(env), variable });
  const request = {
    target,
    store: locateStore(env, { store: settings.store }).realStoreDir,
    system: hostSystem(),
    frozen: line.has("--frozen"),
    settings: evaluationKey(settings),
    options,
  };
  const known = records.find(request);
  if (known) return known;
  if (project) (await import("#manifest/check")).checkManifest(project.manifest);
  const { openSession } = await import("../session.ts");
  await using session = openSession(line, context, { manifest: project?.manifest.file });
  const made = await inManifest(project, () => session.environment(target, options));
  if (made.reads) records.save(request, made.reads, made.environment);
  context.output.endProgress();
  return made.environment;
}

/** The environment of a derivation that is in the store. The target says where `<nixpkgs>` is. */
export async function environmentOfDerivation(
  drvPath: StorePath,
  { line, context, options = {}, target }: EnvironmentSource & { readonly target: Target },
): Promise<Environment> {
  const { openSession } = await import("../session.ts");
  await using session = openSession(line, context);
  const environment = await session.environmentOf(drvPath, { ...options, target });
  context.output.endProgress();
  return environment;
}
