/** `copse hash convert`: hashes from one form into another. */
import type { Command } from "../../command.ts";
import { readHashAlgorithm, readHashForm } from "../../hashing/hash-options.ts";
import { convertHash } from "../../hashing/hash-text.ts";

export const command: Command = {
  name: "hash convert",
  summary: "convert hashes between their forms",
  usage: "[OPTIONS] HASH...",
  options: [
    {
      names: ["--hash-algo"],
      values: ["ALGORITHM"],
      help: "where the hash does not say: sha256, sha512, ...",
    },
    { names: ["--from"], values: ["FORM"], help: "fail if a hash is in another form" },
    { names: ["--to"], values: ["FORM"], help: "base16, nix32, base64 or sri (default)" },
  ],
  details: `
example:
  copse hash convert --hash-algo sha256 --to sri 1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s`,
  async run(line, context) {
    const [algo, from] = [line.value("--hash-algo"), line.value("--from")];
    const request = {
      to: readHashForm(line.value("--to") ?? "sri"),
      algorithm: algo === undefined ? undefined : readHashAlgorithm(algo, context),
      from: from === undefined ? undefined : readHashForm(from),
      context,
    };
    for (const hash of line.positionals) context.output.line(convertHash(hash, request));
    return 0;
  },
};
