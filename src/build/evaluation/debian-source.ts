/**
 * The source of Debian packages as the package set states it (pkgs/debian/repositories.nix), read into what the
 * resolver knows.
 *
 *     { suite; pockets; components; snapshot; repositories = [ { name; uris; suite; components; signedBy; ... } ];
 *       pins = [ { package; pin; priority; } ]; }
 *
 * `suite` alone stands for a whole source. A key is a path, or the text of an armoured block; a repository's address
 * may be a path too.
 */
import {
  type ByteString,
  byteStringFromBytes,
  byteStringFromText,
  CopseError,
  textFromByteString,
} from "#base";
import { Attrs, type Evaluation, force, forceAttrs, forceBool, forceList, type Lazy, Path } from "#lang";
import type { DebianSource, PinStatement, StatedRepository } from "#resolve";
import { forceText } from "./engine-values.ts";

export type StatedSource = Omit<DebianSource, "system">;

/** Expressions pass one and the same set many times. */
const known = new WeakMap<object, StatedSource>();

/** Throws `source-invalid`, and what forcing throws. */
export function readDebianSource(evaluation: Evaluation, lazy: Lazy): StatedSource {
  const value = force(lazy);
  if (!(value instanceof Attrs)) return { suite: forceText(value) };
  let source = known.get(value);
  if (!source) {
    source = readSource(evaluation, value);
    known.set(value, source);
  }
  return source;
}

function readSource(evaluation: Evaluation, attrs: Attrs): StatedSource {
  checkNames(attrs, ["suite", "pockets", "components", "snapshot", "repositories", "pins"], "config.debian");
  return {
    suite: required(attrs, "suite", "config.debian", forceText),
    pockets: optional(attrs, "pockets", textList),
    components: optional(attrs, "components", textList),
    snapshot: optional(attrs, "snapshot", orNull(forceText)),
    repositories: optional(attrs, "repositories", (list) =>
      forceList(list).map((one) => readRepository(evaluation, forceAttrs(one))),
    ),
    pins: optional(attrs, "pins", (list) => forceList(list).map((one) => readPin(forceAttrs(one)))),
  };
}

function readRepository(evaluation: Evaluation, attrs: Attrs): StatedRepository {
  const where = "a repository of config.debian.repositories";
  const names = ["name", "uris", "suite", "components", "signedBy", "trusted", "priority", "snapshot"];
  checkNames(attrs, names, where);
  return {
    name: required(attrs, "name", where, forceText),
    uris: optional(attrs, "uris", (uris) => listOf(uris).map(addressOf)) ?? [],
    suite: required(attrs, "suite", where, forceText),
    components: optional(attrs, "components", textList) ?? [],
    key: optional(attrs, "signedBy", (key) => readKey(evaluation, key)),
    trusted: optional(attrs, "trusted", forceBool) ?? false,
    priority: optional(attrs, "priority", wholeNumber),
    snapshot: optional(attrs, "snapshot", orNull(forceText)),
  };
}

function readPin(attrs: Attrs): PinStatement {
  const where = "a pin of config.debian.pins";
  checkNames(attrs, ["package", "pin", "priority"], where);
  return {
    package: required(attrs, "package", where, forceText),
    pin: required(attrs, "pin", where, forceText),
    priority: required(attrs, "priority", where, wholeNumber),
  };
}

/** Read through the evaluation's host, so that a changed key is noticed. */
function readKey(evaluation: Evaluation, lazy: Lazy): ByteString {
  const value = force(lazy);
  const path = value instanceof Path ? value.path : byteStringFromText(forceText(value));
  if (!path.startsWith("/")) return path;
  return byteStringFromBytes(evaluation.host.readFile(path));
}

function addressOf(lazy: Lazy): string {
  const value = force(lazy);
  return value instanceof Path ? textFromByteString(value.path) : forceText(value);
}

function listOf(lazy: Lazy): readonly Lazy[] {
  const value = force(lazy);
  return Array.isArray(value) ? forceList(value) : [value];
}

function textList(lazy: Lazy): string[] {
  return forceList(lazy).map((one) => forceText(one));
}

function wholeNumber(lazy: Lazy): number {
  const value = force(lazy);
  if (typeof value === "number") return value;
  throw new CopseError("source-invalid", "A priority is a whole number, such as 500");
}

function orNull<T>(read: (lazy: Lazy) => T): (lazy: Lazy) => T | undefined {
  return (lazy) => (force(lazy) === null ? undefined : read(lazy));
}

function required<T>(attrs: Attrs, name: string, where: string, read: (lazy: Lazy) => T): T {
  const value = attrs.get(name);
  if (value !== undefined) return read(value);
  throw new CopseError("source-invalid", `Something is missing in ${where}: \`${name}\``);
}

function optional<T>(attrs: Attrs, name: string, read: (lazy: Lazy) => T): T | undefined {
  const value = attrs.get(name);
  return value === undefined ? undefined : read(value);
}

function checkNames(attrs: Attrs, names: readonly string[], where: string): void {
  const other = attrs.names().find((name) => !names.includes(name));
  if (other === undefined) return;
  throw new CopseError(
    "source-invalid",
    `Attribute of ${where} is not known: \`${textFromByteString(other)}\``,
    {
      hint: `known are ${names.join(", ")}`,
    },
  );
}
