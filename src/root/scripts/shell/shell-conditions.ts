/**
 * Conditions of maintainer scripts that can be decided without running anything: `[`, questions about files of the
 * root, versions, and which programs there are. `undefined` stands for "cannot be known".
 */
import type { ByteString } from "#base";
import { compareDebVersions } from "#format";
import type { ScriptWord, Value } from "./shell-values.ts";

export type Truth = boolean | undefined;

/** The root as the script would find it. */
export interface ScriptWorld {
  /** What a path leads to, links followed. */
  kindOf(path: ByteString): "file" | "directory" | undefined;
  /** Whether the path itself is a link. */
  isLink(path: ByteString): boolean;
  /** Of the machine that the root is for, as Debian names it: `amd64`. */
  readonly architecture: string;
}

/** `[ … ]` or `test …`, without the brackets. */
export function evaluateTest(words: readonly Value[], world: ScriptWorld): Truth {
  const texts = words.map((word) => (word.isCertain ? word.text : undefined));
  return or(texts, world);
}

function or(words: readonly ScriptWord[], world: ScriptWorld): Truth {
  const at = words.indexOf("-o", 1);
  if (at < 1) return and(words, world);
  const [left, right] = [and(words.slice(0, at), world), or(words.slice(at + 1), world)];
  return left === true || right === true
    ? true
    : left === undefined || right === undefined
      ? undefined
      : false;
}

function and(words: readonly ScriptWord[], world: ScriptWorld): Truth {
  const at = words.indexOf("-a", 1);
  if (at < 1) return primary(words, world);
  const [left, right] = [primary(words.slice(0, at), world), and(words.slice(at + 1), world)];
  return left === false || right === false
    ? false
    : left === undefined || right === undefined
      ? undefined
      : true;
}

function primary(words: readonly ScriptWord[], world: ScriptWorld): Truth {
  if (words[0] === "!" && words.length > 1) return not(primary(words.slice(1), world));
  if (words.length === 0) return false;
  if (words.length === 1) return words[0] === undefined ? undefined : words[0] !== "";
  if (words.length === 2) return unary(words[0], words[1], world);
  if (words.length === 3) return binary(words as [ScriptWord, ScriptWord, ScriptWord]);
  return undefined;
}

function unary(operator: ScriptWord, operand: ScriptWord, world: ScriptWorld): Truth {
  if (operand === undefined) return undefined;
  switch (operator) {
    case "-n":
      return operand !== "";
    case "-z":
      return operand === "";
    case "-e":
    case "-r":
      return fileTest(operand, world, (kind) => kind !== undefined);
    case "-f":
      return fileTest(operand, world, (kind) => kind === "file");
    case "-d":
      return fileTest(operand, world, (kind) => kind === "directory");
    case "-x":
      // Whether a file is a program is not looked up: who asks for it has the name of one in mind.
      return fileTest(operand, world, (kind) => kind !== undefined);
    case "-L":
    case "-h":
      return isOfRoot(operand) ? world.isLink(operand) : undefined;
    case "-s":
      return fileTest(operand, world, (kind) => kind !== undefined) === false ? false : undefined;
    case "-t":
      return false;
    default:
      return undefined;
  }
}

/** Nothing runs in a root when it is made. */
const NEVER_THERE = /^\/(?:run|proc|sys)\/(?!self)/;

function isOfRoot(path: ByteString): boolean {
  return /^\/(?:bin|etc|lib[^/]*|opt|sbin|srv|usr|var)(?:\/|$)/.test(path);
}

function fileTest(
  path: ByteString,
  world: ScriptWorld,
  test: (kind: "file" | "directory" | undefined) => boolean,
): Truth {
  if (path === "") return false;
  if (NEVER_THERE.test(path)) return test(undefined);
  return isOfRoot(path) ? test(world.kindOf(path)) : undefined;
}

function binary([left, operator, right]: [ScriptWord, ScriptWord, ScriptWord]): Truth {
  if (left === undefined || right === undefined) return undefined;
  if (operator === "=" || operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (!/^-?[0-9]+$/.test(left) || !/^-?[0-9]+$/.test(right)) return undefined;
  const difference = Number(left) - Number(right);
  switch (operator) {
    case "-eq":
      return difference === 0;
    case "-ne":
      return difference !== 0;
    case "-lt":
      return difference < 0;
    case "-le":
      return difference <= 0;
    case "-gt":
      return difference > 0;
    case "-ge":
      return difference >= 0;
    default:
      return undefined;
  }
}

/** `dpkg --compare-versions A OPERATOR B`; an empty version is older than any, for the `-nl` operators newer. */
export function compareVersions(left: ScriptWord, operator: ScriptWord, right: ScriptWord): Truth {
  if (left === undefined || operator === undefined || right === undefined) return undefined;
  const plain = operator.replace(/-nl$/, "");
  const isEmptyNewer = plain !== operator;
  let order: number;
  if (left === "" || right === "") {
    order = left === right ? 0 : (left === "") === isEmptyNewer ? 1 : -1;
  } else {
    try {
      order = compareDebVersions(left, right);
    } catch {
      return undefined;
    }
  }
  switch (plain) {
    case "lt":
    case "<<":
      return order < 0;
    case "le":
    case "<=":
    case "<":
      return order <= 0;
    case "eq":
    case "=":
      return order === 0;
    case "ne":
      return order !== 0;
    case "ge":
    case ">=":
    case ">":
      return order >= 0;
    case "gt":
    case ">>":
      return order > 0;
    default:
      return undefined;
  }
}

/** `command -v`, `which`: whether the root has a program of this name. */
export function hasProgram(name: ScriptWord, world: ScriptWorld): Truth {
  if (name === undefined) return undefined;
  if (name.startsWith("/")) return fileTest(name, world, (kind) => kind !== undefined);
  return ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"].some(
    (folder) => world.kindOf(`${folder}/${name}`) !== undefined,
  );
}

export function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}
