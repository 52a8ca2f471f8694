/**
 * The lines of a requirements file, as pip puts them together: a backslash at the end joins the next line, `#` at the start or
 * behind white space begins a comment, and what begins with a dash are options.
 *
 * Comments are kept: tools that write such files (pip-compile, uv) say in them who asked for a package.
 */
export interface RequirementsLine {
  /** One-based, where it begins. */
  readonly line: number;
  /** What stands before the first option. */
  readonly requirement: string;
  readonly options: readonly string[];
  /** Of this line, and of those with nothing else that follow it. */
  readonly comments: readonly string[];
}

/** Without comments and options, in order. */
export function requirementsLines(text: string): RequirementsLine[] {
  const found: (RequirementsLine & { readonly comments: string[] })[] = [];
  for (const { line, content } of joinedLines(text)) {
    const at = /(?:^|\s)#/.exec(content)?.index ?? content.length;
    const body = content.slice(0, at).trim();
    const comment = content
      .slice(at)
      .trim()
      .replace(/^#+\s*/, "");
    if (body === "") {
      if (comment !== "") found.at(-1)?.comments.push(comment);
      continue;
    }
    const { requirement, options } = splitOptions(body);
    found.push({ line, requirement, options, comments: comment === "" ? [] : [comment] });
  }
  return found;
}

function* joinedLines(text: string): Generator<{ readonly line: number; readonly content: string }> {
  let parts: string[] = [];
  let start = 1;
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    const isComment = /^\s*#/.test(line);
    if (parts.length === 0) start = at + 1;
    if (line.endsWith("\\") && !isComment) {
      // pip takes all of them away, at both ends.
      parts.push(line.replace(/^\\+|\\+$/g, ""));
      continue;
    }
    // A comment ends what a backslash has begun.
    if (isComment && parts.length > 0) {
      yield { line: start, content: parts.join("") };
      yield { line: at + 1, content: line };
    } else yield { line: start, content: parts.join("") + line };
    parts = [];
  }
  if (parts.length > 0) yield { line: start, content: parts.join("") };
}

function splitOptions(body: string): { readonly requirement: string; readonly options: readonly string[] } {
  if (body.startsWith("-")) return { requirement: "", options: splitWords(body) };
  const at = body.search(/ -/);
  if (at < 0) return { requirement: body, options: [] };
  return { requirement: body.slice(0, at).trim(), options: splitWords(body.slice(at)) };
}

/** Words as a shell splits them, with quotes. A quote that is not closed goes to the end. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  const word = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*(?:"|$)|'[^']*(?:'|$)|\\$)+/gs;
  for (const [found] of text.matchAll(word)) {
    words.push(
      found.replace(/"((?:[^"\\]|\\.)*)(?:"|$)|'([^']*)(?:'|$)|\\(.)/gs, (_, double, single, escaped) =>
        String(double?.replace(/\\(["\\$`])/g, "$1") ?? single ?? escaped ?? ""),
      ),
    );
  }
  return words;
}
