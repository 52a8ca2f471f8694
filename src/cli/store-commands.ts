/**
 * The commands about the store, each once, under the names that `nix` and copse have for them. What people use often
 * has a short name of its own in copse.
 */
import type { Command } from "./command.ts";
import type { CommandTable } from "./command-table.ts";

type Load = () => Promise<{ readonly command: Command }>;

/** A further command of a module that holds several. */
function picked<M>(load: () => Promise<M>, pick: (module: M) => Command): Load {
  return async () => ({ command: pick(await load()) });
}

const gc: Load = () => import("./commands/store/gc.ts");
const optimise: Load = () => import("./commands/store/optimise.ts");
const repair: Load = () => import("./commands/store/repair.ts");
const info: Load = () => import("./commands/store/info.ts");
const dumpPath: Load = () => import("./commands/store/dump-path.ts");
const hashPath = () => import("./commands/hash/path.ts");
const toForm = () => import("./commands/hash/to-form.ts");

/** With the same name for both. */
const SHARED: CommandTable = {
  "path-info": () => import("./commands/path-info.ts"),
  "why-depends": () => import("./commands/why-depends.ts"),
  "store add": () => import("./commands/store/add.ts"),
  "store cat": () => import("./commands/store/cat.ts"),
  "store delete": () => import("./commands/store/delete.ts"),
  "store diff-closures": () => import("./commands/store/diff-closures.ts"),
  "store gc": gc,
  "store info": info,
  "store ls": () => import("./commands/store/ls.ts"),
  "store make-content-addressed": () => import("./commands/store/make-content-addressed.ts"),
  "store optimise": optimise,
  "store path-from-hash-part": () => import("./commands/store/path-from-hash-part.ts"),
  "store repair": repair,
  "store sign": () => import("./commands/store/sign.ts"),
  "store verify": () => import("./commands/store/verify.ts"),
  "derivation add": () => import("./commands/derivation/add.ts"),
  "derivation show": () => import("./commands/derivation/show.ts"),
  "hash convert": () => import("./commands/hash/convert.ts"),
  "hash file": picked(hashPath, (module) => module.file),
  "hash path": hashPath,
  "key convert-secret-to-public": () => import("./commands/key/convert-secret-to-public.ts"),
  "key generate-secret": () => import("./commands/key/generate-secret.ts"),
  "nar cat": () => import("./commands/nar/cat.ts"),
  "nar ls": () => import("./commands/nar/ls.ts"),
  "nar pack": () => import("./commands/nar/pack.ts"),
  "config check": () => import("./commands/config/check.ts"),
  "config show": () => import("./commands/config/show.ts"),
};

export const COPSE_STORE_COMMANDS: CommandTable = {
  gc,
  verify: () => import("./commands/verify.ts"),
  repair,
  optimise,
  ...SHARED,
  "store dump": dumpPath,
  "store export": () => import("./commands/nix-store/export.ts"),
  "store import": () => import("./commands/nix-store/import.ts"),
  "store init": () => import("./commands/store/init.ts"),
  "store restore": () => import("./commands/nix-store/restore.ts"),
  "store view": () => import("./commands/store/view.ts"),
};

export const NIX_STORE_COMMANDS: CommandTable = {
  ...SHARED,
  "store add-file": picked(
    () => import("./commands/store/add.ts"),
    (module) => module.addFile,
  ),
  "store add-path": picked(
    () => import("./commands/store/add.ts"),
    (module) => module.addPath,
  ),
  "store dump-path": dumpPath,
  "store optimize": optimise,
  "store ping": info,
  "hash to-base16": picked(toForm, (module) => module.convertingTo("base16", "base16")),
  "hash to-base32": picked(toForm, (module) => module.convertingTo("base32", "nix32")),
  "hash to-base64": picked(toForm, (module) => module.convertingTo("base64", "base64")),
  "hash to-sri": picked(toForm, (module) => module.convertingTo("sri", "sri")),
  "nar dump-path": picked(
    () => import("./commands/nar/pack.ts"),
    (module) => module.dumpPath,
  ),
};

/** What earlier versions of Nix called them. Not listed, still understood. */
export const OLD_NIX_NAMES: Readonly<Record<string, string>> = {
  "add-to-store": "store add-path",
  "cat-nar": "nar cat",
  "cat-store": "store cat",
  "diff-closures": "store diff-closures",
  doctor: "config check",
  "dump-path": "store dump-path",
  "hash-file": "hash file",
  "hash-path": "hash path",
  "ls-nar": "nar ls",
  "ls-store": "store ls",
  "make-content-addressable": "store make-content-addressed",
  "optimise-store": "store optimise",
  "ping-store": "store info",
  "show-config": "config show",
  "show-derivation": "derivation show",
  "sign-paths": "store sign",
  "to-base16": "hash to-base16",
  "to-base32": "hash to-base32",
  "to-base64": "hash to-base64",
  verify: "store verify",
};
