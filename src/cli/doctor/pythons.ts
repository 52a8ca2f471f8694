/** Which Pythons environments can have here: Debian's, and those that CPython's sources are to be had for. */
import { isCopseError } from "#base";
import { openDownloader } from "#fetch";
import { OLDEST_BUILT_MINOR, pythonsAtHand, suitesWithPython } from "#resolve/pythons";
import type { Finding } from "./finding.ts";

const PATIENCE_MS = 5000;

export async function checkPythons(env: Readonly<Record<string, string | undefined>>): Promise<Finding> {
  const { downloader, cpython, close } = openDownloader({ env, retries: 0 });
  try {
    const archive = cpython();
    const debian = `Debian's ${pythonsAtHand()}`;
    try {
      const releases = await archive.releases(downloader, AbortSignal.timeout(PATIENCE_MS));
      const built = buildable(releases);
      return { check: "Python", state: "ok", result: `${debian}; from source ${built.join(", ") || "none"}` };
    } catch (error) {
      const reason = isCopseError(error) ? error.message : `no answer in ${PATIENCE_MS / 1000} s`;
      return {
        check: "Python",
        state: "note",
        result: debian,
        meaning: `Other versions are built from CPython's sources, which are not to be had here: ${reason}.`,
        wayOut: `name a mirror of them below [sources] of \`${archive.configurationFile}\`: python = "https://MIRROR"`,
      };
    }
  } finally {
    close();
  }
}

/** Series that no suite has, by number. */
function buildable(releases: readonly string[]): string[] {
  const minors = releases.filter((one) => one.startsWith("3.")).map((one) => Number(one.split(".")[1]));
  return [...new Set(minors)]
    .filter((minor) => minor >= OLDEST_BUILT_MINOR && suitesWithPython(`3.${minor}`).length === 0)
    .sort((a, b) => a - b)
    .map((minor) => `3.${minor}`);
}
