/** `copse schema`: what copse.toml may say, for editors. */
import type { Command } from "../../command.ts";

export const command: Command = {
  name: "schema",
  summary: "print the JSON schema of copse.toml",
  usage: "[OPTIONS]",
  maxPositionals: 0,
  options: [
    {
      names: ["--format"],
      values: ["FORMAT"],
      completes: ["json", "markdown"],
      help: "json (the default), or markdown: a table of all keys",
    },
  ],
  details: `
For an editor that checks TOML by a schema (taplo, Even Better TOML), write into the first line of copse.toml:

  #:schema ./copse-toml.schema.json          after: copse schema > copse-toml.schema.json`,
  async run(line, { output }) {
    const { manifestReference, manifestSchema } = await import("#manifest/schema");
    const format = line.value("--format") ?? "json";
    if (format === "json") output.json(manifestSchema());
    else if (format === "markdown") output.raw(manifestReference());
    else {
      const { CopseError } = await import("#base");
      throw new CopseError("option-value", `Option --format takes json or markdown, not: \`${format}\``);
    }
    return 0;
  },
};
