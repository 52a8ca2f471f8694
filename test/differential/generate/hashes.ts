/** Hashes in all forms that Nix reads and writes. */
import { encodeNix32, hashBytes } from "#format";
import type { Generator } from "./generator.ts";
import { filePath } from "./sources.ts";
import { string } from "./strings.ts";

const ALGORITHMS = ["md5", "sha1", "sha256", "sha512"] as const;
const FORMS = ["base16", "nix32", "base64", "sri"] as const;

export interface WrittenHash {
  readonly algorithm: (typeof ALGORITHMS)[number];
  readonly text: string;
  /** Whether the text itself names the algorithm. */
  readonly isTyped: boolean;
}

export function writtenHash(
  gen: Generator,
  algorithms: readonly (typeof ALGORITHMS)[number][] = ALGORITHMS,
): WrittenHash {
  const { random } = gen;
  const algorithm = random.pick(algorithms);
  const digest = Buffer.from(hashBytes(algorithm, random.bytes(3)).digest);
  const form = random.pick(FORMS);
  if (form === "sri") return { algorithm, text: `${algorithm}-${digest.toString("base64")}`, isTyped: true };
  const plain =
    form === "base16"
      ? digest.toString("hex")
      : form === "nix32"
        ? encodeNix32(digest)
        : digest.toString("base64");
  return random.chance(0.25)
    ? { algorithm, text: `${algorithm}:${plain}`, isTyped: true }
    : { algorithm, text: plain, isTyped: false };
}

export function hashExpression(gen: Generator): string {
  const { random } = gen;
  const ways = [
    () => `(builtins.hashString "${random.pick(ALGORITHMS)}" ${string(gen)})`,
    () => `(builtins.hashFile "${random.pick(ALGORITHMS)}" ${filePath(gen)})`,
  ];
  if (gen.features.convertHash) {
    const convert = () => {
      const { algorithm, text, isTyped } = writtenHash(gen);
      const named = !isTyped || random.chance(0.5) ? `hashAlgo = "${algorithm}"; ` : "";
      const form = random.pick([...FORMS, "base32"]);
      return `(builtins.convertHash { hash = "${text}"; ${named}toHashFormat = "${form}"; })`;
    };
    ways.push(convert, convert, convert);
  }
  return gen.choose(ways);
}
