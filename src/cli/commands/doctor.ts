/** `copse doctor`: where things are on this machine, what it forbids, and the way out. */
import { cacheDirectory, loadAptConfiguration, loadSourcesConfiguration } from "#fetch";
import { locateStore } from "#store";
import type { Command, CommandContext } from "../command.ts";
import type { Finding } from "../doctor/finding.ts";
import { checkEntering, checkMachine } from "../doctor/machine.ts";
import { checkCache, checkStore, checkTemporary } from "../doctor/places.ts";
import { checkPythons } from "../doctor/pythons.ts";
import { formatTable } from "../doctor/table.ts";

const WITHOUT_TERMINAL = 100;

export const command: Command = {
  name: "doctor",
  summary: "show where things are on this machine and what stands in the way",
  usage: "[--json]",
  maxPositionals: 0,
  options: [{ names: ["--json"], help: "print the findings as JSON" }],
  details: `
Each thing is tried, not guessed. The exit code is 1 if something keeps copse from working ("PROBLEM"); what works by
another way or with less comfort is "limited".`,
  async run(line, context) {
    const place = locateStore(context.env, { store: context.settings.store });
    const findings = [
      ...checkMachine(),
      ...(await checkStore(place)),
      ...(await checkCache(cacheDirectory(context.env))),
      ...(await checkTemporary()),
      ...checkSources(context.env),
      await checkPythons(context.env),
      ...(await checkEntering()),
    ];
    if (line.has("--json")) context.output.json(findings);
    else {
      const columns = process.stdout.columns ?? WITHOUT_TERMINAL;
      for (const text of formatTable(findings, columns)) context.output.line(text);
    }
    return findings.some((finding) => finding.state === "problem") ? 1 : 0;
  },
};

function checkSources(env: CommandContext["env"]): Finding[] {
  const { sources: configured, files } = loadAptConfiguration();
  const own = loadSourcesConfiguration(files, env);
  const suites = [...new Set(configured.map((source) => source.suite))];
  const named = [...own.archives.keys(), ...own.mirrors];
  const results = [
    ...(suites.length > 0 ? [`apt's suites ${suites.join(", ")}`] : []),
    ...(named.length > 0 ? [`config.toml's ${named.join(", ")}`] : []),
  ];
  if (results.length > 0) return [{ check: "archives", state: "ok", result: results.join("; ") }];
  return [
    {
      check: "archives",
      state: "note",
      result: "no Debian archive is configured",
      meaning: "Packages of Debian need one; what is locked and in the store, or in a cache, does not.",
      wayOut: `add a source to \`/etc/apt/sources.list.d\`, or where there is no apt to \`${own.files[0]}\` (docs/repositories.md)`,
    },
  ];
}
