/**
 * Progress of a realisation: a few live lines on a terminal, plain lines elsewhere.
 *
 * The live lines stand at the bottom, rewritten in place at most ten times a second; what must stay (warnings,
 * a failing build's log) scrolls above them. Elsewhere one line is written per step that takes long enough to
 * wonder about, so that a log file stays readable.
 */
import type { Activity, ProgressEvent } from "#build/progress";
import { type LogView, messageLabel, type Terminal } from "./log-view.ts";

const VERBS: Readonly<Record<Activity, string>> = {
  resolve: "resolving",
  evaluate: "evaluating",
  download: "downloading",
  unpack: "unpacking",
  compile: "compiling",
  compose: "composing",
  build: "building",
  merge: "merging",
};
const REDRAW_MS = 100;

interface Running {
  readonly activity: Activity;
  readonly name: string;
  readonly sinceMs: number;
}

export class ProgressDisplay implements LogView {
  readonly #terminal: Terminal;
  readonly #startedMs: number;
  readonly #planned = new Map<Activity, number>();
  readonly #done = new Map<Activity, number>();
  readonly #running = new Map<string, Running>();
  #plannedBytes = 0;
  #bytes = 0;
  #firstByteMs: number | undefined;
  #drawnLines = 0;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#startedMs = terminal.nowMs();
  }

  handle(event: ProgressEvent): void {
    switch (event.kind) {
      case "plan":
        for (const [activity, count] of Object.entries(event.counts))
          this.#planned.set(activity as Activity, count);
        this.#plannedBytes = event.downloadBytes;
        if (!this.#terminal.isInteractive) this.#announcePlan();
        break;
      case "start":
        this.#running.set(event.id, {
          activity: event.activity,
          name: event.name,
          sinceMs: this.#terminal.nowMs(),
        });
        if (!this.#terminal.isInteractive && SPOKEN.has(event.activity)) {
          this.#terminal.write(`${VERBS[event.activity]} ${event.name}\n`);
        }
        break;
      case "bytes":
        this.#firstByteMs ??= this.#terminal.nowMs();
        this.#bytes += event.bytes;
        break;
      case "line":
        this.#above(`${event.name}> ${event.text}\n`);
        return;
      case "message":
        this.#above(`${messageLabel(event.level)}${event.text}\n`);
        return;
      case "finish": {
        const running = this.#running.get(event.id);
        this.#running.delete(event.id);
        if (running && event.ok)
          this.#done.set(running.activity, (this.#done.get(running.activity) ?? 0) + 1);
        break;
      }
    }
    if (this.#terminal.isInteractive && this.#terminal.nowMs() - this.#drawnMs >= REDRAW_MS) this.#draw();
  }

  /** Takes the live lines away, and says in one line what was done when it took noticeably long. */
  close(): void {
    this.#terminal.write(this.#erasure());
    this.#drawnLines = 0;
    const seconds = (this.#terminal.nowMs() - this.#startedMs) / 1000;
    const parts = ORDER.filter((activity) => this.#done.has(activity) && DONE[activity] !== undefined).map(
      (activity) => `${this.#done.get(activity)} ${DONE[activity]}`,
    );
    if (parts.length === 0) return;
    const bytes = this.#bytes > 0 ? ` (${megabytes(this.#bytes)})` : "";
    this.#terminal.write(
      `${parts.join(", ").replace("downloaded", `downloaded${bytes}`)} in ${seconds.toFixed(1)} s\n`,
    );
  }

  #announcePlan(): void {
    const parts = ORDER.filter(
      (activity) => (this.#planned.get(activity) ?? 0) > 0 && DONE[activity] !== undefined,
    ).map((activity) => `${this.#planned.get(activity)} to be ${DONE[activity]}`);
    const bytes = this.#plannedBytes > 0 ? ` (${megabytes(this.#plannedBytes)})` : "";
    if (parts.length > 0)
      this.#terminal.write(`${parts.join(", ").replace("downloaded", `downloaded${bytes}`)}\n`);
  }

  #above(text: string): void {
    if (this.#terminal.isInteractive) this.#draw(text);
    else this.#terminal.write(text);
  }

  /** What takes the live lines away. */
  #erasure(): string {
    return this.#drawnLines > 0 ? `\x1b[${this.#drawnLines}A\x1b[J` : "";
  }

  /** In one write, so that nothing flickers. */
  #draw(above = ""): void {
    const lines = ORDER.map((activity) => this.#line(activity)).filter((line) => line !== undefined);
    const width = Math.max(20, this.#terminal.columns - 1);
    const live = lines.map((line) => `${line.slice(0, width)}\n`).join("");
    this.#terminal.write(`${this.#erasure()}${above}${live}`);
    this.#drawnLines = lines.length;
    this.#drawnMs = this.#terminal.nowMs();
  }

  #line(activity: Activity): string | undefined {
    const planned = this.#planned.get(activity) ?? 0;
    const done = this.#done.get(activity) ?? 0;
    const running = [...this.#running.values()].filter((item) => item.activity === activity);
    if (running.length === 0 && (planned === 0 || done >= planned)) return undefined;
    const count = planned > 0 ? `${done}/${planned}`.padStart(9) : "".padStart(9);
    const bytes = activity === "download" ? this.#downloadFigures() : "";
    const longest = running.sort((a, b) => a.sinceMs - b.sinceMs)[0];
    return ` ${VERBS[activity].padEnd(11)} ${count}  ${bytes}${longest ? longest.name : ""}`;
  }

  #downloadFigures(): string {
    const total = this.#plannedBytes > 0 ? `/${megabytes(this.#plannedBytes)}` : "";
    const seconds = this.#firstByteMs === undefined ? 0 : (this.#terminal.nowMs() - this.#firstByteMs) / 1000;
    const speed = seconds > 0.5 ? `${megabytes(this.#bytes / seconds)}/s` : "";
    return `${`${megabytes(this.#bytes)}${total}`.padEnd(20)} ${speed.padEnd(12)}`;
  }
}

const ORDER: readonly Activity[] = [
  "evaluate",
  "resolve",
  "download",
  "unpack",
  "compile",
  "compose",
  "build",
  "merge",
];
/** Activities worth a line each where nothing can be rewritten: few, or long. */
const SPOKEN: ReadonlySet<Activity> = new Set(["resolve", "compose", "build", "merge"]);
const DONE: Readonly<Partial<Record<Activity, string>>> = {
  download: "downloaded",
  unpack: "unpacked",
  compile: "byte-compiled",
  compose: "composed",
  build: "built",
  merge: "merged",
};

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
