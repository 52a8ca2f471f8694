/** How the lock's section of R packages is read: nothing is believed that was not checked. */
import { checkArchivePath } from "#fetch";
import { isRPackageName, isRVersion, parseRDemand, type RVersion } from "#format/r";
import type { LocatedJson } from "../../located-json.ts";
import type { LockFields } from "../../lock-fields.ts";
import {
  type LockedR,
  type LockedRPackage,
  type LockedRRequest,
  type LockedRSource,
  rReferenceIn,
} from "./lock-schema.ts";

/** Throws `lock-invalid` with the place. */
export function readRSections(json: LocatedJson, fields: LockFields): Map<string, LockedR> {
  return new Map([...fields.object(json)].map(([key, one]) => [key, readSection(one, fields)]));
}

function readSection(json: LocatedJson, fields: LockFields): LockedR {
  const entries = fields.object(json, ["version", "packages", "requests"]);
  const packages: LockedRPackage[] = [];
  const seen = new Set<string>();
  for (const item of fields.array(entries.get("packages"), json, "packages")) {
    const one = readPackage(item, fields);
    const key = one.kind === "debian" ? one.debian : `${one.name}=${one.version}`;
    if (seen.has(key)) throw fields.fail(item, `Package is there twice: \`${key}\``);
    seen.add(key);
    packages.push(one);
  }
  const word = rReferenceIn(packages);
  const byReference = new Map(packages.map((one) => [word(one), one]));
  return {
    version: readVersion(entries.get("version") ?? fields.missing(json, "version"), fields),
    packages,
    requests: fields
      .array(entries.get("requests"), json, "requests")
      .map((one) => readRequest(one, byReference, fields)),
  };
}

function readPackage(json: LocatedJson, fields: LockFields): LockedRPackage {
  const entries = fields.object(json);
  const debian = entries.get("debian");
  if (!debian) return readSource(json, fields);
  fields.object(json, ["name", "version", "debian"]);
  const version = entries.get("version");
  return {
    kind: "debian",
    name: readName(entries.get("name") ?? fields.missing(json, "name"), fields),
    version: version && readVersion(version, fields),
    debian: fields.matching(debian, /^r-(?:cran|bioc)-[a-z0-9.+-]{1,100}$/, "package of Debian's"),
  };
}

function readSource(json: LocatedJson, fields: LockFields): LockedRSource {
  const allowed = ["name", "version", "repository", "file", "size", "sha256", "demands", "compiled"];
  const entries = fields.object(json, allowed);
  const entry = (name: string) => entries.get(name) ?? fields.missing(json, name);
  const compiled = entries.get("compiled");
  if (compiled && !(compiled.kind === "boolean" && compiled.value))
    throw fields.fail(compiled, "`compiled` is true where it is there");
  return {
    kind: "source",
    name: readName(entry("name"), fields),
    version: readVersion(entry("version"), fields),
    repository: fields.matching(
      entry("repository"),
      /^[A-Za-z][A-Za-z0-9._-]{0,99}$/,
      "name of a repository",
    ),
    file: readFile(entry("file"), fields),
    size: fields.size(entries.get("size"), json),
    sha256: fields.sha256(entries.get("sha256"), json),
    demands: fields.array(entries.get("demands"), json, "demands").map((one) => readDemand(one, fields)),
    compiled: compiled !== undefined,
  };
}

function readRequest(
  json: LocatedJson,
  packages: ReadonlyMap<string, LockedRPackage>,
  fields: LockFields,
): LockedRRequest {
  const entries = fields.object(json, ["demands", "constraints", "suggests", "answer"]);
  const answer = fields.array(entries.get("answer"), json, "answer").map((one) => {
    const reference = fields.string(one, json, "answer");
    const found = packages.get(reference);
    if (found) return found;
    throw fields.fail(
      one,
      `Answer names a package that the lock does not have: \`${reference.slice(0, 200)}\``,
    );
  });
  const demands = fields.array(entries.get("demands"), json, "demands");
  const [constraints, suggests] = [entries.get("constraints"), entries.get("suggests")];
  return {
    demands: demands.map((one) => readDemand(one, fields)),
    ...(constraints && {
      constraints: fields.array(constraints, json, "constraints").map((one) => readDemand(one, fields)),
    }),
    ...(suggests && {
      suggests: fields.array(suggests, json, "suggests").map((one) => readName(one, fields)),
    }),
    answer,
  };
}

function readName(json: LocatedJson, fields: LockFields): string {
  if (json.kind === "string" && isRPackageName(json.value)) return json.value;
  throw fields.fail(json, "Value is no name of an R package");
}

function readVersion(json: LocatedJson, fields: LockFields): RVersion {
  if (json.kind === "string" && isRVersion(json.value)) return json.value;
  throw fields.fail(json, "Value is no version of R's");
}

function readDemand(json: LocatedJson, fields: LockFields): string {
  const text = fields.string(json, json, "demands");
  try {
    parseRDemand(text);
    return text;
  } catch (error) {
    throw fields.fail(json, (error as Error).message);
  }
}

function readFile(json: LocatedJson, fields: LockFields): string {
  const file = fields.matching(json, /^src\/contrib\/[A-Za-z0-9._+/-]{1,300}$/, "source package's path");
  try {
    checkArchivePath(file);
    return file;
  } catch (error) {
    throw fields.fail(json, (error as Error).message);
  }
}
