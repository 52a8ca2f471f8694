// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix that interpolates here
/**
 * The parser against C++ Nix: what it prints for `--parse`, and what it refuses. The judge is `nix-instantiate` in
 * $COPSE_CPP_NIX or on PATH. Before 2.34 Nix printed some trees in another form, so there the judge is asked to
 * read our printed form as well, and its two readings are compared.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { accepted, operatorSnippets, refused } from "./judged-snippets.ts";
import { formatExpr, parse } from "./mod.ts";

const judge = join(process.env["COPSE_CPP_NIX"] ?? "", "nix-instantiate");
const versionText = spawnSync(judge, ["--version"], { encoding: "utf8" }).stdout ?? "";
const version = /(\d+)\.(\d+)/.exec(versionText);
const isExact = version !== null && (Number(version[1]) > 2 || Number(version[2]) >= 34);
const home = "/home/of/judged";

let directory = "";
before(() => {
  directory = mkdtempSync(join(tmpdir(), "copse-judged-"));
});
after(() => rmSync(directory, { recursive: true, force: true }));

interface Verdict {
  readonly printed: string | undefined;
  readonly message: string;
}

function ask(
  files: readonly string[],
  extra: readonly string[],
): { status: number | null; lines: string[]; message: string } {
  const state = join(directory, "nix");
  const { status, stdout, stderr } = spawnSync(judge, ["--parse", ...extra, ...files], {
    encoding: "latin1",
    maxBuffer: 1 << 28,
    env: {
      ...process.env,
      HOME: home,
      NIX_STATE_DIR: state,
      NIX_STORE_DIR: `${state}/store`,
      NIX_LOG_DIR: `${state}/log`,
    },
  });
  const text = Buffer.from(stderr, "latin1").toString("utf8");
  const lines = stdout.split("\n").slice(0, -1);
  const message = /^error: (.*)/m.exec(text)?.[1] ?? "";
  return { status, lines, message: message.replace(/ at \S*\.nix:/, " at x.nix:") };
}

/** One process for many snippets; it stops at the first that is refused, so halves are asked again. */
function judgeAll(
  snippets: readonly string[],
  { extra = [], together = 48 }: { readonly extra?: readonly string[]; readonly together?: number } = {},
): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  const files = snippets.map((snippet, i) => {
    const file = join(directory, `${i}.nix`);
    writeFileSync(file, inScope(snippet), "latin1");
    return file;
  });
  function judgeRange(from: number, to: number): void {
    const { status, lines, message } = ask(files.slice(from, to), extra);
    if (status === 0 && lines.length === to - from) {
      for (let i = from; i < to; i++)
        verdicts.set(snippets[i] as string, { printed: lines[i - from], message: "" });
    } else if (to - from === 1) {
      verdicts.set(snippets[from] as string, {
        printed: status === 0 ? lines.join("\n") : undefined,
        message,
      });
    } else {
      const middle = from + Math.ceil((to - from) / 2);
      judgeRange(from, middle);
      judgeRange(middle, to);
    }
  }
  for (let from = 0; from < files.length; from += together)
    judgeRange(from, Math.min(from + together, files.length));
  return verdicts;
}

/** Every name is found in the `with`. The line break keeps columns as they are in the snippet. */
function inScope(snippet: string): string {
  return `with { };\n${Buffer.from(snippet, "utf8").toString("latin1")}`;
}

function ours(snippet: string, pipeOperators = false): Verdict {
  const source = { name: join(directory, "x.nix"), text: inScope(snippet) };
  try {
    const tree = parse(source, { baseDir: directory, home, separateTexts: true, pipeOperators });
    return { printed: formatExpr(tree), message: "" };
  } catch (error) {
    if (!isCopseError(error)) throw error;
    return { printed: undefined, message: error.message.replace(/ at \S*\.nix:/, " at x.nix:") };
  }
}

function skipWithoutJudge(t: TestContext): boolean {
  if (version === null) t.skip("needs nix-instantiate (Debian: nix-bin) on PATH or in $COPSE_CPP_NIX");
  return version === null;
}

/** What is left when forms of printing are taken away. */
function bare(printed: string | undefined): string | undefined {
  return printed?.replace(/[()\s]/g, "").replaceAll('""+', "");
}

function compare(snippets: readonly string[]): void {
  // Those that should be refused are asked alone: one refusal makes a whole batch be asked again.
  const isAccepted = (snippet: string) => ours(snippet).printed !== undefined;
  const verdicts = new Map([
    ...judgeAll(snippets.filter(isAccepted)),
    ...judgeAll(
      snippets.filter((snippet) => !isAccepted(snippet)),
      { together: 1 },
    ),
  ]);
  const mismatches: unknown[] = [];
  const reread: { snippet: string; printed: string; theirs: string | undefined }[] = [];
  for (const snippet of snippets) {
    const theirs = verdicts.get(snippet) as Verdict;
    const mine = ours(snippet);
    if (mine.printed === theirs.printed) continue;
    if (!isExact && mine.printed !== undefined && theirs.printed !== undefined) {
      reread.push({ snippet, printed: mine.printed, theirs: theirs.printed });
    } else {
      mismatches.push({ snippet, ours: mine, theirs });
    }
  }
  const again = judgeAll(reread.map(({ printed }) => Buffer.from(printed, "latin1").toString("utf8")));
  for (const { snippet, printed, theirs } of reread) {
    const readAgain = again
      .get(Buffer.from(printed, "latin1").toString("utf8"))
      ?.printed?.replace(/^\(with \{ \}; /, "");
    if (bare(readAgain) !== bare(theirs)) mismatches.push({ snippet, printed, readAgain, theirs });
  }
  assert.deepEqual(mismatches, []);
}

test("accepted snippets print as C++ Nix prints them", (t) => {
  if (skipWithoutJudge(t)) return;
  compare(isExact ? accepted : accepted.filter((snippet) => !newerThanDebian.has(snippet)));
  for (const snippet of accepted) assert.equal(typeof ours(snippet).printed, "string", snippet);
});

test("all pairs of operators group as in C++ Nix, or are refused by both", (t) => {
  if (skipWithoutJudge(t)) return;
  compare(operatorSnippets());
});

test("what C++ Nix refuses is refused, with its first line", (t) => {
  if (skipWithoutJudge(t)) return;
  const verdicts = judgeAll(refused, { together: 1 });
  const mismatches: unknown[] = [];
  for (const snippet of refused) {
    const theirs = verdicts.get(snippet) as Verdict;
    const mine = ours(snippet);
    const isRefusedByBoth = mine.printed === undefined && (theirs.printed === undefined || !isExact);
    const isSameMessage = !isExact || mine.message === theirs.message;
    if (!isRefusedByBoth || !isSameMessage) mismatches.push({ snippet, ours: mine, theirs });
  }
  assert.deepEqual(mismatches, []);
});

test("pipe operators", (t) => {
  if (skipWithoutJudge(t) || !isExact) return;
  const snippets = [
    "a |> b",
    "a |> b |> c",
    "a <| b",
    "a <| b <| c",
    "a |> f x",
    "f x <| a",
    "a + b |> c",
    "a -> b |> c",
    "a |> (b - c)",
    "a |> b |> c d",
  ];
  const mixed = ["a |> b <| c", "a <| b |> c", "a |> x: x", "|> a", "a |>", "a <|", "f (a |> b |> )"];
  const verdicts = judgeAll([...snippets, ...mixed], {
    extra: ["--extra-experimental-features", "pipe-operators"],
    together: 1,
  });
  for (const [snippet, { printed }] of verdicts) assert.equal(ours(snippet, true).printed, printed, snippet);
});

/** Read otherwise by the Nix of Debian 12. */
const newerThanDebian: ReadonlySet<string> = new Set(["{ a.b.c = 1; a = { b = { d = 2; }; }; }"]);
