/** `copse init`: a copse.toml to begin with, empty or from a template. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { emptyManifest, templateFiles, templates, writeProject } from "#manifest/edit";
import { pythonsAtHand } from "#resolve/pythons";
import type { Command } from "../../command.ts";
import { formatTable } from "../../reports/table.ts";

/** What would be the folder's environment without copse.toml. */
const NIX_FILES = ["shell.nix", "default.nix"];

export const command: Command = {
  name: "init",
  summary: "begin a project: write a copse.toml",
  usage: "[OPTIONS] [FOLDER]",
  maxPositionals: 1,
  completes: "folder",
  options: [
    {
      names: ["--template", "-t"],
      values: ["NAME"],
      completes: ["deep-learning", "medical-imaging", "notebook", "statistics-r"],
      help: "begin with the packages and tasks of this template",
    },
    { names: ["--list"], help: "list the templates" },
    { names: ["--name"], values: ["NAME"], help: "the project's name (default: that of the folder)" },
    { names: ["--json"], help: "print what was written as JSON" },
  ],
  details: `
Python is ${pythonsAtHand()}, or any other from 3.8 on, built from its sources: version, below [python].

examples:
  copse init && copse add numpy
  copse init -t medical-imaging scans`,
  async run(line, { output, cwd }) {
    if (line.has("--list")) {
      const known = templates();
      if (line.has("--json")) output.json(known);
      else
        output.raw(
          formatTable(
            ["template", ""],
            known.map(({ name, description }) => [name, description]),
          ),
        );
      return 0;
    }
    const folder = resolve(cwd, line.positionals[0] ?? ".");
    const name = line.value("--name") ?? projectName(basename(folder));
    const template = line.value("--template");
    const files =
      template === undefined ? new Map([["copse.toml", emptyManifest(name)]]) : templateFiles(template, name);
    writeProject(folder, files);
    const written = [...files.keys()].sort();
    if (line.has("--json")) output.json({ folder, name, files: written });
    else {
      output.line(`written: ${written.map((path) => resolve(folder, path)).join(", ")}`);
      output.note(
        template === undefined
          ? "next: copse add NAME..., copse run COMMAND"
          : "next: copse tasks, copse run TASK",
      );
      const others = NIX_FILES.filter((file) => existsSync(join(folder, file)));
      if (others.length > 0)
        output.note(
          `copse.toml goes before ${others.join(" and ")}: \`copse run -f ${others[0]}\` takes that one`,
        );
    }
    return 0;
  },
};

/** A folder may be called what no project can be. */
function projectName(folder: string): string {
  const name = folder.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return name === "" ? "project" : name;
}
