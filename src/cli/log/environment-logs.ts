/** What the builds behind an environment have printed: most have printed nothing, so what is there is found by looking. */
import { CopseError, isCopseError, nearestNames } from "#base";
import type { Session } from "#build";
import type { StorePath } from "#format";

export interface BuildLog {
  /** `psycopg2-2.9.9` */
  readonly name: string;
  readonly text: Uint8Array;
}

/** Of all that the derivations are made of, themselves included. */
export function logsBehind(session: Session, roots: readonly StorePath[]): BuildLog[] {
  const seen = new Set<StorePath>(roots);
  const logs: BuildLog[] = [];
  for (const drvPath of seen) {
    const { name, inputDrvs } = session.store.readDerivation(drvPath);
    for (const input of inputDrvs.keys()) seen.add(input);
    const text = logAt(session, drvPath);
    if (text && text.length > 0) logs.push({ name, text });
  }
  return logs.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Those of this name, with or without its version. @throws CopseError `log-missing`. */
export function logsNamed(logs: readonly BuildLog[], name: string): BuildLog[] {
  const found = logs.filter((log) => log.name === name || log.name.startsWith(`${name}-`));
  if (found.length > 0) return found;
  const known = logs.map((log) => log.name);
  const near = nearestNames(name, known);
  throw new CopseError("log-missing", `No build of this name has left a log: \`${name}\``, {
    hint:
      near.length > 0
        ? `did you mean ${near.join(", ")}?`
        : known.length > 0
          ? `there are ${known.join(", ")}`
          : undefined,
  });
}

function logAt(session: Session, drvPath: StorePath): Uint8Array | undefined {
  try {
    return session.logOf(drvPath);
  } catch (error) {
    if (isCopseError(error, "log-missing")) return undefined;
    throw error;
  }
}
