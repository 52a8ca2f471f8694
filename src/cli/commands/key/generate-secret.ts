/** `copse key generate-secret`: a new key for signing store paths. */
import { formatSecretKey, generateSecretKey } from "#format";
import type { Command } from "../../command.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "key generate-secret",
  summary: "make a secret key for signing store paths",
  usage: "--key-name NAME",
  maxPositionals: 0,
  options: [{ names: ["--key-name"], values: ["NAME"], help: "the key's name, such as cache.example.org-1" }],
  details: "The key is printed without a newline; write it to a file that only you can read.",
  async run(line, context) {
    const name = line.value("--key-name");
    if (name === undefined) throw usageError("required argument '--key-name' is missing");
    context.output.raw(formatSecretKey(generateSecretKey(name)));
    return 0;
  },
};
