/**
 * Source texts as loaded scripts. A unit is one source with one set of options; this keeps what is needed to run
 * it, to save its byte code, and to find places in its source when it fails.
 */
import { hash } from "node:crypto";
import { type ByteString, byteStringFromBytes, type CopseError, type Source, type Span } from "#base";
import {
  compileUnit,
  decodeCacheEntry,
  encodeCacheEntry,
  forEachChild,
  type GeneratedPlace,
  type LoadedScript,
  loadScript,
  MarkTable,
  notedSites,
  tracedPlaces,
  type UnitOptions,
  unitFilename,
} from "./compile/mod.ts";
import { type LintOptions, lint } from "./lint.ts";
import { resolve } from "./scope/mod.ts";
import { type Expr, formatExpr, parse } from "./syntax/mod.ts";

/** Where generated code is kept between processes. Whatever `read` answers is checked by V8 only: trust it. */
export interface CodeCache {
  read(key: string): Uint8Array | undefined;
  write(key: string, data: Uint8Array): void;
}

export interface UnitRequest {
  readonly source: Source;
  readonly baseDir: ByteString;
  /** Names that `scopedImport` brings. */
  readonly scopeNames: ReadonlySet<ByteString>;
}

export interface UnitsOptions {
  readonly globalNames: ReadonlySet<ByteString>;
  readonly builtinNames: ReadonlySet<ByteString>;
  readonly home: ByteString | undefined;
  readonly pipeOperators: boolean;
  readonly eager: boolean;
  readonly codeCache: CodeCache | undefined;
  /** Code from a cache is not looked at again, so who lints has none. */
  readonly lint: LintOptions | undefined;
  readonly tracedCalls: boolean;
}

/** Part of every cache key: to be raised when generated code changes its form or its meaning. */
const CODE_VERSION = 1;

interface LoadedUnit {
  readonly request: UnitRequest;
  readonly script: LoadedScript;
  readonly key: string | undefined;
  marks: MarkTable | undefined;
}

export class Units {
  readonly #options: UnitsOptions;
  readonly #loaded: LoadedUnit[] = [];
  readonly #keyPrefix: string;

  constructor(options: UnitsOptions) {
    this.#options = options;
    this.#keyPrefix = [
      CODE_VERSION,
      process.version,
      process.arch,
      options.eager,
      options.pipeOperators,
      options.home ?? "",
      [...options.globalNames].join(" "),
      [...options.builtinNames].join(" "),
    ].join("\0");
  }

  load(request: UnitRequest): LoadedScript {
    const cache = this.#options.codeCache;
    const key = cache === undefined ? undefined : this.#key(request);
    const filename = unitFilename(this.#loaded.length);
    const entry = key === undefined ? undefined : decodeEntry(cache?.read(key));
    const script =
      entry === undefined
        ? loadScript(this.#compile(request, false), { filename })
        : loadScript(entry.code, { filename, byteCode: entry.byteCode });
    this.#loaded.push({ request, script, key, marks: undefined });
    return script;
  }

  /** Writes the code of all units that did not come from the cache. */
  save(): void {
    const cache = this.#options.codeCache;
    if (cache === undefined) return;
    for (const { script, key } of this.#loaded) {
      if (key === undefined || script.fromByteCode) continue;
      cache.write(key, encodeCacheEntry({ code: script.code, byteCode: script.byteCode() }));
    }
  }

  #key({ source, baseDir, scopeNames }: UnitRequest): string {
    const text = [this.#keyPrefix, baseDir, [...scopeNames].join(" "), source.text].join("\0");
    return hash("sha256", Buffer.from(text, "latin1"), "hex");
  }

  #compile(request: UnitRequest, marks: boolean): string {
    const { eager, builtinNames, tracedCalls } = this.#options;
    const options: UnitOptions = { eager, builtinNames, scopeNames: request.scopeNames, marks, tracedCalls };
    const expr = this.#parse(request);
    // Once: places of errors are found by compiling again, with marks.
    if (this.#options.lint && !marks) lint(expr, { ...this.#options.lint, source: request.source });
    return compileUnit(expr, options);
  }

  #parse({ source, baseDir, scopeNames }: UnitRequest): Expr {
    const { home, pipeOperators, globalNames } = this.#options;
    const expr = parse(source, { baseDir, home, pipeOperators });
    const globals = scopeNames.size === 0 ? globalNames : globalNames.union(scopeNames);
    resolve(expr, { globals, imported: scopeNames, source });
    return expr;
  }

  /** The text of the condition of the assertion at an offset. */
  assertionText(request: UnitRequest, offset: number): string {
    const found = findAssertion(this.#parse(request), offset);
    return found === undefined ? "assertion failed" : `assertion '${formatExpr(found)}' failed`;
  }

  /** Adds what the stack says to an error: its place, and the calls that led there. */
  locate(error: CopseError): void {
    const sites = notedSites(error).values();
    const spans: Span[] = [];
    for (const place of tracedPlaces(error.stack ?? "")) {
      const span = place.kind === "shared" ? siteSpan(sites.next().value) : this.#generatedSpan(place);
      if (span !== undefined) spans.push(span);
    }
    const [first, ...rest] = withoutRepeats(spans);
    if (error.span === undefined) error.span = first;
    else if (first !== undefined) rest.unshift(first);
    for (const span of rest) error.trace.push({ message: "from here", span });
  }

  #generatedSpan({ unit, line, column }: GeneratedPlace): Span | undefined {
    const loaded = this.#loaded[unit];
    const offset = loaded && this.#marksOf(loaded).offsetAt(line, column);
    return loaded === undefined || offset === undefined ? undefined : spanAt(loaded.request.source, offset);
  }

  #marksOf(loaded: LoadedUnit): MarkTable {
    loaded.marks ??= new MarkTable(this.#compile(loaded.request, true));
    return loaded.marks;
  }
}

function decodeEntry(bytes: Uint8Array | undefined): ReturnType<typeof decodeCacheEntry> {
  return bytes === undefined ? undefined : decodeCacheEntry(bytes);
}

function siteSpan(site: { readonly source: Source; readonly offset: number } | undefined): Span | undefined {
  return site && spanAt(site.source, site.offset);
}

function spanAt(source: Source, start: number): Span {
  return { source, start, end: start + 1 };
}

function withoutRepeats(spans: readonly Span[]): Span[] {
  return spans.filter((span, i) => {
    const previous = spans[i - 1];
    return previous === undefined || previous.source !== span.source || previous.start !== span.start;
  });
}

function findAssertion(expr: Expr, offset: number): Expr | undefined {
  if (expr.kind === "assert" && expr.start === offset) return expr.condition;
  let found: Expr | undefined;
  forEachChild(expr, (child) => {
    if (found === undefined && child.start <= offset && offset <= child.end)
      found = findAssertion(child, offset);
  });
  return found;
}

export function readSource(name: string, bytes: Uint8Array): Source {
  return { name, text: byteStringFromBytes(bytes) };
}
