/** How the lock's section of R packages is written: one package a line, sorted. */
import { questionKey } from "./answers.ts";
import { type LockedR, type LockedRPackage, rReferenceIn } from "./lock-schema.ts";

export function formatRSections(sections: ReadonlyMap<string, LockedR>): string {
  const parts = [...sections]
    .sort(([a], [b]) => compare(a, b))
    .map(([key, one]) => `    ${JSON.stringify(key)}: ${formatSection(one)}`);
  return `{\n${parts.join(",\n")}\n  }`;
}

function formatSection({ version, packages, requests }: LockedR): string {
  const word = rReferenceIn(packages);
  const sorted = [...packages].sort((a, b) => compare(a.name, b.name) || compare(word(a), word(b)));
  const asked = [...requests].sort((a, b) => compare(questionKey(a), questionKey(b)));
  return [
    "{",
    `      "version": ${JSON.stringify(version)},`,
    `      "packages": ${list(sorted.map(packageEntry))},`,
    `      "requests": ${list(asked.map((one) => ({ ...one, answer: one.answer.map(word) })))}`,
    "    }",
  ].join("\n");
}

function packageEntry(one: LockedRPackage): unknown {
  const { name, version } = one;
  if (one.kind === "debian") return { name, ...(version && { version }), debian: one.debian };
  const { repository, file, size, sha256, demands, compiled } = one;
  return { name, version, repository, file, size, sha256, demands, ...(compiled && { compiled }) };
}

function list(items: readonly unknown[]): string {
  if (items.length === 0) return "[]";
  return `[\n${items.map((item) => `        ${JSON.stringify(item)}`).join(",\n")}\n      ]`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
