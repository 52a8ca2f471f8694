/** A version of Python as users ask for it: `3.12`, the newest release of that series, or `3.12.4`, this very one. */
import { CopseError } from "#base";
import { pythonsAtHand } from "./debian-pythons.ts";

export interface WantedPython {
  /** `3.12` */
  readonly series: string;
  /** `3.12.4`; without it, the newest of the series. */
  readonly release: string | undefined;
}

/** The oldest series that is built: those before it know nothing of the OpenSSL that Debian has. */
export const OLDEST_BUILT_MINOR = 8;

/** Throws `python-version` for what is no version of CPython that could be built, with the reason. */
export function parseWantedPython(text: string): WantedPython {
  const match = /^(3\.([0-9]{1,2}))(\.[0-9]{1,2})?$/.exec(text);
  if (match && Number(match[2]) >= OLDEST_BUILT_MINOR)
    return { series: match[1] as string, release: match[3] === undefined ? undefined : text };
  throw new CopseError("python-version", `${reason(text, match !== null)}: \`${text.slice(0, 100)}\``, {
    hint: `write a series such as "3.12", or a release such as "3.12.4"; without building there are ${pythonsAtHand()}`,
  });
}

function reason(text: string, isVersion: boolean): string {
  if (isVersion || /^[0-2](\.|$)/.test(text))
    return `Python before 3.${OLDEST_BUILT_MINOR} does not build with the libraries of today`;
  if (/^3\.[0-9]+(\.[0-9]+)?t$/.test(text)) return "Python without its global lock is not to be had";
  if (/pypy|graalpy|jython|micropython|pyston/i.test(text)) return "The only Python to be had is CPython";
  if (/^3\.[0-9]+(\.[0-9]+)?(a|b|rc)[0-9]+$/.test(text)) return "Python is to be had in final releases only";
  return "This is no version of Python";
}
