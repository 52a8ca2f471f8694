/** `nix hash to-base16` and its like: the conversions of before `nix hash convert`. */
import type { HashForm } from "#format";
import type { Command } from "../../command.ts";
import { readHashAlgorithm } from "../../hashing/hash-options.ts";
import { convertHash } from "../../hashing/hash-text.ts";

/** `word` is what stands behind `to-`. */
export function convertingTo(word: string, form: HashForm): Command {
  return {
    name: `hash to-${word}`,
    summary: `convert hashes to ${word} (use hash convert)`,
    usage: "[--type ALGORITHM] HASH...",
    options: [{ names: ["--type"], values: ["ALGORITHM"], help: "where the hash does not say: sha256, ..." }],
    async run(line, context) {
      context.output.warning(
        "The old format conversion subcommands of `nix hash` were deprecated in favor of `nix hash convert`.",
      );
      const type = line.value("--type");
      const algorithm = type === undefined ? undefined : readHashAlgorithm(type, context);
      for (const hash of line.positionals)
        context.output.line(convertHash(hash, { to: form, algorithm, context }));
      return 0;
    },
  };
}
