/** For tests: apt itself on a machine that has nothing but the given sources and preferences. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export const hasApt = spawnSync("apt-get", ["--version"]).status === 0;

export interface AptJudge {
  /** Takes the place of /etc/apt/preferences. */
  prefer(preferences: string): void;
  /** The version that apt would install, by name; undefined for none. */
  candidates(names: readonly string[]): ReadonlyMap<string, string | undefined>;
  /** `name=version` of all that apt would install for these; undefined where it gives up. */
  install(names: readonly string[]): string[] | undefined;
}

/** `sources` is the text of a sources.list; its indexes are read at once. */
export function openAptJudge(t: TestContext, sources: string): AptJudge {
  const directory = mkdtempSync(join(tmpdir(), "copse-apt-"));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const part of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(directory, part), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  write("status", "");
  write("sources.list", sources);
  write("preferences", "");
  const directories = `Dir::State "${directory}"; Dir::State::lists "${directory}/lists"; Dir::State::status "${directory}/status"; Dir::Cache "${directory}/cache";`;
  const etc = `Dir::Etc::sourcelist "${directory}/sources.list"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::parts "/dev/null"; Dir::Etc::preferences "${directory}/preferences"; Dir::Etc::preferencesparts "/dev/null";`;
  write(
    "apt.conf",
    `${directories} ${etc} APT::Architecture "amd64"; APT::Architectures { "amd64"; }; APT::Sandbox::User "root"; Acquire::Languages "none"; Debug::NoLocking "1";`,
  );
  const run = (program: string, args: readonly string[]) =>
    spawnSync(program, args, {
      env: { ...process.env, APT_CONFIG: join(directory, "apt.conf"), LC_ALL: "C" },
      encoding: "utf8",
    });
  const update = run("apt-get", ["update", "-qq"]);
  assert.equal(update.status, 0, update.stderr);
  return {
    prefer: (preferences) => write("preferences", preferences),
    candidates(names) {
      const policy = run("apt-cache", ["policy", ...names]);
      assert.equal(policy.status, 0, policy.stderr);
      assert.doesNotMatch(policy.stderr, /^E:/m);
      const found = new Map<string, string | undefined>();
      for (const [, name = "", version = ""] of policy.stdout.matchAll(
        /^(\S+):\n {2}Installed: .*\n {2}Candidate: (.*)$/gm,
      ))
        found.set(name, version === "(none)" ? undefined : version);
      return found;
    },
    install(names) {
      const result = run("apt-get", ["-s", "install", "--no-install-recommends", ...names]);
      if (result.status !== 0) return undefined;
      return [...result.stdout.matchAll(/^Inst (\S+) \((\S+)/gm)]
        .map((match) => `${match[1]}=${match[2]}`)
        .sort();
    },
  };
}
