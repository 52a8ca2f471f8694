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
import { type CopseError, lineColumn, type Span, textFromByteString } from "#base";

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
}

/** How many frames of a trace are shown unless all are asked for. */
const FRAMES_SHOWN = 3;

/** Of a message's further lines. */
const MESSAGE_INDENT = 7;

export function renderError(error: CopseError, options: RenderOptions): string {
  const { style } = options;
  const label = options.showCode === false ? "error" : `error[${error.code}]`;
  const message = readable(error.message).replaceAll("\n", `\n${" ".repeat(MESSAGE_INDENT)}`);
  const lines = [`${style.error(label)}: ${style.strong(message)}`];
  if (error.span) lines.push(...renderExcerpt(error.span, options));
  const frames = options.showTrace ? error.trace : error.trace.slice(0, FRAMES_SHOWN);
  for (const frame of frames) {
    const place = frame.span ? ` ${style.faint(`at ${placeOf(frame.span, options.cwd)}`)}` : "";
    lines.push(` ${style.faint("…")} ${readable(frame.message)}${place}`);
  }
  const hidden = error.trace.length - frames.length;
  if (hidden > 0) lines.push(style.faint(` … ${hidden} more, shown by --show-trace`));
  if (error.hint !== undefined) lines.push(` hint: ${readable(error.hint).replaceAll("\n", "\n       ")}`);
  return lines.join("\n");
}

function renderExcerpt(span: Span, options: RenderOptions): string[] {
  const { source, start } = span;
  const { line, column } = lineColumn(source, start);
  const { faint, error } = options.style;
  const lineStart = start - (column - 1);
  const rest = source.text.slice(lineStart).search(/[\r\n]/);
  const lineEnd = rest < 0 ? source.text.length : lineStart + rest;
  const text = textFromByteString(source.text.slice(lineStart, lineEnd)).replaceAll("\t", " ");
  const before = textFromByteString(source.text.slice(lineStart, start)).length;
  const marked = textFromByteString(
    source.text.slice(start, Math.max(start + 1, Math.min(span.end, lineEnd))),
  ).length;
  const number = String(line);
  const gutter = " ".repeat(number.length + 2);
  return [
    `${gutter}${faint("╭─")} ${placeOf(span, options.cwd)}`,
    ` ${faint(number)} ${faint("│")} ${text}`,
    `${gutter}${faint("│")} ${" ".repeat(before)}${error("^".repeat(Math.max(1, marked)))}`,
  ];
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
