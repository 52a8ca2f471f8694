/**
 * Where in the Nix source an error comes from. Generated code records nothing as it runs: V8 says where in the
 * generated text each frame of the stack stands. To map that back, the unit is generated once more with marks,
 * which give each place of the text the source offset of the nearest mark before it.
 */

export interface GeneratedPlace {
  readonly kind: "generated";
  readonly unit: number;
  /** Both from one, as V8 counts. */
  readonly line: number;
  readonly column: number;
}

/** A frame of code that many places share: the place was noted as the error passed (see `sites.ts`). */
export interface SharedPlace {
  readonly kind: "shared";
}

const FRAME = /copse-unit:(\d+):(\d+):(\d+)|(?<= )(?:runSelect|runSelectPath|runWith|runApply) \(/g;

export function unitFilename(unit: number): string {
  return `copse-unit:${unit}`;
}

/** The frames of a JavaScript stack trace that stand for places in sources, innermost first. */
export function tracedPlaces(stack: string): (GeneratedPlace | SharedPlace)[] {
  return [...stack.matchAll(FRAME)].map(([, unit, line, column]) => {
    if (unit === undefined) return { kind: "shared" };
    return { kind: "generated", unit: Number(unit), line: Number(line), column: Number(column) };
  });
}

interface Mark {
  readonly column: number;
  readonly offset: number;
}

/** Marks by line, from text generated with `marks`. */
export class MarkTable {
  readonly #lines: readonly (readonly Mark[])[];

  constructor(marked: string) {
    this.#lines = marked.split("\n").map(marksOfLine);
  }

  /** The source offset for a place in the text without marks. */
  offsetAt(line: number, column: number): number | undefined {
    let best: number | undefined;
    for (const mark of this.#lines[line - 1] ?? []) {
      if (mark.column > column - 1) break;
      best = mark.offset;
    }
    return best;
  }
}

function marksOfLine(line: string): Mark[] {
  const marks: Mark[] = [];
  let removed = 0;
  for (const match of line.matchAll(/\u0001(\d+)\u0002/g)) {
    marks.push({ column: match.index - removed, offset: Number(match[1]) });
    removed += match[0].length;
  }
  return marks;
}
