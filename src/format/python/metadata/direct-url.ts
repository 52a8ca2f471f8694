/**
 * `direct_url.json`: where an installed package came from, if not from an index (the packaging guide's "Recording the direct
 * URL origin", PEP 610). Tools tell by it that `pip freeze` must not name a version.
 *
 * User names and passwords stay out of it, but for the bare user `git` of ssh.
 */
import { assertNever, CopseError } from "#base";
import { textOf } from "./text.ts";

export type DirectUrl = { readonly url: string; readonly subdirectory?: string } & (
  | { readonly kind: "archive"; readonly hashes: { readonly [algorithm: string]: string } }
  | { readonly kind: "directory"; readonly editable: boolean }
  | {
      readonly kind: "vcs";
      readonly vcs: string;
      readonly commit: string;
      /** A branch or tag that was asked for. */
      readonly revision?: string;
    }
);

export function formatDirectUrl(direct: DirectUrl): string {
  const subdirectory = direct.subdirectory === undefined ? {} : { subdirectory: direct.subdirectory };
  return JSON.stringify({ ...infoOf(direct), ...subdirectory, url: withoutSecrets(direct.url) });
}

function infoOf(direct: DirectUrl): object {
  switch (direct.kind) {
    case "archive":
      return { archive_info: { hashes: direct.hashes } };
    case "directory":
      return { dir_info: direct.editable ? { editable: true } : {} };
    case "vcs": {
      const revision = direct.revision === undefined ? {} : { requested_revision: direct.revision };
      return { vcs_info: { commit_id: direct.commit, ...revision, vcs: direct.vcs } };
    }
    default:
      return assertNever(direct);
  }
}

function withoutSecrets(url: string): string {
  return url.replace(/^([A-Za-z0-9.+-]+:\/\/)([^/?#]*)@/, (whole, scheme: string, user: string) =>
    user === "git" ? whole : scheme,
  );
}

/** Throws CopseError `python-direct-url-invalid`. */
export function parseDirectUrl(contents: Uint8Array | string): DirectUrl {
  const json = asObject(readJson(textOf(contents)));
  const { url, subdirectory } = json;
  if (typeof url !== "string" || (subdirectory !== undefined && typeof subdirectory !== "string"))
    throw invalid("it has no URL");
  const shared = { url, ...(subdirectory !== undefined && { subdirectory }) };
  if (json["archive_info"] !== undefined)
    return { kind: "archive", ...shared, hashes: hashesOf(asObject(json["archive_info"])) };
  if (json["dir_info"] !== undefined)
    return { kind: "directory", ...shared, editable: asObject(json["dir_info"])["editable"] === true };
  const { vcs, commit_id: commit, requested_revision: revision } = asObject(json["vcs_info"]);
  if (typeof vcs !== "string" || typeof commit !== "string") throw invalid("it says nothing of its kind");
  return { kind: "vcs", ...shared, vcs, commit, ...(typeof revision === "string" && { revision }) };
}

/** The old form has one, `hash: "sha256=..."`. */
function hashesOf(info: { readonly [key: string]: unknown }): { readonly [algorithm: string]: string } {
  const hashes: { [algorithm: string]: string } = {};
  const [, algorithm, digest] = /^([a-z0-9_]+)=([0-9a-f]+)$/.exec(String(info["hash"] ?? "")) ?? [];
  if (algorithm !== undefined) hashes[algorithm] = digest!;
  for (const [name, value] of Object.entries(info["hashes"] === undefined ? {} : asObject(info["hashes"])))
    if (typeof value === "string") hashes[name] = value;
  return hashes;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CopseError("python-direct-url-invalid", "Invalid direct_url.json, it is not JSON", {
      cause: error,
    });
  }
}

function asObject(value: unknown): { readonly [key: string]: unknown } {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as { readonly [key: string]: unknown };
  throw invalid("it lacks an object");
}

function invalid(problem: string): CopseError {
  return new CopseError("python-direct-url-invalid", `Invalid direct_url.json, ${problem}`);
}
