/**
 * DESCRIPTION: what an R package, or a project that is written down like one, needs (Depends, Imports, LinkingTo), and in
 * prose which libraries of the system.
 */
import { formatRDemand, parseDcf, parseRDemands } from "#format/r";
import type { Draft } from "../draft.ts";
import { type Place, someOf } from "../findings.ts";
import type { ProjectFile } from "../project-folder.ts";
import { BASE_PACKAGES } from "./base-packages.ts";
import { debianOfRequirement } from "./system-requirements.ts";

export function importDescription(file: ProjectFile, draft: Draft): void {
  draft.files.push(file.shown);
  draft.usesR = true;
  const [record] = parseDcf(file.text, file.shown);
  if (!record) return;
  const at = (field: string): Place => ({ file: file.shown, line: lineOf(file.text, field) });
  draft.name ??= record.get("Package");
  draft.description ??= record.get("Title")?.replace(/\s+/g, " ");
  const loose: string[] = [];
  for (const field of ["Depends", "Imports", "LinkingTo"])
    for (const demand of parseRDemands(record.get(field))) {
      if (demand.name === "R") {
        if (demand.condition)
          draft.findings.lose(
            at(field),
            `R ${demand.condition.relation} ${demand.condition.version}: Debian's suite says the version of R`,
          );
        continue;
      }
      if (BASE_PACKAGES.has(demand.name)) continue;
      const condition = formatRDemand(demand)
        .slice(demand.name.length)
        .trim()
        .replace(/^\(|\)$/g, "");
      if (demand.condition?.relation !== "==") loose.push(demand.name);
      if (condition !== "" || !draft.r.has(demand.name)) draft.r.set(demand.name, condition);
    }
  const suggested = parseRDemands(record.get("Suggests")).map(({ name }) => name);
  if (suggested.length > 0)
    draft.findings.lose(at("Suggests"), `what is only suggested: ${someOf(suggested)}`);
  if (record.has("Remotes"))
    draft.findings.lose(
      at("Remotes"),
      `packages from elsewhere than CRAN: ${record.get("Remotes")?.replace(/\s+/g, " ")}`,
    );
  if (loose.length > 0) draft.findings.mayChange(at("Imports"), `no exact version: ${someOf(loose)}`);
  systemRequirements(record.get("SystemRequirements"), at("SystemRequirements"), draft);
}

function systemRequirements(text: string | undefined, place: Place, draft: Draft): void {
  for (const one of (text ?? "").split(/[,;\n]/).map((part) => part.trim())) {
    if (one === "") continue;
    const packages = debianOfRequirement(one);
    for (const name of packages) draft.system.add(name);
    if (packages.length === 0) draft.findings.lose(place, `the requirement of the system \`${one}\``);
  }
}

function lineOf(text: string, field: string): number | undefined {
  const at = text.split("\n").findIndex((line) => line.startsWith(`${field}:`));
  return at < 0 ? undefined : at + 1;
}
