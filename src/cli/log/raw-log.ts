/**
 * The format `raw` of Nix: a line for each build that begins, and what builders print. Nothing is rewritten; for logs
 * and for programs that read ours as they read Nix's.
 */
import type { ProgressEvent } from "#build/progress";
import { type LogView, messageLabel } from "./log-view.ts";

export interface RawLogOptions {
  write(text: string): void;
  /** What builders print: as it is, after the name of the build, or not at all. */
  readonly buildOutput: "plain" | "named" | "hidden";
  readonly announcesBuilds: boolean;
}

export class RawLog implements LogView {
  readonly #options: RawLogOptions;

  constructor(options: RawLogOptions) {
    this.#options = options;
  }

  handle(event: ProgressEvent): void {
    const { write, buildOutput, announcesBuilds } = this.#options;
    switch (event.kind) {
      case "plan":
        if (announcesBuilds) write(announcement(event.derivations.map(({ path }) => path)));
        return;
      case "start":
        if (event.id.endsWith(".drv")) write(`building '${event.id}'...\n`);
        return;
      case "line":
        if (buildOutput === "plain") write(`${event.text}\n`);
        else if (buildOutput === "named") write(`${event.name}> ${event.text}\n`);
        return;
      case "message":
        write(`${messageLabel(event.level)}${event.text}\n`);
        return;
      case "bytes":
      case "finish":
        return;
    }
  }

  close(): void {}
}

function announcement(paths: readonly string[]): string {
  const what = paths.length === 1 ? "this derivation" : `these ${paths.length} derivations`;
  return `${what} will be built:\n${paths.map((path) => `  ${path}\n`).join("")}`;
}
