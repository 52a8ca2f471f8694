/** TOML 1.0 as text that is put together piece by piece. Values come in as TOML already. */
export class TomlText {
  readonly #lines: string[] = [];

  comment(text: string): void {
    this.#lines.push(`# ${text}`);
  }

  table(name: string, { isItem = false }: { readonly isItem?: boolean } = {}): void {
    this.#lines.push("", isItem ? `[[${name}]]` : `[${name}]`);
  }

  /** Nothing where there is no value. */
  value(key: string, value: string | undefined): void {
    if (value !== undefined && value !== "") this.#lines.push(`${key} = ${value}`);
  }

  /** One to a line where there are several. An empty one only if it says something that it is there. */
  list(
    key: string,
    items: readonly string[],
    { isStated = false }: { readonly isStated?: boolean } = {},
  ): void {
    if (items.length === 0 && !isStated) return;
    const short = listText(items);
    if (short.length <= SHORT && items.length <= 3) this.value(key, short);
    else this.#lines.push(`${key} = [`, ...items.map((item) => `  ${item},`), "]");
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}

const SHORT = 80;

export function listText(items: readonly string[]): string {
  return `[${items.join(", ")}]`;
}

export function inlineTable(members: readonly (readonly [string, string])[]): string {
  return `{ ${members.map(([key, value]) => `${key} = ${value}`).join(", ")} }`;
}

export function keyText(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : stringText(name);
}

/** A basic string; TOML's escapes are JSON's, and DEL needs one too. */
export function stringText(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll("\x7f", "\\u007f");
}
