/**
 * What the form of copse.toml does not say: that names which are referred to exist, that requirements are requirements,
 * that nothing waits for itself. All faults are collected, each with its place.
 */
import { CopseError, nearestNames } from "#base";
import { parseRequirement } from "#format/python";
import { parseRDemand } from "#format/r";
import { dataMembers, dataVariable } from "../expression/data.ts";
import { environmentsOf, type Placed } from "../expression/environments.ts";
import { checkVariable } from "../expression/expression.ts";
import { type PackageEntry, packageEntries } from "../expression/package-entries.ts";
import { type Manifest, type ManifestPath, placeOf } from "../manifest.ts";
import { throwFaults } from "../schema/read.ts";
import { servicesInOrder } from "../services.ts";
import { tasksInOrder } from "../tasks.ts";

/** @throws CopseError with all that is wrong. */
export function checkManifest(manifest: Manifest): void {
  const faults = new Map<string, CopseError>();
  const check = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof CopseError)) throw error;
      // A circle shows from each of its members.
      const isCircle = error.code.endsWith("-cycle");
      if (isCircle && [...faults.values()].some(({ code }) => code === error.code)) return;
      // One mistake shows in every environment that it is part of.
      faults.set(`${error.span?.start} ${error.message}`, error);
    }
  };
  checkRequirements(manifest, check);
  checkCommands(manifest, check);
  checkData(manifest, check);
  throwFaults([...faults.values()]);
}

type Check = (action: () => void) => void;

function checkRequirements(manifest: Manifest, check: Check): void {
  const { python } = manifest.data;
  let entries: readonly PackageEntry[] = [];
  check(() => {
    const groups = [...(python?.groups ?? [])].flatMap(([group, packages]) =>
      packageEntries(manifest, packages, ["python", "groups", group]),
    );
    entries = [...environmentsOf(manifest).flatMap((each) => each.python), ...groups];
  });
  const parse = (text: string, origin: ManifestPath) => check(() => parsePlaced(manifest, { text, origin }));
  for (const entry of entries) parse(entry.requirement, entry.origin);
  for (const key of ["constraints", "overrides", "relax"] as const)
    python?.[key]?.forEach((text, at) => void parse(text, ["python", key, at]));
  for (const [name, { add = [] }] of python?.dependencies ?? [])
    add.forEach((text, at) => void parse(text, ["python", "dependencies", name, "add", at]));
  for (const [name, { requires = [] }] of python?.build ?? [])
    requires.forEach((text, at) => void parse(text, ["python", "build", name, "requires", at]));
  check(() => {
    for (const { text, origin } of environmentsOf(manifest).flatMap(({ r = [] }) => r))
      check(() => placed(manifest, origin, () => void parseRDemand(text)));
  });
  for (const { index, origin } of entries) {
    if (index === undefined) continue;
    const known = [...(python?.indexes?.keys() ?? [])];
    check(() =>
      mustBeKnown(manifest, {
        what: "index in [python.indexes]",
        name: index,
        known,
        origin: [...origin, "index"],
      }),
    );
  }
}

function parsePlaced(manifest: Manifest, { text, origin }: Placed): void {
  placed(manifest, origin, () => {
    try {
      parseRequirement(text);
    } catch (error) {
      if (!(error instanceof CopseError) || !/\^|~[0-9]/.test(text)) throw error;
      const hint = "PEP 508 has neither ^ nor ~: write a range such as >=1.2,<2";
      throw new CopseError(error.code, error.message, { hint, cause: error });
    }
  });
}

/** What fails gets the place of the value. */
function placed(manifest: Manifest, origin: ManifestPath, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (error instanceof CopseError) error.span = placeOf(manifest, origin);
    throw error;
  }
}

function checkCommands(manifest: Manifest, check: Check): void {
  const { tasks, services, env } = manifest.data;
  const environments = [...(env?.keys() ?? [])];
  const inEnvironment = (name: string | undefined, origin: ManifestPath) => {
    if (name !== undefined)
      check(() => mustBeKnown(manifest, { what: "environment in [env]", name, known: environments, origin }));
  };
  for (const [name, task] of tasks ?? []) {
    check(() => void tasksInOrder(manifest, name));
    if (typeof task !== "string") inEnvironment(task.environment, ["tasks", name, "environment"]);
  }
  for (const [name, service] of services ?? []) {
    inEnvironment(service.environment, ["services", name, "environment"]);
    check(() => void servicesInOrder(manifest, [name]));
    if (service.ready && Object.keys(service.ready).length !== 1)
      check(() => {
        throw new CopseError(
          "manifest-value",
          `A service is ready by one sign, \`port\`, \`http\` or \`command\`: \`${name}\``,
          {
            span: placeOf(manifest, ["services", name, "ready"]),
          },
        );
      });
  }
}

function checkData(manifest: Manifest, check: Check): void {
  check(() => void dataMembers(manifest, "pkgs"));
  const seen = new Map<string, string>();
  for (const [name, { variable }] of manifest.data.data ?? []) {
    const named = dataVariable(name, variable);
    check(() => {
      checkVariable(manifest, named, ["data", name]);
      const other = seen.get(named) ?? (manifest.data.variables?.has(named) ? "[variables]" : undefined);
      if (other !== undefined)
        throw new CopseError(
          "manifest-data",
          `Two things have the same variable, this and ${other}: \`${named}\``,
          {
            span: placeOf(manifest, ["data", name]),
            hint: "say another one with `variable = ...`",
          },
        );
    });
    seen.set(named, `[data.${name}]`);
  }
}

interface Reference {
  /** What it names: `environment in [env]`. */
  readonly what: string;
  readonly name: string;
  readonly known: readonly string[];
  readonly origin: ManifestPath;
}

/** @throws CopseError `manifest-reference`. */
function mustBeKnown(manifest: Manifest, { what, name, known, origin }: Reference): void {
  if (known.includes(name)) return;
  const near = nearestNames(name, known);
  throw new CopseError("manifest-reference", `There is no such ${what}: \`${name}\``, {
    span: placeOf(manifest, origin),
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : `known are ${known.join(", ") || "none"}`,
  });
}
