/** `copse hash path` and `copse hash file`: hashes of trees and files. */
import type { Command } from "../../command.ts";
import { FORM_SWITCHES, readHashAlgorithm, readHashForm, switchedForm } from "../../hashing/hash-options.ts";
import { hashPath } from "../../hashing/hash-text.ts";
import { usageError } from "../../usage-error.ts";

export const command: Command = {
  name: "hash path",
  summary: "print the hash of a file tree's archive (NAR)",
  usage: "[OPTIONS] PATH...",
  options: [
    { names: ["--mode"], values: ["MODE"], help: "nar (default), or flat: the bytes of a file" },
    {
      names: ["--algo", "--type"],
      values: ["ALGORITHM"],
      help: "sha256 (default), md5, sha1, sha512, blake3",
    },
    { names: ["--format"], values: ["FORM"], help: "base16, nix32, base64 or sri (default)" },
    ...FORM_SWITCHES,
  ],
  async run(line, context) {
    const mode = line.value("--mode") ?? "nar";
    if (mode !== "nar" && mode !== "flat")
      throw usageError(`unknown file ingestion method '${mode}', expect 'flat' or 'nar'`);
    const format = line.value("--format");
    const request = {
      mode,
      algorithm: readHashAlgorithm(line.value("--algo") ?? "sha256", context),
      form: format === undefined ? (switchedForm(line) ?? "sri") : readHashForm(format),
      context,
    } as const;
    for (const path of line.positionals) context.output.line(await hashPath(path, request));
    return 0;
  },
};

export const file: Command = {
  name: "hash file",
  summary: "print the hash of a file's bytes",
  usage: "[OPTIONS] PATH...",
  options: [
    { names: ["--type"], values: ["ALGORITHM"], help: "sha256 (default), md5, sha1, sha512, blake3" },
    ...FORM_SWITCHES,
  ],
  async run(line, context) {
    const request = {
      mode: "flat",
      algorithm: readHashAlgorithm(line.value("--type") ?? "sha256", context),
      form: switchedForm(line) ?? "sri",
      context,
    } as const;
    for (const path of line.positionals) context.output.line(await hashPath(path, request));
    return 0;
  },
};
