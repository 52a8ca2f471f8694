/**
 * Texts that come again and again, parsed once: of the specifiers and markers in the metadata of a few hundred packages,
 * most have been read before. What is parsed must never be changed. Texts that are errors are parsed each time.
 */

/** Enough for the largest solve; and no more memory than that, whatever is read. */
const MOST_TEXTS = 20_000;
const MOST_CHARACTERS = 500;

export function parseOnce<T extends object>(): (text: string, parse: (text: string) => T) => T {
  const known = new Map<string, T>();
  return (text, parse) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const parsed = parse(text);
    if (text.length > MOST_CHARACTERS) return parsed;
    if (known.size >= MOST_TEXTS) known.clear();
    known.set(text, parsed);
    return parsed;
  };
}
