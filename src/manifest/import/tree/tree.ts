/**
 * Documents of TOML, JSON and YAML as one kind of tree whose values know their line, with questions that
 * answer `undefined` where a file does not say what it should: import takes what it finds.
 */
export type TreeValue =
  | { readonly kind: "table"; readonly members: ReadonlyMap<string, Tree> }
  | { readonly kind: "list"; readonly items: readonly Tree[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "flag"; readonly value: boolean }
  | { readonly kind: "none" };

export class Tree {
  readonly value: TreeValue;
  /** One-based. */
  readonly line: number;

  constructor(value: TreeValue, line: number) {
    this.value = value;
    this.line = line;
  }

  /** What stands at a path of keys. */
  at(...path: readonly string[]): Tree | undefined {
    let tree: Tree | undefined = this;
    for (const name of path) tree = tree?.value.kind === "table" ? tree.value.members.get(name) : undefined;
    return tree;
  }

  /**
   * Text at a path; numbers and dates count as the text that they are written as. What has a zero byte in it is no text
   * for anything that is made of it.
   */
  text(...path: readonly string[]): string | undefined {
    const found = this.at(...path)?.value;
    return found?.kind === "text" && !found.text.includes("\0") ? found.text : undefined;
  }

  flag(...path: readonly string[]): boolean | undefined {
    const found = this.at(...path)?.value;
    return found?.kind === "flag" ? found.value : undefined;
  }

  /** Members of a table, in the file's order. None where there is no table. */
  entries(...path: readonly string[]): readonly (readonly [string, Tree])[] {
    const found = this.at(...path)?.value;
    return found?.kind === "table" ? [...found.members] : [];
  }

  /** Items of a list. None where there is no list. */
  items(...path: readonly string[]): readonly Tree[] {
    const found = this.at(...path)?.value;
    return found?.kind === "list" ? found.items : [];
  }

  /** The texts of a list; a lone text counts as a list of it. */
  texts(...path: readonly string[]): readonly string[] {
    const lone = this.text(...path);
    if (lone !== undefined) return [lone];
    return this.items(...path).flatMap((item) => item.text() ?? []);
  }

  get isTable(): boolean {
    return this.value.kind === "table";
  }

  get isList(): boolean {
    return this.value.kind === "list";
  }
}

/** Lines of ascending or any offsets, each in the time of a binary search. */
export class LineCounter {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  lineOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}
