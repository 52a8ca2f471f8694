/** `[data]` as variables of the environment: each holds the store path of a file, or of what an archive holds. */
import { basename } from "node:path";
import { CopseError } from "#base";
import { type Manifest, placeOf } from "../manifest.ts";
import { atom, attrs, call, type NixMember, type NixNode, pathText, string } from "./nix-text.ts";

/** The variable that says where a data set is. */
export function dataVariable(name: string, variable?: string): string {
  return variable ?? `DATA_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** @throws CopseError `manifest-data`. */
export function dataMembers(manifest: Manifest, packages: string): NixMember[] {
  return [...(manifest.data.data ?? [])].map(([name, entry]): NixMember => {
    const origin = ["data", name];
    if ((entry.url === undefined) === (entry.path === undefined)) {
      throw new CopseError("manifest-data", `Data needs either a \`url\` or a \`path\`: \`${name}\``, {
        span: placeOf(manifest, origin),
      });
    }
    const file = dataStoreName(
      entry.file ?? basename(entry.path ?? new URL(entry.url as string).pathname),
      name,
    );
    const source: NixNode =
      entry.url !== undefined
        ? call(
            [
              atom(`${packages}.fetchurl`),
              attrs({ name: string(file), url: string(entry.url), ...hashMember(entry.sha256) }),
            ],
            origin,
          )
        : call(
            [
              atom("builtins.path"),
              attrs({
                name: string(file),
                path: atom(pathText(entry.path as string)),
                recursive: atom("false"),
                sha256: string(entry.sha256),
              }),
            ],
            origin,
          );
    const value = entry.unpack
      ? call([atom(`${packages}.unpackArchive`), attrs({ name: string(name), src: source })], origin)
      : source;
    return [dataVariable(name, entry.variable), value];
  });
}

function hashMember(sha256: string): Readonly<Record<string, NixNode>> {
  return sha256.startsWith("sha256-") ? { hash: string(sha256) } : { sha256: string(sha256) };
}

/** A file's name as the store can have it. */
export function dataStoreName(file: string, fallback: string): string {
  const name = file
    .replace(/[^A-Za-z0-9+._?=-]+/g, "-")
    .replace(/^\.+/, "")
    .slice(0, 180);
  return name === "" ? fallback : name;
}
