/** `nix build`: builds installables and leaves a link to each. */
import { resolve } from "node:path";
import type { Session } from "#build";
import type { StorePath } from "#format";
import type { Command } from "../../command.ts";
import {
  INSTALLABLE_OPTIONS,
  type Installable,
  readInstallables,
  storePathsOf,
  wantedOf,
} from "../../installables.ts";
import { BUILD_OPTIONS } from "../../options.ts";
import { openSession } from "../../session.ts";

export const command: Command = {
  name: "build",
  summary: "build derivations, or make sure of store paths",
  usage: "[OPTIONS] [INSTALLABLE...]",
  completes: "installable",
  options: [
    ...INSTALLABLE_OPTIONS,
    ...BUILD_OPTIONS,
    {
      names: ["--out-link", "-o"],
      values: ["LINK"],
      help: "name of the links to the results (default: result)",
      completes: "file",
    },
    { names: ["--no-link"], help: "make no links" },
    { names: ["--print-out-paths"], help: "print the results' paths" },
    { names: ["--print-build-logs", "-L"], help: "show what builders print" },
    { names: ["--rebuild"], help: "build again what is there, and compare" },
    { names: ["--repair"], help: "build again what is damaged" },
    { names: ["--dry-run"], help: "say what would be built" },
    { names: ["--json"], help: "print derivations and outputs as JSON" },
  ],
  async run(line, context) {
    context.output.showBuildOutput = line.has("--print-build-logs");
    await using session = openSession(line, context);
    const installables = readInstallables(line, context, session);
    const wanted = installables.flatMap(wantedOf);
    if (line.has("--dry-run")) await session.announce(wanted);
    else {
      const mode = line.has("--repair") ? "repair" : line.has("--rebuild") ? "check" : "build";
      await session.realise(wanted, { mode });
      await session.prepareLaunchers(installables.flatMap((each) => storePathsOf(session.store, each)));
    }
    context.output.endProgress();
    if (line.has("--json")) {
      context.output.raw(`${JSON.stringify(installables.map((each) => describe(session, each)))}\n`);
    }
    if (line.has("--dry-run")) return 0;
    if (!line.has("--no-link")) {
      const link = resolve(context.cwd, line.value("--out-link") ?? "result");
      installables.forEach((each, index) => {
        for (const [suffix, path] of linksOf(session, each)) {
          session.linkResult(`${link}${index > 0 ? `-${index}` : ""}${suffix}`, path);
        }
      });
    }
    if (line.has("--print-out-paths")) {
      for (const each of installables)
        for (const path of storePathsOf(session.store, each)) context.output.line(path);
    }
    return 0;
  },
};

/** What stands behind a link's name, and where it leads. */
function linksOf(session: Session, installable: Installable): [string, StorePath][] {
  const paths = storePathsOf(session.store, installable);
  if (installable.kind === "path") return paths.map((path) => ["", path]);
  return installable.outputs.map((output, index) => [
    output === "out" ? "" : `-${output}`,
    paths[index] as StorePath,
  ]);
}

function describe(session: Session, installable: Installable): unknown {
  if (installable.kind === "path") return installable.path;
  const known = session.store.queryOutputs(installable.drvPath);
  const outputs = Object.fromEntries(installable.outputs.map((name) => [name, known.get(name) ?? null]));
  return { drvPath: installable.drvPath, outputs };
}
