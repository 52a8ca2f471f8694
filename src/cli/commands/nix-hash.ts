/** `nix-hash`: hashes of files and folders, and their conversion. */
import type { HashForm } from "#format";
import type { Command } from "../command.ts";
import { FORM_SWITCHES, readHashAlgorithm, switchedForm } from "../hashing/hash-options.ts";
import { convertHash, hashPath } from "../hashing/hash-text.ts";

const CONVERSIONS = {
  "--to-base16": "base16",
  "--to-base32": "nix32",
  "--to-base64": "base64",
  "--to-sri": "sri",
};

export const command: Command = {
  name: "nix-hash",
  summary: "hash files and folders, as nix-hash does",
  usage: "[OPTIONS] PATH... | --to-FORM HASH...",
  options: [
    { names: ["--flat"], help: "hash the bytes of files, not the archive (NAR) of a tree" },
    { names: ["--type"], values: ["ALGORITHM"], help: "md5 (default), sha1, sha256, sha512 or blake3" },
    ...FORM_SWITCHES,
    { names: ["--truncate"], help: "fold hashes that are longer than 160 bits to that" },
    ...Object.keys(CONVERSIONS).map((name) => ({
      names: [name] as const,
      help: `the arguments are hashes: convert them to ${name.slice("--to-".length)}`,
    })),
  ],
  details: `
examples:
  nix-hash --type sha256 --base32 ./folder
  nix-hash --flat --type sha256 --sri file.tar.gz
  nix-hash --type sha256 --to-sri 1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s`,
  async run(line, context) {
    const type = line.value("--type");
    const algorithm = type === undefined ? undefined : readHashAlgorithm(type, context);
    const conversion = Object.entries(CONVERSIONS).filter(([name]) => line.has(name));
    const form = conversion.at(-1)?.[1] as HashForm | undefined;
    for (const argument of line.positionals) {
      context.output.line(
        form !== undefined
          ? convertHash(argument, { to: form, algorithm, context })
          : await hashPath(argument, {
              mode: line.has("--flat") ? "flat" : "nar",
              algorithm: algorithm ?? "md5",
              form: switchedForm(line) ?? "base16",
              truncate: line.has("--truncate"),
              context,
            }),
      );
    }
    return 0;
  },
};
