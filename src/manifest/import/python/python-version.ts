/**
 * Which Python an import comes to. copse has those of Debian's suites; a file that wants another one gets the next
 * that will do, and is told so.
 */
import { CopseError } from "#base";
import { contains, parseSpecifiers, parseVersion, type Specifiers } from "#format/python";
import type { Draft, WantedPython } from "../draft.ts";
import type { Place } from "../findings.ts";

/** By preference: the one of the default suite first. */
const AT_HAND = ["3.11", "3.13", "3.9", "3.14"] as const;

const SUITES: Readonly<Record<string, string>> = {
  bullseye: "3.9",
  bookworm: "3.11",
  trixie: "3.13",
  sid: "3.14",
};

export const KNOWN_SUITES: readonly string[] = Object.keys(SUITES);

/** `>=3.9`, or a version: `3.11`, `3.11.4`. */
export function wantPython(
  draft: Draft,
  { text, isExact, place }: { readonly text: string; readonly isExact: boolean; readonly place: Place },
): void {
  draft.usesPython = true;
  try {
    const specifiers = isExact ? ofVersion(text) : parseSpecifiers(text);
    draft.pythons.push({ specifiers, text, isExact, place });
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    draft.findings.lose(place, `\`${text}\` is no version of Python that can be read`);
  }
}

/** The patch release is the suite's. */
function ofVersion(text: string): Specifiers {
  const [major = "", minor] = text.trim().replace(/^=+/, "").split(".");
  return parseSpecifiers(minor === undefined ? `==${major}.*` : `==${major}.${minor}.*`);
}

/** Undefined where the default does. */
export function choosePython(draft: Draft): string | undefined {
  // An exact one says what was used, a range what might be.
  const [wanted] = [...draft.pythons].sort((a, b) => Number(b.isExact) - Number(a.isExact));
  const all = draft.pythons.filter((one) => !one.isExact || one.text === wanted?.text);
  const suitePython = draft.suite && SUITES[draft.suite.name];
  const order = [...(suitePython === undefined ? [] : [suitePython]), ...AT_HAND];
  const chosen =
    order.find((version) => all.every((one) => fits(version, one))) ??
    nearest(wanted) ??
    order[0] ??
    AT_HAND[0];
  for (const one of draft.pythons) {
    if (fits(chosen, one)) continue;
    draft.findings.lose(
      one.place,
      `Python \`${one.text}\`: Debian's suites have ${[...AT_HAND].sort(byMinor).join(", ")}; copse.toml says ${chosen}`,
    );
  }
  if (draft.suite && suitePython !== chosen) {
    draft.findings.lose(
      draft.suite.place,
      `the suite \`${draft.suite.name}\`, as it has no Python ${chosen}`,
    );
    draft.suite = undefined;
  }
  const isDefault = chosen === (draft.suite ? suitePython : AT_HAND[0]);
  return isDefault && !draft.pythons.some(({ isExact }) => isExact) ? undefined : chosen;
}

/** A range may speak of patch releases: then any of that minor version will do. */
function fits(version: string, { specifiers }: WantedPython): boolean {
  return ["0", "2", "50"].some((patch) => contains(specifiers, parseVersion(`${version}.${patch}`)));
}

/** The next newer one, as programs for an older Python mostly run on it; else the newest. */
function nearest(wanted: WantedPython | undefined): string | undefined {
  const minor = Number(/3\.([0-9]+)/.exec(wanted?.text ?? "")?.[1] ?? Number.NaN);
  if (!Number.isFinite(minor)) return undefined;
  const sorted = [...AT_HAND].sort(byMinor);
  return sorted.find((version) => minorOf(version) >= minor) ?? sorted.at(-1);
}

function byMinor(a: string, b: string): number {
  return minorOf(a) - minorOf(b);
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}
