/**
 * Which store is meant. What was named wins (`--store`, the setting `store`), then `COPSE_STORE`, then `NIX_REMOTE`.
 * `auto`, which is also the default, takes the system's own store where this user can write it and otherwise the
 * user's own.
 *
 * The system's own store is at `/nix/store`, or where Nix's variables say: `NIX_STORE_DIR`, `NIX_STATE_DIR` (else
 * `NIX_LOCALSTATE_DIR`/nix) and `NIX_LOG_DIR`. Who sets one of the first two names a store, so it is taken, there yet
 * or not. `/nix` itself is never made without being asked for by `local`.
 */
import { tmpdir } from "node:os";
import { isAbsolute } from "node:path";
import { CopseError } from "#base";
import { CHOSEN_STORE_DIR, DEFAULT_STORE_DIR, STORE_DIR } from "#format/store-dir";
import { isUsable, type StorePlace, storePlace } from "./store-place.ts";
import { parseStoreUri, type StoreUri } from "./store-uri.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface LocateOptions {
  /** A store URI or path; "auto" is the same as nothing. */
  readonly store?: string | undefined;
}

/**
 * Throws CopseError `store-uri`, `store-uri-unsupported`, `store-place-relative`, `store-nowhere`, `store-dir-invalid`,
 * `store-daemon`.
 */
export function locateStore(env: Environment, options: LocateOptions = {}): StorePlace {
  checkStoreDir();
  const named = set(options.store);
  if (named !== undefined && named !== "auto") return placeOfUri(env, named);
  const chosen = set(env["COPSE_STORE"]);
  if (chosen !== undefined) return storePlace(absolutePrefix("COPSE_STORE", chosen));
  return placeOfUri(env, set(env["NIX_REMOTE"]) ?? "auto");
}

function placeOfUri(env: Environment, uri: string): StorePlace {
  const parsed = parseStoreUri(uri);
  const { params } = parsed;
  switch (parsed.scheme) {
    case "auto":
      return params.size === 0 ? autoPlace(env) : localPlace(env, parsed);
    case "local":
      return localPlace(env, parsed);
    case "local-overlay":
      return overlayPlace(env, parsed);
    case "daemon":
      throw new CopseError("store-daemon", `Copse does not speak to a Nix daemon: \`${uri}\``, {
        hint: "use `--store auto`, a directory, or unset NIX_REMOTE: without the right to write /nix/store, copse keeps a store of your own",
      });
    case "dummy":
      checkStoreParam(params);
      return scratchPlace(uri);
  }
}

function autoPlace(env: Environment): StorePlace {
  const system = systemPlace(env);
  const isNamed = STORE_DIR !== DEFAULT_STORE_DIR || set(env["NIX_STATE_DIR"]) !== undefined;
  if (isNamed || isUsable(system)) return system;
  const data = env["XDG_DATA_HOME"];
  // The XDG specification has a relative XDG_DATA_HOME ignored.
  if (data?.startsWith("/")) return storePlace(absolutePrefix("XDG_DATA_HOME", `${data}/copse`));
  const home = set(env["HOME"]);
  if (home === undefined) {
    throw new CopseError(
      "store-nowhere",
      `No place for the store: neither \`${STORE_DIR}\` nor \`$HOME\` can be used`,
      { hint: "set COPSE_STORE to a directory on a local disk" },
    );
  }
  return storePlace(absolutePrefix("HOME", `${home}/.local/share/copse`));
}

function systemPlace(env: Environment): StorePlace {
  return storePlace("", { stateDir: systemStateDir(env), logDir: systemLogDir(env) });
}

function systemStateDir(env: Environment): string | undefined {
  const state = directoryIn(env, "NIX_STATE_DIR");
  if (state !== undefined) return state;
  const localState = directoryIn(env, "NIX_LOCALSTATE_DIR");
  return localState && `${localState}/nix`;
}

function systemLogDir(env: Environment): string | undefined {
  const log = directoryIn(env, "NIX_LOG_DIR");
  if (log !== undefined) return log;
  const localState = directoryIn(env, "NIX_LOCALSTATE_DIR");
  return localState && `${localState}/log/nix`;
}

function localPlace(env: Environment, { root: named, params }: StoreUri): StorePlace {
  checkStoreParam(params);
  const rootParam = directoryParam(params, "root");
  const root = rootParam ?? named;
  const isSystem = root === "";
  const state = directoryParam(params, "state") ?? (isSystem ? systemStateDir(env) : undefined);
  const log = directoryParam(params, "log") ?? (isSystem ? systemLogDir(env) : undefined);
  return storePlace(root, {
    uri: formatLocalUri("local", root, params),
    realStoreDir: directoryParam(params, "real"),
    stateDir: state,
    logDir: log,
    readOnly: booleanParam(params, "read-only", false),
  });
}

function overlayPlace(env: Environment, parsed: StoreUri): StorePlace {
  const { params } = parsed;
  const upperLayer = directoryParam(params, "upper-layer");
  if (upperLayer === undefined) {
    throw new CopseError("store-uri", "Store URI of a local overlay lacks a parameter: `upper-layer`");
  }
  const lower = placeOfUri(env, params.get("lower-store") ?? "auto");
  if (lower.overlay !== undefined || lower.isScratch) {
    throw new CopseError("store-uri", `Store cannot lie below an overlay: \`${lower.uri}\``);
  }
  const checkMount = booleanParam(params, "check-mount", true);
  const overlay = { lower, upperLayer, checkMount, remountHook: set(params.get("remount-hook")) };
  return { ...localPlace(env, parsed), uri: formatLocalUri("local-overlay", "", params), overlay };
}

let scratchCount = 0;

function scratchPlace(uri: string): StorePlace {
  const directory = `${tmpdir()}/copse-dummy-${process.pid}-${scratchCount++}`;
  return storePlace(directory, { uri, isScratch: true });
}

function formatLocalUri(scheme: string, root: string, params: ReadonlyMap<string, string>): string {
  const shown = [...params].filter(([name]) => name !== "root" || scheme !== "local");
  const query = shown.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const path = root.split("/").map(encodeURIComponent).join("/");
  if (scheme === "local" && path === "" && query === "") return "local";
  return `${scheme}://${scheme === "local" ? path : ""}${query && `?${query}`}`;
}

/** The store directory enters every path, so no store of this process can have another one. */
function checkStoreParam(params: ReadonlyMap<string, string>): void {
  const storeDir = directoryParam(params, "store");
  if (storeDir === undefined || storeDir === STORE_DIR) return;
  throw new CopseError(
    "store-uri",
    `Store has another store directory than \`${STORE_DIR}\`: \`${storeDir}\``,
    {
      hint: `set NIX_STORE_DIR=${storeDir} for the whole process`,
    },
  );
}

function checkStoreDir(): void {
  if (CHOSEN_STORE_DIR === undefined) return;
  if (isAbsolute(CHOSEN_STORE_DIR) && STORE_DIR !== "/" && /^[\x21-\x7e]+$/.test(STORE_DIR)) return;
  throw new CopseError("store-dir-invalid", `NIX_STORE_DIR cannot be used: \`${CHOSEN_STORE_DIR}\``, {
    hint: "it must be an absolute path of printable ASCII characters without spaces",
  });
}

function directoryParam(params: ReadonlyMap<string, string>, name: string): string | undefined {
  const path = set(params.get(name));
  return path && absolutePrefix(name, path);
}

function directoryIn(env: Environment, variable: string): string | undefined {
  const path = set(env[variable]);
  return path && absolutePrefix(variable, path);
}

function booleanParam(params: ReadonlyMap<string, string>, name: string, otherwise: boolean): boolean {
  const text = params.get(name);
  if (text === undefined) return otherwise;
  if (["true", "yes", "1"].includes(text)) return true;
  if (["false", "no", "0"].includes(text)) return false;
  throw new CopseError(
    "store-uri",
    `Store URI's parameter \`${name}\` is neither true nor false: \`${text}\``,
  );
}

function absolutePrefix(what: string, path: string): string {
  const prefix = path.replace(/\/+$/, "");
  if (prefix.startsWith("/") || path === "/") return prefix;
  throw new CopseError("store-place-relative", `${what} must be an absolute path: \`${path}\``);
}

function set(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
