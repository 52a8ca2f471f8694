/**
 * What the commands of copse work on: the environment that copse.toml describes, where there is one, else a file or an
 * expression of the Nix language.
 */
import { byteStringFromText, CopseError, nearestNames, type Span } from "#base";
import type { Target } from "#build/warm";
import type { Manifest, ManifestExpression } from "#manifest";
import type { CommandLine, Option } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { exprTarget, readTarget, type TargetDefaults } from "../target.ts";
import { manifestOfCall } from "./find-manifest.ts";

export const ENVIRONMENT_OPTION: Option = {
  names: ["--env", "-e"],
  values: ["NAME"],
  help: "the environment, of those below [env] in copse.toml",
};

export interface Project {
  readonly manifest: Manifest;
  readonly expression: ManifestExpression;
  /** Undefined for the default one. */
  readonly environment: string | undefined;
  /** Where it is not this machine's. */
  readonly system?: string;
  /** Whether errors say what led to them inside of the package set. */
  readonly showTrace: boolean;
}

export interface ProjectTarget {
  readonly target: Target;
  /** Where copse.toml says what the target is. */
  readonly project: Project | undefined;
}

/** @throws CopseError what reading copse.toml or `readTarget` throws, and `environment-unknown`. */
export async function readProjectTarget(
  line: CommandLine,
  context: CommandContext,
  defaults: TargetDefaults,
): Promise<ProjectTarget> {
  const named = line.value("--file") ?? defaults.positionals?.[0];
  const file =
    defaults.expr === undefined
      ? manifestOfCall(line, context, { named, others: defaults.files })
      : undefined;
  if (file === undefined) {
    const environment = line.value("--env");
    if (environment !== undefined) {
      throw new CopseError(
        "environment-unknown",
        `Only copse.toml has environments by name: \`${environment}\``,
        {
          hint: "there is no copse.toml here; name an attribute of a .nix file with -A",
        },
      );
    }
    return { target: readTarget(line, context, defaults), project: undefined };
  }
  return await projectTargetOf(file, { line, context, environment: line.value("--env") });
}

export interface ProjectCall {
  readonly line: CommandLine;
  readonly context: CommandContext;
  readonly environment: string | undefined;
}

export async function projectTargetOf(
  file: string,
  call: ProjectCall,
): Promise<ProjectTarget & { readonly project: Project }> {
  const { manifestExpression, readManifest } = await import("#manifest");
  const manifest = readManifest(file);
  const project = {
    manifest,
    expression: manifestExpression(manifest),
    environment: call.environment,
    showTrace: call.context.output.showTrace,
  };
  return { project, target: await targetOfProject(project, call) };
}

/** @throws CopseError `environment-unknown`. */
export async function targetOfProject(
  { manifest, expression, environment }: Project,
  { line, context }: Pick<ProjectCall, "line" | "context">,
): Promise<Target> {
  const { environmentAttribute } = await import("#manifest");
  const names = [...(manifest.data.env?.keys() ?? [])];
  if (environment !== undefined && !names.includes(environment)) throw unknownEnvironment(environment, names);
  const attrPath = [environmentAttribute(environment), line.value("--attr") ?? ""].filter(Boolean).join(".");
  const { folder } = manifest;
  return { ...exprTarget(expression.text, { line, context, attrPath, baseDir: folder }), project: folder };
}

function unknownEnvironment(name: string, names: readonly string[]): CopseError {
  const near = nearestNames(name, names);
  const known =
    names.length > 0 ? `environments are ${names.join(", ")}` : "copse.toml has no [env] of any name";
  return new CopseError("environment-unknown", `There is no such environment: \`${name}\``, {
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : known,
  });
}

/** Does what may fail in the expression of a manifest; what fails is then shown in the manifest. */
export async function inManifest<T>(project: Project | undefined, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!project || !(error instanceof CopseError)) throw error;
    const unlocked =
      error.code === "lock-missing" ? (await import("./frozen-lock.ts")).unlockedIn(project) : undefined;
    if (unlocked) throw unlocked;
    await showInManifest(error, project);
    throw error;
  }
}

async function showInManifest(error: CopseError, project: Project): Promise<void> {
  const { manifest, expression } = project;
  const { environmentsOf, normalisedName, placeOf } = await import("#manifest");
  const text = byteStringFromText(expression.text);
  const mapped = (span: Span | undefined): Span | undefined => {
    if (!span || span.source.text !== text) return span;
    const around = expression.marks
      .filter((mark) => mark.start <= span.start && span.start <= mark.end)
      .sort((a, b) => a.end - a.start - (b.end - b.start))[0];
    return around && placeOf(manifest, around.origin);
  };
  error.span = mapped(error.span);
  // What an address leads to fails by many codes; the address itself is in the message.
  const url = / @ (\S+)`$/.exec(error.message)?.[1];
  const isOfPackage = url !== undefined || error.code.startsWith("python-");
  if (error.span?.source.text !== manifest.source.text && isOfPackage) {
    const entries = environmentsOf(manifest).flatMap(({ python }) => python);
    const at = (requirement: string) => url !== undefined && ` ${requirement} `.includes(` @ ${url} `);
    const entry = namesIn(error)
      .map((named) =>
        entries.find(
          ({ name, requirement }) =>
            at(requirement) || requirement === named || name === normalisedName(named),
        ),
      )
      .find((found) => found !== undefined);
    error.span = entry && placeOf(manifest, entry.origin);
  }
  const shown = project.showTrace ? error.trace : [];
  const frames = shown.map(({ span, ...frame }) => ({ ...frame, span: mapped(span) }));
  error.trace.splice(0, error.trace.length, ...frames);
  for (const related of error.related) await showInManifest(related, project);
}

/** A solver knows names, not places: what it would have changed, else what it was asked for. */
function namesIn({ hint = "", message }: CopseError): string[] {
  const quoted = (text: string) => [...text.matchAll(/`([^`]*)`/g)].map(([, inside = ""]) => inside);
  return [...quoted(hint), ...quoted(message)].flatMap((text) => [text, ...text.split(", ")]);
}
