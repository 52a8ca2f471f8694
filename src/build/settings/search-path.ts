/**
 * NIX_PATH: entries parted by colons, each `NAME=PLACE` or a folder. A place can be an address, so the colon of `https:`
 * or `channel:` does not end an entry.
 */

const ADDRESS_SCHEME = /^(?:[^=/]*=)?(?:https?|file|git|s3|ssh|channel)$/;
const NAME_SCHEME = /^(?:[^=/]*=)?(?:channel|flake)$/;

export function splitSearchPath(text: string): string[] {
  const entries: string[] = [];
  for (const part of text.split(":")) {
    const before = entries.at(-1) ?? "";
    const goesOn = part.startsWith("//") ? ADDRESS_SCHEME.test(before) : NAME_SCHEME.test(before);
    if (goesOn) entries[entries.length - 1] = `${before}:${part}`;
    else entries.push(part);
  }
  return entries.filter((entry) => entry !== "");
}
