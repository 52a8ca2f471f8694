/** How the lock's section "python" is written: a package is a block, a field a line, all sorted. */
import {
  type LockedPython,
  type LockedPythonPackage,
  type LockedPythonRequest,
  pythonReferences,
  questionKey,
  sortedSettings,
  whoNeeds,
} from "./lock-schema.ts";

const PACKAGE_FIELDS = [
  "name",
  "version",
  "file",
  "size",
  "sha256",
  "index",
  "origin",
  "dependencies",
] as const;

/** The value of "python". */
export function formatPythonSections(sections: ReadonlyMap<string, LockedPython>): string {
  const parts = [...sections]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, section]) => `    ${JSON.stringify(key)}: ${formatSection(section)}`);
  return `{\n${parts.join(",\n")}\n  }`;
}

function formatSection(section: LockedPython): string {
  const packages = [...section.packages].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version, b.version) || compare(a.file, b.file),
  );
  const needs = whoNeeds(section);
  const reference = pythonReferences(packages);
  const requests = [...section.requests].sort((a, b) => compare(questionKey(a), questionKey(b)));
  const lists = [
    `      "packages": ${blocks(packages.map((one) => packageLines(one, needs.get(one) ?? [])))}`,
    `      "requests": ${blocks(requests.map((one) => requestLines(one, reference)))}`,
  ];
  const libraries = [...(section.libraries ?? [])].sort(([a], [b]) => compare(a, b));
  if (libraries.length > 0) {
    const lines = libraries.map(
      ([library, name]) => `        ${JSON.stringify(library)}: ${JSON.stringify(name)}`,
    );
    lists.unshift(`      "libraries": {\n${lines.join(",\n")}\n      }`);
  }
  return `{\n${lists.join(",\n")}\n    }`;
}

function packageLines(one: LockedPythonPackage, needs: readonly string[]): string[] {
  const fields: [string, unknown][] = PACKAGE_FIELDS.map((name) => [
    name,
    name === "dependencies" ? [...one.dependencies].sort() : one[name],
  ]);
  fields.push(["for", needs], ["system", one.system && [...one.system].sort()], ["build", one.build]);
  return fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
}

function requestLines(
  { requirements, python, glibc, settings, answer }: LockedPythonRequest,
  reference: (one: LockedPythonPackage) => string,
): string[] {
  const items = answer.map((one) => `            ${JSON.stringify(reference(one))}`);
  return [
    `"requirements": ${JSON.stringify([...new Set(requirements)].sort())}`,
    `"python": ${JSON.stringify(python)}`,
    `"glibc": ${JSON.stringify(glibc)}`,
    ...(Object.keys(settings).length === 0
      ? []
      : [`"settings": ${JSON.stringify(sortedSettings(settings))}`]),
    `"answer": ${items.length === 0 ? "[]" : `[\n${items.join(",\n")}\n          ]`}`,
  ];
}

function blocks(items: readonly (readonly string[])[]): string {
  if (items.length === 0) return "[]";
  const all = items.map(
    (lines) => `        {\n${lines.map((line) => `          ${line}`).join(",\n")}\n        }`,
  );
  return `[\n${all.join(",\n")}\n      ]`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
