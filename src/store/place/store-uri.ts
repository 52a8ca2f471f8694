/**
 * How Nix names stores, in `--store`, `NIX_REMOTE` and the setting `store`:
 *
 *     auto                               the system's own, directly or through its daemon
 *     local                              the system's own, directly
 *     /data/store, ./store, local://DIR  below a directory ("chroot store")
 *     local?root=…&real=…&state=…&log=…&read-only=true
 *     local-overlay://?lower-store=…&upper-layer=…&root=…
 *     daemon, unix://SOCKET              the daemon
 *     dummy://                           empty, and gone afterwards
 *
 * Parameters are percent-decoded, and so is the directory of `local://DIR`; a bare path is taken as it is.
 * `local?x=y` is short for `local://?x=y`.
 */
import { resolve } from "node:path";
import { CopseError } from "#base";

export interface StoreUri {
  readonly scheme: "auto" | "local" | "local-overlay" | "daemon" | "dummy";
  /** Of `local`: the directory that the store is below, "" for the system's own. */
  readonly root: string;
  readonly params: ReadonlyMap<string, string>;
}

const KNOWN_PARAMS: { readonly [S in StoreUri["scheme"]]?: readonly string[] } = {
  auto: ["root", "store", "state", "log", "real", "read-only"],
  local: ["root", "store", "state", "log", "real", "read-only"],
  dummy: ["store", "read-only"],
  "local-overlay": [
    "root",
    "store",
    "state",
    "log",
    "real",
    "lower-store",
    "upper-layer",
    "check-mount",
    "remount-hook",
  ],
};

/** Of any store, and about nothing that copse's stores do by place: they are taken and have no effect. */
const GENERAL_PARAMS = ["path-info-cache-size", "trusted", "priority", "want-mass-query", "system-features"];

/** Throws CopseError `store-uri`, and `store-uri-unsupported` for what Nix has and copse has not. */
export function parseStoreUri(uri: string, cwd: string = process.cwd()): StoreUri {
  const question = uri.indexOf("?");
  const base = question < 0 ? uri : uri.slice(0, question);
  const params = question < 0 ? new Map<string, string>() : parseParams(uri, uri.slice(question + 1));
  const parsed: StoreUri = { ...parseBase(uri, base, cwd), params };
  const known = KNOWN_PARAMS[parsed.scheme] ?? [];
  for (const name of params.keys()) {
    if (known.includes(name) || GENERAL_PARAMS.includes(name)) continue;
    throw new CopseError("store-uri", `Store URI has a parameter that copse does not know: \`${name}\``, {
      hint: known.length > 0 ? `known are ${known.join(", ")}` : `this kind of store has none: ${uri}`,
    });
  }
  return parsed;
}

function parseBase(uri: string, base: string, cwd: string): Pick<StoreUri, "scheme" | "root"> {
  if (base === "" || base === "auto") return { scheme: "auto", root: "" };
  if (base === "local") return { scheme: "local", root: "" };
  if (base === "daemon") return { scheme: "daemon", root: "" };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(base)?.[1];
  if (scheme === undefined) {
    if (base.includes("/")) return { scheme: "local", root: trimSlashes(resolve(cwd, base)) };
    throw new CopseError("store-uri", `Cannot parse Nix store: \`${uri}\``, {
      hint: "a store is `auto`, `local`, a directory with a slash in its name, or a URI",
    });
  }
  const rest = base.slice(scheme.length + 3);
  switch (scheme) {
    case "local":
      return { scheme: "local", root: rest === "" ? "" : trimSlashes(resolve(cwd, decode(uri, rest))) };
    case "local-overlay":
    case "dummy":
      return { scheme, root: "" };
    case "unix":
      return { scheme: "daemon", root: "" };
    default:
      throw new CopseError("store-uri-unsupported", `Stores of this kind are not known here: \`${uri}\``, {
        hint: "known are auto, local, local-overlay, dummy and directories",
      });
  }
}

function parseParams(uri: string, query: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    if (equals < 0) throw new CopseError("store-uri", `Store URI has a parameter without value: \`${uri}\``);
    params.set(decode(uri, part.slice(0, equals)), decode(uri, part.slice(equals + 1)));
  }
  return params;
}

function decode(uri: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new CopseError("store-uri", `Store URI has an invalid percent-encoding: \`${uri}\``, { cause });
  }
}

function trimSlashes(path: string): string {
  return path.replace(/\/+$/, "");
}
