/** The same list solved by pip, by its own account: `pip install --dry-run --report`. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { normaliseName, parseVersion } from "#format/python";
import type { PythonPlatform } from "#resolve/python";

interface Report {
  readonly install: readonly { readonly metadata: { readonly name: string; readonly version: string } }[];
}

const DESCRIBE = `
import json, platform
print(json.dumps([platform.machine(), platform.python_version(), platform.libc_ver()[1]]))
`;

/** What the interpreter runs on. */
export function pipPlatform(python: string): PythonPlatform {
  const text = execFileSync(python, ["-c", DESCRIBE], { encoding: "utf8" });
  const [machine, version, glibc] = JSON.parse(text) as [string, string, string];
  return { system: `${machine}-linux`, python: version, glibc };
}

/** Names and versions. A report that is there is taken as it is. */
export function askPip(
  list: string,
  options: { readonly python: string; readonly report: string; readonly timeoutMs: number },
): ReadonlyMap<string, string> {
  const { python, report, timeoutMs } = options;
  if (!existsSync(report)) {
    const pending = `${report}.pending`;
    const flags = ["--dry-run", "--ignore-installed", "--quiet", "--only-binary", ":all:"];
    execFileSync(python, ["-m", "pip", "install", ...flags, "--report", pending, "-r", list], {
      stdio: ["ignore", "inherit", "inherit"],
      timeout: timeoutMs,
    });
    renameSync(pending, report);
  }
  const { install } = JSON.parse(readFileSync(report, "utf8")) as Report;
  return new Map(
    install.map(({ metadata }) => [normaliseName(metadata.name), parseVersion(metadata.version).toString()]),
  );
}
