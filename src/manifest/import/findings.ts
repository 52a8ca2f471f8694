/**
 * What `copse import` tells about the files that it has read, in two lists: what copse.toml cannot say or was not
 * understood, and what made the original come out different from one day to the next.
 */

/** A line of a file. Without a line, the file as a whole. */
export interface Place {
  /** As it is shown: relative to the project where it lies in it. */
  readonly file: string;
  /** One-based. */
  readonly line?: number | undefined;
}

export interface Finding {
  readonly place: Place;
  /** Begins with what it is about, in backticks where that is a name or a line. */
  readonly text: string;
}

export class Findings {
  readonly lost: Finding[] = [];
  readonly unreproducible: Finding[] = [];
  readonly #seen = new Set<string>();

  /** What was not carried over, and the way out where there is one. */
  lose(place: Place, text: string): void {
    this.#add(this.lost, place, text);
  }

  /** What of the original can change without anybody changing it. */
  mayChange(place: Place, text: string): void {
    this.#add(this.unreproducible, place, text);
  }

  #add(list: Finding[], place: Place, text: string): void {
    const key = `${list === this.lost} ${formatPlace(place)} ${text}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    list.push({ place, text: oneLine(text) });
  }
}

export function formatPlace({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

const MAX_LENGTH = 300;

/** Text of somebody else's file must not write to the terminal as it likes. */
export function oneLine(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim();
  return plain.length > MAX_LENGTH ? `${plain.slice(0, MAX_LENGTH)} …` : plain;
}

/** `numpy, scipy, pandas and 9 more` */
export function someOf(names: readonly string[], most = 4): string {
  if (names.length <= most + 1) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}
