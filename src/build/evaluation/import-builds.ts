/**
 * What is told of builds that an evaluation waits for. The thread that draws the display of a realisation is asleep then, so
 * this is written by the one that builds: a line for each build; on a terminal one line for all, rewritten, with the last
 * that a builder has printed. A failed build's error has the end of its log; `-L` shows all of it as it comes.
 */
import type { ProgressEvent } from "#build/progress";

export interface ImportBuildsOptions {
  readonly write: (text: string) => void;
  /** Width of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
  /** Whether all that builders print is shown. */
  readonly showsLines: boolean;
  readonly nowMs: () => number;
}

const REDRAW_MS = 100;

export class ImportBuilds {
  readonly #options: ImportBuildsOptions;
  /** What each running build has said last. */
  readonly #running = new Map<string, { readonly name: string; said: string }>();
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  constructor(options: ImportBuildsOptions) {
    this.#options = options;
  }

  handle(event: ProgressEvent): void {
    const { columns, showsLines } = this.#options;
    switch (event.kind) {
      case "start":
        if (event.activity !== "build") return;
        this.#running.set(event.id, { name: event.name, said: "" });
        if (columns === undefined) this.#options.write(`building ${event.name}\n`);
        this.#draw(true);
        return;
      case "line": {
        if (showsLines) this.#above(`${event.name}> ${event.text}`);
        const running = this.#running.get(event.id);
        if (running) running.said = event.text;
        this.#draw(false);
        return;
      }
      case "message":
        if (event.level === "warning" || event.level === "note")
          this.#above(event.level === "warning" ? `warning: ${event.text}` : event.text);
        return;
      case "finish":
        this.#running.delete(event.id);
        this.#draw(true);
        return;
      default:
    }
  }

  /** Leaves nothing behind. */
  close(): void {
    this.#running.clear();
    this.#draw(true);
  }

  #above(text: string): void {
    this.#options.write(`${this.#erasure()}${text}\n`);
    this.#isDrawn = false;
    this.#draw(true);
  }

  #draw(isDue: boolean): void {
    const { columns, write, nowMs } = this.#options;
    if (columns === undefined) return;
    if (!isDue && nowMs() - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs();
    const [first] = this.#running.values();
    if (!first) {
      write(this.#erasure());
      this.#isDrawn = false;
      return;
    }
    const others = this.#running.size > 1 ? ` and ${this.#running.size - 1} more` : "";
    const said = first.said.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replace(/[\x00-\x1f\x7f]+/g, " ");
    const line = `building ${first.name}${others}  ${said}`.trimEnd().slice(0, Math.max(20, columns - 1));
    write(`${this.#erasure()}${line}`);
    this.#isDrawn = true;
  }

  #erasure(): string {
    return this.#isDrawn ? "\r\x1b[K" : "";
  }
}
