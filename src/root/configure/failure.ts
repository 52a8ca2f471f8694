/** What dpkg says when a maintainer script fails, as one error. */
import { CopseError } from "#base";

const LINES_SHOWN = 12;
const OF_DPKG =
  /(?:installed|new) ([^\s:]+)(?::\S+)? package (\S+) (?:script )?subprocess (?:returned error exit status (\d+)|was killed by signal \((.*?)\))/;
const OF_COPSE = /^copse: ([^\s:]+)(?::\S+)? preinst (\d+)$/m;
const SCRIPT_NAMES: Readonly<Record<string, string>> = {
  "post-installation": "postinst",
  "pre-installation": "preinst",
};

export function configureFailed(output: string, exitCode: number): CopseError {
  const found = OF_DPKG.exec(output.replace(/\s+/g, " "));
  const own = OF_COPSE.exec(output);
  const name = found?.[1] ?? own?.[1];
  const lines = output
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !line.startsWith("copse: "));
  const tail = lines.slice(-LINES_SHOWN).map((line) => `  ${line}`);
  const log = tail.length === 0 ? "it printed nothing" : `the last lines of its output:\n${tail.join("\n")}`;
  if (name === undefined) {
    return new CopseError(
      "root-configure-failed",
      `dpkg could not configure the packages of a root, exit code: \`${exitCode}\``,
      {
        hint: log,
      },
    );
  }
  const script = own ? "preinst" : (SCRIPT_NAMES[found?.[2] ?? ""] ?? found?.[2] ?? "postinst");
  const how =
    found?.[4] === undefined ? `exit code ${found?.[3] ?? own?.[2] ?? exitCode}` : `signal ${found[4]}`;
  return new CopseError(
    "root-configure-failed",
    `Maintainer script ${script} of ${name} failed with ${how}: \`${name}\``,
    {
      hint: `${log}\nleave the package out, or go without what its script makes: config.debian.dontConfigure = [ "${name}" ]`,
    },
  );
}
