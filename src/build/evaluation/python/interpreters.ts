/**
 * What `pkgs/python` asks the engine of interpreters:
 *
 * | name                                | does                                                                       |
 * |-------------------------------------|----------------------------------------------------------------------------|
 * | `pythonSuites version`              | Debian's suites that have a Python of this series                          |
 * | `cpythonSource { system, version }` | the release of CPython that a version means, from the lock or else its archive |
 */
import { byteStringFromText } from "#base";
import { Attrs, forceAttrs, type Lazy, type PrimOpDefinition, type Value } from "#lang";
import type { CpythonRequests } from "#resolve";
import { parseWantedPython, suitesWithPython } from "#resolve/pythons";
import { attribute, forceText } from "../engine-values.ts";

export function interpreterFunctions(cpython: CpythonRequests): readonly PrimOpDefinition[] {
  return [
    {
      name: "pythonSuites",
      arity: 1,
      doc: "Debian's suites that have a Python of this version's series, the one first that is taken where none is named.",
      run: (_evaluation, version) => {
        const { series } = parseWantedPython(forceText(version as Lazy));
        return suitesWithPython(series).map(byteStringFromText);
      },
    },
    {
      name: "cpythonSource",
      arity: 1,
      doc: "CPython's sources: { system, version } to { version, file, sha256, sizeBytes, urls }.",
      run: (_evaluation, request) => cpythonSource(cpython, forceAttrs(request as Lazy)),
    },
  ];
}

function cpythonSource(cpython: CpythonRequests, request: Attrs): Value {
  const found = cpython.source({
    system: forceText(attribute(request, "system")),
    version: forceText(attribute(request, "version")),
  });
  return Attrs.fromEntries([
    ["file", byteStringFromText(found.file.slice(found.file.lastIndexOf("/") + 1))],
    ["sha256", found.sha256],
    ["sizeBytes", found.size],
    ["urls", found.urls.map(byteStringFromText)],
    ["version", found.release],
  ]);
}
