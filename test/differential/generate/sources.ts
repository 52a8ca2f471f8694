/** Files and folders of the fixtures, as paths, copied into the store in all the ways that Nix has. */
import type { Generator } from "./generator.ts";
import { stringLiteral } from "./literals.ts";
import { plainString } from "./strings.ts";

const FILES = [
  "text.txt",
  "empty",
  "tool.sh",
  "bytes.bin",
  "tree/a.txt",
  "tree/sub/deep.txt",
  "unicode.txt",
  "large.bin",
];
const FOLDERS = ["tree", "tree/sub", "links", "empty-folder", "names"];

export function filePath(gen: Generator): string {
  return `(fixtures + "/${gen.random.pick(FILES)}")`;
}

/** For `recursive = false`: C++ Nix 2.34 copies no empty file that way ("bad optional access"). */
function filledFilePath(gen: Generator): string {
  return `(fixtures + "/${gen.random.pick(FILES.filter((name) => name !== "empty"))}")`;
}

export function folderPath(gen: Generator): string {
  return `(fixtures + "/${gen.random.pick(FOLDERS)}")`;
}

export function path(gen: Generator): string {
  return gen.random.chance(0.5) ? filePath(gen) : folderPath(gen);
}

export function storeName(gen: Generator): string {
  const { random } = gen;
  const first = random.text(1, "abcXYZ019+_=");
  return first + random.text(random.below(12), "abcXYZ019+_=-.?");
}

function filter(gen: Generator): string {
  const { random } = gen;
  const digit = random.pick("48c");
  return random.pick([
    '(path: type: type != "symlink")',
    '(path: type: type == "directory" || type == "regular")',
    '(path: type: builtins.match ".*[.]txt" (baseNameOf path) == null)',
    `(path: type: builtins.substring 0 1 (builtins.hashString "md5" (baseNameOf path)) < "${digit}")`,
    "(path: type: builtins.stringLength (baseNameOf path) > 4)",
    "(path: type: false)",
    "(path: type: true)",
  ]);
}

/** An expression for a string with the copied source's store path, or for the path itself. */
export function source(gen: Generator): string {
  return gen.choose([
    () => `"\${${path(gen)}}"`,
    () => `"\${${path(gen)}}"`,
    () => `(builtins.filterSource ${filter(gen)} ${folderPath(gen)})`,
    () => `(builtins.path { path = ${path(gen)}; })`,
    () => `(builtins.path { path = ${path(gen)}; name = "${storeName(gen)}"; })`,
    () =>
      `(builtins.path { path = ${folderPath(gen)}; name = "${storeName(gen)}"; filter = ${filter(gen)}; })`,
    () => `(builtins.path { path = ${filledFilePath(gen)}; recursive = false; })`,
    () => {
      const file = filledFilePath(gen);
      const form = gen.features.convertHash
        ? gen.random.pick(["base16", "nix32", "base64", "sri"])
        : undefined;
      const digest = `builtins.hashFile "sha256" ${file}`;
      const hash =
        form === undefined
          ? digest
          : `builtins.convertHash { hash = ${digest}; hashAlgo = "sha256"; toHashFormat = "${form}"; }`;
      return `(builtins.path { path = ${file}; recursive = false; name = "${storeName(gen)}"; sha256 = ${hash}; })`;
    },
    () => `(builtins.toFile "${storeName(gen)}" ${plainString(gen)})`,
    () => `(builtins.toFile "${storeName(gen)}" ${stringLiteral(gen)})`,
    () => `(builtins.toFile "${storeName(gen)}" (builtins.readFile ${filePath(gen)}))`,
  ]);
}
