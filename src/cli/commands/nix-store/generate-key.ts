/** `nix-store --generate-binary-cache-key`: a pair of keys for signing paths. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { formatPublicKey, formatSecretKey, generateSecretKey, publicKeyOf } from "#format";
import type { Command } from "../../command.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "--generate-binary-cache-key",
  summary: "make a pair of keys for signing paths",
  usage: "NAME SECRET-KEY-FILE PUBLIC-KEY-FILE",
  options: [],
  async run(line, context) {
    const [name, secretFile, publicFile, surplus] = line.positionals;
    if (name === undefined || secretFile === undefined || publicFile === undefined || surplus !== undefined)
      throw usageError("three arguments expected");
    const key = generateSecretKey(name);
    writeFileSync(resolve(context.cwd, publicFile), formatPublicKey(publicKeyOf(key)));
    writeFileSync(resolve(context.cwd, secretFile), formatSecretKey(key), { mode: 0o600 });
    return 0;
  },
};
