/**
 * Errors as people see them:
 *
 *     error[store-path-name]: Store path name has an invalid character at position 3: `foo bar`
 *        ╭─ shell.nix:7:12
 *      7 │   name = "foo bar";
 *        │          ^^^^^^^^^
 *      hint: names may use letters, digits and + - . _ ? =
 */
import { relative } from "node:path";
import {
  type CopseError,
  installedPath,
  lineColumn,
  type Span,
  type TraceFrame,
  textFromByteString,
} from "#base";

export interface Style {
  readonly error: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

export const plainStyle: Style = { error: (text) => text, faint: (text) => text, strong: (text) => text };
export const colourStyle: Style = {
  error: (text) => `\x1b[1;31m${text}\x1b[0m`,
  faint: (text) => `\x1b[2m${text}\x1b[0m`,
  strong: (text) => `\x1b[1m${text}\x1b[0m`,
};

export interface RenderOptions {
  readonly style: Style;
  readonly cwd: string;
  /** All frames of the trace, not only those in the user's own files. */
  readonly showTrace: boolean;
  /** Whether the code stands behind `error`: programs that speak as Nix leave it out. */
  readonly showCode?: boolean;
  /** Of the terminal; lines of source that are longer are shown in part. */
  readonly columns?: number | undefined;
}

/** How many frames of a trace are shown unless all are asked for. */
const FRAMES_SHOWN = 3;

const MAX_COLUMNS = 120;

/** Of a message's further lines. */
const MESSAGE_INDENT = 7;

export function renderError(error: CopseError, options: RenderOptions): string {
  const { style } = options;
  const label = options.showCode === false ? "error" : `error[${error.code}]`;
  const message = readable(error.message).replaceAll("\n", `\n${" ".repeat(MESSAGE_INDENT)}`);
  const lines = [`${style.error(label)}: ${style.strong(message)}`];
  const { span, frames } = options.showTrace ? { span: error.span, frames: error.trace } : forReader(error);
  if (span) lines.push(...renderExcerpt(span, options));
  for (const frame of frames) {
    const place = frame.span ? ` ${style.faint(`at ${placeOf(frame.span, options.cwd)}`)}` : "";
    lines.push(` ${style.faint("…")} ${readable(frame.message)}${place}`);
  }
  const hidden = error.trace.length - frames.length;
  if (hidden > 0) lines.push(style.faint(` … ${hidden} more, shown by --show-trace`));
  if (error.hint !== undefined) lines.push(` hint: ${readable(error.hint).replaceAll("\n", "\n       ")}`);
  return lines.join("\n");
}

/** What is in the package set is ours: its reader did not write it, and looks for the fault in what they wrote. */
function forReader(error: CopseError): { span: Span | undefined; frames: readonly TraceFrame[] } {
  const packageSet = installedPath("pkgs/");
  const isOurs = (place: Span | undefined): boolean => place?.source.name.startsWith(packageSet) === true;
  const places = [error.span, ...error.trace.map((frame) => frame.span)];
  const frames = error.trace.filter(({ message, span }) => message !== "from here" || !isOurs(span));
  return {
    span: places.find((place) => place !== undefined && !isOurs(place)),
    frames: frames
      .slice(0, FRAMES_SHOWN)
      .map((frame) => (isOurs(frame.span) ? { message: frame.message } : frame)),
  };
}

function renderExcerpt(span: Span, options: RenderOptions): string[] {
  const { source, start } = span;
  const { line, column } = lineColumn(source, start);
  const { faint, error } = options.style;
  const lineStart = start - (column - 1);
  const rest = source.text.slice(lineStart).search(/[\r\n]/);
  const lineEnd = rest < 0 ? source.text.length : lineStart + rest;
  const whole = {
    text: textFromByteString(source.text.slice(lineStart, lineEnd)).replaceAll("\t", " "),
    before: textFromByteString(source.text.slice(lineStart, start)).length,
    marked: textFromByteString(source.text.slice(start, Math.max(start + 1, Math.min(span.end, lineEnd))))
      .length,
  };
  const number = String(line);
  const gutter = " ".repeat(number.length + 2);
  const { text, before, marked } = clip(whole, (options.columns ?? MAX_COLUMNS) - gutter.length - 3);
  return [
    `${gutter}${faint("╭─")} ${placeOf(span, options.cwd)}`,
    ` ${faint(number)} ${faint("│")} ${text}`,
    `${gutter}${faint("│")} ${" ".repeat(before)}${error("^".repeat(Math.max(1, marked)))}`,
  ];
}

interface MarkedLine {
  readonly text: string;
  readonly before: number;
  readonly marked: number;
}

/** A part of a long line, with the mark in it. */
function clip({ text, before, marked }: MarkedLine, columns: number): MarkedLine {
  const room = Math.max(columns, 20);
  if (text.length <= room) return { text, before, marked };
  const from = Math.max(0, Math.min(before - Math.floor(room / 3), text.length - room));
  const until = from + room;
  const start = from > 0 ? "…" : text.slice(0, 1);
  const end = until < text.length ? "…" : text.slice(until - 1, until);
  return {
    text: `${start}${text.slice(from + 1, until - 1)}${end}`,
    before: before - from,
    marked: Math.min(marked, until - before),
  };
}

function placeOf(span: Span, cwd: string): string {
  const { line, column } = lineColumn(span.source, span.start);
  return `${shortPath(readable(span.source.name), cwd)}:${line}:${column}`;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** Messages of the language are byte strings, others are text: what is no UTF-8 as bytes is text already. */
function readable(text: string): string {
  if (!/^[\0-\xff]*$/.test(text) || !/[\x80-\xff]/.test(text)) return text;
  try {
    return UTF8.decode(Buffer.from(text, "latin1"));
  } catch {
    return text;
  }
}

/** Relative to the current folder where that is shorter and does not climb. */
export function shortPath(path: string, cwd: string): string {
  if (!path.startsWith("/")) return path;
  const short = relative(cwd, path);
  return short.startsWith("..") || short === "" ? path : short;
}
