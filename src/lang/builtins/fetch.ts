/**
 * Fetching while evaluating. What is fetched without a hash is not pinned, so pure evaluation refuses it. The work
 * is the host's; here arguments are read and checked, and results given their shape.
 */
import { type Hash, type StorePath, storeNameProblem } from "#format";
import type { FetchRequest } from "../host.ts";
import {
  Attrs,
  coerceToString,
  type Evaluation,
  evalError,
  force,
  forceStringNoContext,
  isInt,
  type Lazy,
  Path,
  showType,
  textOf,
  typeError,
  type Value,
} from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";
import { baseName } from "./files.ts";
import { parseHashOrEmpty } from "./hashes.ts";
import { storeString } from "./sources.ts";

interface Download {
  readonly url: string;
  readonly name: string;
  readonly expectedHash: Hash | undefined;
}

/** `fetchurl` and `fetchTarball` take an address, or a set with `url`, `sha256` and `name`. */
function readDownload(evaluation: Evaluation, argument: Lazy, who: "fetchurl" | "fetchTarball"): Download {
  const value = force(argument);
  let url: string | undefined;
  let name = who === "fetchTarball" ? "source" : undefined;
  let expectedHash: Hash | undefined;
  if (value instanceof Attrs) {
    for (const [attribute, lazy] of value.entries()) {
      if (attribute === "url") url = forceStringNoContext(lazy);
      else if (attribute === "name") name = forceStringNoContext(lazy);
      else if (attribute === "sha256") {
        const text = forceStringNoContext(lazy);
        expectedHash = parseHashOrEmpty(evaluation, { text, algorithm: "sha256" });
      } else throw evalError("invalid-value", `unsupported argument '${attribute}' to '${who}'`);
    }
    if (url === undefined) throw evalError("missing-attribute", "'url' argument required");
  } else url = forceStringNoContext(value);
  name ??= baseName(url);
  checkDownloadName(name, url, who);
  requirePinned(evaluation, who, expectedHash !== undefined);
  return { url, name, expectedHash };
}

function checkDownloadName(name: string, url: string, who: string): void {
  const problem = storeNameProblem(name);
  if (problem === undefined) return;
  throw evalError(
    "invalid-value",
    `invalid store path name when fetching URL '${url}': ${problem}. Please pass an attribute set with ` +
      `'url' and 'name' attributes to '${who}',  so that it can create a valid store path.`,
  );
}

function requirePinned(evaluation: Evaluation, who: string, isPinned: boolean): void {
  if (isPinned || !evaluation.settings.pureEval) return;
  throw evalError("restricted", `in pure evaluation mode, '${who}' requires a 'sha256' argument`);
}

function fetchurl(evaluation: Evaluation, argument: Lazy): Value {
  const { url, name, expectedHash } = readDownload(evaluation, argument, "fetchurl");
  return storeString(evaluation.host.fetch({ method: "url", name, args: { url }, expectedHash }));
}

export function fetchTarballPath(evaluation: Evaluation, { url, name, expectedHash }: Download): StorePath {
  return evaluation.host.fetch({ method: "tarball", name, args: { url }, expectedHash });
}

function fetchTarball(evaluation: Evaluation, argument: Lazy): Value {
  return storeString(fetchTarballPath(evaluation, readDownload(evaluation, argument, "fetchTarball")));
}

type FetchArgs = Record<string, string | number | boolean>;

function readFetchArgs(evaluation: Evaluation, attrs: Attrs, who: string): FetchArgs {
  const args: FetchArgs = {};
  for (const [name, lazy] of attrs.entries()) {
    const value = force(lazy);
    if (typeof value === "boolean") args[name] = value;
    else if (isInt(value)) args[name] = Number(value);
    else if (name === "url" || value instanceof Path) {
      args[name] = textOf(coerceToString(evaluation, value, { copyToStore: false }));
    } else if (typeof value === "string") args[name] = value;
    else {
      throw typeError(
        `argument '${name}' to '${who}' is ${showType(value)} while a string, Boolean or integer is expected`,
      );
    }
  }
  return args;
}

/** What is known of a fetched tree without asking the host for more than its path. */
function describeTree(path: StorePath, args: FetchArgs): Attrs {
  const entries: [string, Lazy][] = [["outPath", storeString(path)]];
  const { rev, submodules } = args;
  if (typeof rev === "string") entries.push(["rev", rev], ["shortRev", rev.slice(0, 7)]);
  if (typeof submodules === "boolean") entries.push(["submodules", submodules]);
  for (const name of ["lastModified", "narHash", "revCount"]) {
    const value = args[name];
    if (value !== undefined) entries.push([name, value]);
  }
  return Attrs.fromEntries(entries);
}

function fetchGit(evaluation: Evaluation, argument: Lazy): Value {
  const value = force(argument);
  const args: FetchArgs =
    value instanceof Attrs
      ? readFetchArgs(evaluation, value, "fetchGit")
      : { url: textOf(coerceToString(evaluation, value, { copyToStore: false })) };
  if (args["url"] === undefined) throw evalError("missing-attribute", "input attribute 'url' is missing");
  const { name = "source", ...rest } = args;
  if (evaluation.settings.pureEval && rest["rev"] === undefined) {
    throw evalError("restricted", "in pure evaluation mode, 'fetchGit' requires a 'rev' argument");
  }
  return fetchTreeWith(evaluation, { method: "git", name: String(name), args: rest });
}

function fetchTree(evaluation: Evaluation, argument: Lazy): Value {
  const value = force(argument);
  const args: FetchArgs =
    value instanceof Attrs
      ? readFetchArgs(evaluation, value, "fetchTree")
      : { url: forceStringNoContext(value) };
  if (value instanceof Attrs && args["type"] === undefined) {
    throw evalError("missing-attribute", "argument 'type' is missing in call to 'fetchTree'");
  }
  return fetchTreeWith(evaluation, { method: "tree", name: "source", args });
}

function fetchTreeWith(evaluation: Evaluation, request: FetchRequest): Value {
  return describeTree(evaluation.host.fetch(request), { ...request.args });
}

export const fetchBuiltins = defineFunctions({
  fetchurl: {
    args: ["arg"],
    doc: "Downloads a file while evaluating. Takes an address, or `{ url, sha256, name }`.",
    run: fetchurl,
  },
  fetchTarball: {
    args: ["arg"],
    doc: "Downloads and unpacks an archive while evaluating. Takes an address, or `{ url, sha256, name }`.",
    plain: true,
    run: fetchTarball,
  },
  fetchGit: {
    args: ["arg"],
    doc: "A tree from a Git repository. Takes an address or path, or `{ url, rev, ref, submodules, shallow, allRefs, name }`.",
    plain: true,
    run: fetchGit,
  },
  fetchTree: {
    args: ["arg"],
    doc: 'A source tree from wherever `type` says: "git", "github", "tarball", "file", "path", ...',
    plain: true,
    run: fetchTree,
  },
  fetchMercurial: {
    args: ["arg"],
    doc: "A tree from a Mercurial repository. copse has no support for these.",
    plain: true,
    run: () => {
      throw evalError("eval-error", "copse does not support Mercurial repositories", {
        hint: "fetchTarball can fetch what a Mercurial server offers as an archive",
      });
    },
  },
});
