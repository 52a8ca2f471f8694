/** For tests: versions and specifiers by chance, in all spellings, close to each other so that comparisons are decided late. */
import type { Random } from "#format/testing";

const NUMBERS = ["0", "0", "1", "1", "2", "3", "9", "10", "11", "175", "176", "2024", "007"] as const;
const LARGE = ["20240101123059", "9007199254740992", "9007199254740993", "123456789012345678901"] as const;

export function randomNumber(random: Random): string {
  return random.chance(0.03) ? random.pick(LARGE) : random.pick(NUMBERS);
}

/** Mostly in normal form. */
export function randomVersion(random: Random): string {
  const plain = random.chance(0.6);
  const separator = (): string => (plain ? "" : random.pick(["", ".", "-", "_"]));
  const number = (): string => (plain || random.chance(0.7) ? randomNumber(random) : "");
  let text = random.chance(0.08) ? `${random.below(3)}!` : "";
  text += randomRelease(random, 1);
  if (random.chance(0.25)) {
    const words = plain ? ["a", "b", "rc"] : ["a", "alpha", "b", "beta", "c", "rc", "pre", "preview"];
    text += separator() + random.pick(words) + separator() + number();
  }
  if (random.chance(0.2)) {
    if (!plain && random.chance(0.3)) text += `-${randomNumber(random)}`;
    else if (plain) text += `.post${number()}`;
    else text += separator() + random.pick(["post", "rev", "r"]) + separator() + number();
  }
  if (random.chance(0.2)) text += plain ? `.dev${number()}` : `${separator()}dev${separator()}${number()}`;
  if (random.chance(0.15)) text += `+${randomLocal(random)}`;
  if (plain) return text;
  if (random.chance(0.1)) text = `v${text}`;
  if (random.chance(0.2)) text = text.toUpperCase();
  return random.chance(0.1) ? ` ${text}\n` : text;
}

export function randomRelease(random: Random, atLeast: number): string {
  return random.list(atLeast + random.below(3), () => randomNumber(random)).join(".");
}

function randomLocal(random: Random): string {
  const segment = (): string =>
    random.pick(["cpu", "cu118", "cu121", "1", "01", "10", "ubuntu", "g0a1b", "0"]);
  return random.list(1 + random.below(3), segment).join(random.pick([".", "-", "_"]));
}

/** Some are not versions any more. */
export function randomNearVersion(random: Random): string {
  const version = randomVersion(random);
  if (random.chance(0.6)) return version;
  const at = random.below(version.length + 1);
  return version.slice(0, at) + random.text(1, "01.-_+!avV rc*=\u00e9") + version.slice(at + random.below(2));
}

export function randomSpecifier(random: Random): string {
  const operator = random.pick(["==", "==", "!=", "~=", "<=", ">=", "<", ">", "==="]);
  const space = random.chance(0.2) ? " " : "";
  if (random.chance(0.2)) return `${operator}${space}${randomRelease(random, 1)}.*`;
  if (random.chance(0.3)) return `${operator}${space}${randomRelease(random, 2)}`;
  // Local versions are for `==` and `!=` alone, so elsewhere most would be refused.
  const version = randomVersion(random).trim();
  const keepsLocal = operator === "==" || operator === "!=" || random.chance(0.1);
  return `${operator}${space}${keepsLocal ? version : version.split("+")[0]}`;
}

export function randomSpecifiers(random: Random): string {
  const text = random.list(random.below(4), () => randomSpecifier(random)).join(random.pick([",", ", "]));
  return random.chance(0.05) ? `${text},` : text;
}
