/**
 * The builtins of the Nix language, one idea a file. `builtinTable` is what an evaluator is given; more can be added
 * to it, which is how `src/build` brings `builtins.copse`:
 *
 *     createEvaluator({ builtins: [...builtinTable, ...defineConstants({ copse: { … } })], … })
 *
 * `true`, `false`, `null` and `builtins` itself are the evaluator's own.
 */
import type { ByteString } from "#base";
import { attrsetBuiltins } from "./attrsets.ts";
import { closureBuiltins } from "./closure.ts";
import { constantBuiltins } from "./constants.ts";
import { contextBuiltins } from "./contexts.ts";
import { controlBuiltins } from "./control.ts";
import type { Builtin } from "./define.ts";
import { derivationBuiltins } from "./derivation-set.ts";
import { fetchBuiltins } from "./fetch.ts";
import { fileBuiltins } from "./files.ts";
import { flakeBuiltins } from "./flakes.ts";
import { formatBuiltins } from "./formats.ts";
import { hashBuiltins } from "./hashes.ts";
import { importBuiltins } from "./imports.ts";
import { listBuiltins } from "./lists.ts";
import { numberBuiltins } from "./numbers.ts";
import { sourceBuiltins } from "./sources.ts";
import { stringBuiltins } from "./strings.ts";
import { typeBuiltins } from "./types.ts";
import { versionBuiltins } from "./versions.ts";

export { NIX_VERSION } from "./constants.ts";
export {
  type Builtin,
  type BuiltinConstant,
  type BuiltinFunction,
  type ConstantSpec,
  defineConstants,
  defineFunctions,
  type FunctionSpec,
} from "./define.ts";
export { parseJson } from "./json-parse.ts";
export { printJson } from "./json-print.ts";
export { compareVersions, parseDrvName, splitVersion } from "./versions.ts";

export const builtinTable: readonly Builtin[] = [
  ...attrsetBuiltins,
  ...closureBuiltins,
  ...constantBuiltins,
  ...contextBuiltins,
  ...controlBuiltins,
  ...derivationBuiltins,
  ...fetchBuiltins,
  ...fileBuiltins,
  ...flakeBuiltins,
  ...formatBuiltins,
  ...hashBuiltins,
  ...importBuiltins,
  ...listBuiltins,
  ...numberBuiltins,
  ...sourceBuiltins,
  ...stringBuiltins,
  ...typeBuiltins,
  ...versionBuiltins,
];

/** What can be written without `builtins.`: `map`, `__add`, `true`, … */
export const globalNames: readonly ByteString[] = [
  "true",
  "false",
  "null",
  "builtins",
  ...builtinTable.map((builtin) => builtin.globalName),
];

export { formatXml } from "./xml.ts";
