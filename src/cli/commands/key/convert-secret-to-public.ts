/** `copse key convert-secret-to-public`: what others need to check signatures. */
import { readFileSync } from "node:fs";
import { formatPublicKey, parseSecretKey, publicKeyOf } from "#format";
import type { Command } from "../../command.ts";

export const command: Command = {
  name: "key convert-secret-to-public",
  summary: "print the public key of the secret key on the standard input",
  usage: "",
  maxPositionals: 0,
  options: [],
  async run(_line, context) {
    context.output.raw(formatPublicKey(publicKeyOf(parseSecretKey(readFileSync(0, "utf8")))));
    return 0;
  },
};
