/** `nix-store --print-fixed-path`: the store path of contents that are known by their hash. */
import { makeFixedOutputPath, parseHash } from "#format";
import type { Command } from "../../command.ts";
import { readHashAlgorithm } from "../../hashing/hash-options.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "--print-fixed-path",
  summary: "print where contents of a known hash belong in the store",
  usage: "[--recursive] ALGORITHM HASH NAME",
  options: [{ names: ["--recursive"], help: "the hash is that of the archive (NAR), not of a file" }],
  async run(line, context) {
    const [algorithm, hash, name, surplus] = line.positionals;
    if (algorithm === undefined || hash === undefined || name === undefined || surplus !== undefined)
      throw usageError("'--print-fixed-path' requires three arguments");
    const method = line.has("--recursive") ? "nar" : "flat";
    const parsed = parseHash(hash, readHashAlgorithm(algorithm, context));
    context.output.line(makeFixedOutputPath({ name, method, hash: parsed }));
    return 0;
  },
};
