/**
 * The format `internal-json` of Nix: one JSON object a line, for programs that draw their own progress. Activities start
 * and stop by number; what they say are results of theirs. The numbers of types are Nix's.
 */
import type { Activity, ProgressEvent } from "#build/progress";
import type { LogView } from "./log-view.ts";

const BUILD_LOG_LINE = 101;
const PROGRESS = 105;
const LEVELS = { warning: 1, note: 2, trace: 0, chatty: 5 } as const;
const START_LEVEL = 3;

const ACTIVITY_TYPES: Readonly<Partial<Record<Activity, number>>> = { download: 101, build: 105 };
const UNKNOWN_ACTIVITY = 0;

export interface JsonLogOptions {
  write(text: string): void;
  /** `@nix ` on standard error, where other text may come in between; nothing in a file. */
  readonly prefix: string;
}

export class JsonLog implements LogView {
  readonly #options: JsonLogOptions;
  readonly #ids = new Map<string, { readonly id: number; bytes: number }>();
  #count = 0;

  constructor(options: JsonLogOptions) {
    this.#options = options;
  }

  handle(event: ProgressEvent): void {
    switch (event.kind) {
      case "plan":
        return;
      case "start":
        this.#start(event);
        return;
      case "line": {
        const id = this.#ids.get(event.id)?.id ?? 0;
        this.#say({ action: "result", fields: [event.text], id, type: BUILD_LOG_LINE });
        return;
      }
      case "bytes": {
        const running = this.#ids.get(event.id);
        if (!running) return;
        running.bytes += event.bytes;
        this.#say({ action: "result", fields: [running.bytes, 0, 0, 0], id: running.id, type: PROGRESS });
        return;
      }
      case "finish": {
        const running = this.#ids.get(event.id);
        this.#ids.delete(event.id);
        if (running) this.#say({ action: "stop", id: running.id });
        return;
      }
      case "message":
        this.#say({ action: "msg", level: LEVELS[event.level], msg: event.text });
        return;
    }
  }

  close(): void {}

  #start(event: Extract<ProgressEvent, { kind: "start" }>): void {
    const id = ++this.#count;
    this.#ids.set(event.id, { id, bytes: 0 });
    const isBuild = event.id.endsWith(".drv");
    this.#say({
      action: "start",
      ...(isBuild && { fields: [event.id, "", 1, 1] }),
      id,
      level: START_LEVEL,
      parent: 0,
      text: isBuild ? `building '${event.id}'` : `${event.activity} ${event.name}`,
      type: ACTIVITY_TYPES[event.activity] ?? (isBuild ? ACTIVITY_TYPES.build : UNKNOWN_ACTIVITY),
    });
  }

  #say(message: Readonly<Record<string, unknown>>): void {
    this.#options.write(`${this.#options.prefix}${JSON.stringify(message)}\n`);
  }
}
