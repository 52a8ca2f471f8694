/** What the package set and the engine tell each other of Python packages, as values of the language and as data. */
import { byteStringFromText } from "#base";
import { Attrs, force, forceList, type Lazy, type Value } from "#lang";
import type { PackageOrigin, PythonPackage, PythonRequest, PythonSettings, UnbuiltSdist } from "#resolve";
import { attribute, forceText } from "../engine-values.ts";
import { plainValue } from "./plain-value.ts";

export type PythonPlatform = Omit<PythonRequest, "requirements">;

export function readPlatform(request: Attrs): PythonPlatform {
  const settings = request.get("settings");
  return {
    system: forceText(attribute(request, "system")),
    python: forceText(attribute(request, "python")),
    glibc: forceText(attribute(request, "glibc")),
    // The package set has looked at their names; what they hold is checked where it is used.
    settings: settings === undefined ? {} : (plainValue(settings) as PythonSettings),
  };
}

export function packageValue(one: PythonPackage): Value {
  return Attrs.fromEntries([
    ["dependencies", one.dependencies.map(byteStringFromText)],
    ["file", byteStringFromText(one.file)],
    ["isWheel", one.kind === "wheel"],
    ["origin", originValue(one.origin)],
    ["name", one.name],
    ["sha256", one.sha256],
    ["sizeBytes", one.sizeBytes ?? null],
    ["system", one.system ? one.system.map(byteStringFromText) : null],
    ["urls", one.urls.map(byteStringFromText)],
    ["version", byteStringFromText(one.version)],
  ]);
}

export function sdistValue(sdist: UnbuiltSdist): Value {
  return Attrs.fromEntries([
    ["file", byteStringFromText(sdist.file)],
    ["name", sdist.name],
    ["origin", originValue(sdist.origin)],
    ["sha256", sdist.sha256],
    ["sizeBytes", sdist.sizeBytes ?? null],
    ["urls", sdist.urls.map(byteStringFromText)],
    ["version", byteStringFromText(sdist.version)],
  ]);
}

/** Of what has an address of its own: `{ git = { url; commit; } or null; subdirectory; directUrl; }`. */
function originValue(origin: PackageOrigin | undefined): Value {
  if (!origin) return null;
  const { git, subdirectory, directUrl } = origin;
  return Attrs.fromEntries([
    ["directUrl", byteStringFromText(directUrl)],
    [
      "git",
      git
        ? Attrs.fromEntries([
            ["commit", git.commit],
            ["url", byteStringFromText(git.url)],
          ])
        : null,
    ],
    ["subdirectory", subdirectory === undefined ? null : byteStringFromText(subdirectory)],
  ]);
}

export function textList(lazy: Lazy): string[] {
  return forceList(lazy).map((one) => forceText(one));
}

export function optionalList(lazy: Lazy): string[] | undefined {
  return force(lazy) === null ? undefined : textList(lazy);
}
