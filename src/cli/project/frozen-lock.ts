/**
 * With --frozen, a question that the lock has no answer for is an error. What somebody wants to know then is not the whole
 * question, but what of copse.toml is not in the lock: that is found here without asking anybody.
 */
import { join } from "node:path";
import { CopseError } from "#base";
import { environmentsOf, nearestDifference, placeOf } from "#manifest";
import { openLock } from "#resolve";
import { hostSystem } from "../host-system.ts";
import type { Project } from "./project-target.ts";

/** Undefined where copse.toml and the lock do not tell what the difference is. */
export function unlockedIn(project: Project): CopseError | undefined {
  const { manifest, environment, system = hostSystem() } = project;
  const contents = environmentsOf(manifest).find(({ name }) => name === environment);
  if (!contents) return undefined;
  const lock = openLock(join(manifest.folder, "copse.lock"), { frozen: true });
  const isMeant = (section: string) =>
    section.endsWith(` ${system}`) &&
    (contents.pythonVersion === undefined || section.startsWith(`${contents.pythonVersion} `));
  const questions = [...lock.python.data].flatMap(([key, { requests }]) => (isMeant(key) ? requests : []));
  const python = manifest.data.python?.from === "debian" ? [] : contents.python;
  const { missing, surplus } = nearestDifference(python, questions);
  const debian = new Set(
    lock.suites().flatMap(({ locked }) => locked.requests.flatMap(({ names }) => names)),
  );
  const unlocked = [
    ...missing.map(({ requirement, origin }) => ({ text: requirement, origin })),
    ...contents.systemPackages.filter(({ text }) => !debian.has(text)),
  ];
  const [first] = unlocked;
  if (!first && surplus.length === 0) return undefined;
  const where = environment === undefined ? "" : ` in environment ${environment}`;
  return new CopseError(
    "lock-missing",
    `copse.lock has no answer for what copse.toml asks for${where}, on ${system}: \`${manifest.name}\``,
    { ...(first && { span: placeOf(manifest, first.origin) }), hint: hintOf(unlocked, surplus) },
  );
}

function hintOf(unlocked: readonly { readonly text: string }[], surplus: readonly string[]): string {
  return [
    ...(unlocked.length > 0 ? [`not in copse.lock: ${unlocked.map(({ text }) => text).join(", ")}`] : []),
    ...(surplus.length > 0 ? [`no longer in copse.toml: ${surplus.join(", ")}`] : []),
    "`copse lock` without --frozen brings it up to date",
  ].join("\n");
}
