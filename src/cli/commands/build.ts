/** `copse build`: realises derivations and leaves a link to each result. */
import { resolve } from "node:path";
import { CopseError } from "#base";
import { requestFor } from "#build";
import type { Command } from "../command.ts";
import { BUILD_OPTIONS, TARGET_OPTIONS } from "../options.ts";
import { ENVIRONMENT_OPTION, inManifest, readProjectTarget } from "../project/project-target.ts";
import { resultLinks } from "../result-links.ts";
import { openSession } from "../session.ts";
import { buildDefaults } from "../target.ts";

export const command: Command = {
  name: "build",
  summary: "build what a file describes",
  usage: "[OPTIONS] [FILE]",
  maxPositionals: 1,
  options: [
    ...TARGET_OPTIONS,
    ENVIRONMENT_OPTION,
    ...BUILD_OPTIONS,
    {
      names: ["--out-link", "-o"],
      values: ["LINK"],
      help: "name of the link to the result (default: result)",
      completes: "file",
    },
    { names: ["--no-out-link", "--no-link"], help: "make no link" },
    { names: ["--dry-run"], help: "say what would be built" },
    { names: ["--rebuild", "--check"], help: "build again what is there, and compare" },
    { names: ["--json"], help: "print derivations and outputs as JSON" },
  ],
  details: `
The file is the one that -f or the argument names, else copse.toml (of this folder or of one above), default.nix or shell.nix.
A result's link keeps it from being collected for as long as the link is there.
Of an environment the result has its programs in bin: they can be started from anywhere, by an editor too.`,
  async run(line, context) {
    const { target, project } = await readProjectTarget(line, context, {
      ...buildDefaults,
      positionals: line.positionals,
    });
    if (project) (await import("#manifest/check")).checkManifest(project.manifest);
    await using session = openSession(line, context, { manifest: project?.manifest.file });
    const attributes = line.all("--attr").map(([attrPath]) => attrPath as string);
    const targets =
      attributes.length < 2 ? [target] : attributes.map((attrPath) => ({ ...target, attrPath }));
    const wanted = await inManifest(project, () => targets.flatMap((each) => session.derivations(each)));
    if (wanted.length === 0) {
      throw new CopseError("not-a-derivation", "The value holds no derivation", {
        hint: "name the attribute that is meant with -A",
      });
    }
    if (line.has("--dry-run")) {
      await session.announce(wanted.map(requestFor));
      return 0;
    }
    const built = await session.build(wanted, { mode: line.has("--rebuild") ? "check" : "build" });
    context.output.endProgress();
    if (!line.has("--no-out-link")) {
      const prefix = resolve(context.cwd, line.value("--out-link") ?? "result");
      for (const [link, { path }] of resultLinks(prefix, built)) session.linkResult(link, path);
    }
    if (line.has("--json")) context.output.json(built);
    else for (const { path } of built) context.output.line(path);
    return 0;
  },
};
