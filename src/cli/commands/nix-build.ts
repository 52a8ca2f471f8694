/** `nix-build`: as Nix's. What the arguments name is built and linked, the outputs' paths are printed. */
import { resolve } from "node:path";
import { requestFor } from "#build";
import type { Command } from "../command.ts";
import { derivationsOf, NIX_TARGET_OPTIONS, readNixArguments } from "../nix-target.ts";
import { BUILD_OPTIONS } from "../options.ts";
import { resultLinks } from "../result-links.ts";
import { openSession } from "../session.ts";

export const command: Command = {
  name: "nix-build",
  summary: "build what a file describes, as nix-build does",
  usage: "[OPTIONS] [FILE | DERIVATION...]",
  options: [
    ...NIX_TARGET_OPTIONS,
    ...BUILD_OPTIONS,
    {
      names: ["--out-link", "-o", "--add-root"],
      values: ["LINK"],
      help: "name of the link to the result (default: result)",
      completes: "file",
    },
    { names: ["--no-out-link", "--no-link"], help: "make no link" },
    { names: ["--dry-run"], help: "say what would be built" },
    { names: ["--check"], help: "build again what is there, and compare" },
    { names: ["--repair"], help: "build again what is damaged" },
    { names: ["--indirect"], help: "accepted: links keep what they lead to in any case" },
  ],
  details: `
The first link is called result, that of a second derivation result-2; behind it stands the name of the output unless
that is out: result-dev. A link keeps what it leads to from being collected.`,
  async run(line, context) {
    const mode = line.has("--repair") ? "repair" : line.has("--check") ? "check" : "build";
    await using session = openSession(line, context);
    const args = readNixArguments(line, context, {
      files: ["default.nix"],
      derivationsIn: session.place,
    });
    const wanted = derivationsOf(session, args);
    if (line.has("--dry-run")) {
      await session.announce(wanted.map(requestFor));
      return 0;
    }
    const built = await session.build(wanted, { mode });
    context.output.endProgress();
    if (line.last(["--no-out-link", "--out-link"]) !== "--no-out-link") {
      const prefix = resolve(context.cwd, line.value("--out-link") ?? "result");
      for (const [link, { path }] of resultLinks(prefix, built)) session.linkResult(link, path);
    }
    for (const { path } of built) context.output.line(path);
    return 0;
  },
};
