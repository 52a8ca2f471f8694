/** How what happens is told: each format is a view that is handed the events, and closed when all is over. */
import type { ProgressEvent } from "#build/progress";

export interface LogView {
  handle(event: ProgressEvent): void;
  close(): void;
}

export const LOG_FORMATS = [
  "bar",
  "bar-with-logs",
  "multiline",
  "multiline-with-logs",
  "raw",
  "internal-json",
] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface Terminal {
  readonly isInteractive: boolean;
  readonly columns: number;
  write(text: string): void;
  nowMs(): number;
}

/** What stands before a message. */
export function messageLabel(level: Extract<ProgressEvent, { kind: "message" }>["level"]): string {
  return level === "warning" || level === "trace" ? `${level}: ` : "";
}
