/** `nix-store --verify`: whether the database and the files agree. */
import type { Command } from "../../command.ts";
import { openSession } from "../../session.ts";
import { verifyStore } from "../../store/verifying.ts";
import { expectNoArguments } from "./operation.ts";

export const command: Command = {
  name: "--verify",
  summary: "check that the database and the files agree",
  usage: "[--check-contents] [--repair]",
  options: [
    { names: ["--check-contents"], help: "read all files and compare their hashes" },
    { names: ["--repair"], help: "make anew what is damaged" },
  ],
  async run(line, context) {
    expectNoArguments(line);
    await using session = openSession(line, context);
    const errors = await verifyStore(session, context, {
      checkContents: line.has("--check-contents"),
      repair: line.has("--repair"),
    });
    if (errors === 0) return 0;
    context.output.warning("not all store errors were fixed");
    return 1;
  },
};
