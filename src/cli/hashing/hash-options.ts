/** Hash algorithms and forms as options name them. */
import { requireFeature } from "#base";
import { type HashAlgorithm, type HashForm, isHashAlgorithm } from "#format";
import type { CommandLine, Option } from "../arguments.ts";
import type { CommandContext } from "../command.ts";
import { usageError } from "../usage-error.ts";

/** @throws CopseError `usage`, `experimental-feature`. */
export function readHashAlgorithm(text: string, context: Pick<CommandContext, "settings">): HashAlgorithm {
  if (isHashAlgorithm(text)) return allowedAlgorithm(text, context);
  throw usageError(`unknown hash algorithm '${text}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'`);
}

/** @throws CopseError `experimental-feature`. */
export function allowedAlgorithm(
  algorithm: HashAlgorithm,
  context: Pick<CommandContext, "settings">,
): HashAlgorithm {
  if (algorithm === "blake3") requireFeature(context.settings["experimental-features"], "blake3-hashes");
  return algorithm;
}

/** `base32` is Nix32's name of old. */
const FORMS: Readonly<Record<string, HashForm>> = {
  base16: "base16",
  nix32: "nix32",
  base32: "nix32",
  base64: "base64",
  sri: "sri",
};

/** @throws CopseError `usage`. */
export function readHashForm(text: string): HashForm {
  const form = Object.hasOwn(FORMS, text) ? FORMS[text] : undefined;
  if (form !== undefined) return form;
  throw usageError(`unknown hash format '${text}', expect 'base16', 'base32', 'base64', 'nix32', or 'sri'`);
}

/** `--base16` and its kind: the last of them counts. */
export const FORM_SWITCHES: readonly Option[] = [
  { names: ["--base16"], help: "print in hexadecimal" },
  { names: ["--base32"], help: "print in Nix's base 32" },
  { names: ["--base64"], help: "print in base 64" },
  { names: ["--sri"], help: "print as Subresource Integrity: ALGORITHM-BASE64" },
];

export function switchedForm(line: CommandLine): HashForm | undefined {
  const given = ["base16", "base32", "base64", "sri"].filter((name) => line.has(`--${name}`));
  return given[0] === undefined ? undefined : FORMS[given.at(-1) as string];
}
