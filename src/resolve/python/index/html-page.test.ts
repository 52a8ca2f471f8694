import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { isCopseError } from "#base";
import { fuzzRuns, Random } from "#format/testing";
import { parseHtmlPage } from "./html-page.ts";
import { htmlTags } from "./html-tokens.ts";
import { parseJsonPage } from "./json-page.ts";
import { formatListing, parseListing } from "./listing-text.ts";
import type { ListedFile } from "./project-file.ts";

const PAGE = new URL("https://index.example/simple/foo/");
const HASH = "a".repeat(64);

const JUDGE = `
import sys, json
from html.parser import HTMLParser
class Tags(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags = []
    def handle_starttag(self, tag, attributes):
        first = {}
        for name, value in attributes: first.setdefault(name, value)
        self.tags.append([tag, sorted(first.items())])
answers = []
for page in json.load(sys.stdin):
    parser = Tags()
    parser.feed(page)
    answers.append(parser.tags)
json.dump(answers, sys.stdout)
`;
const python = spawnSync("python3", ["--version"]);

/** Pieces that pages of links are made of, well-formed and nearly so. */
const PIECES = [
  '<a href="x">',
  "<A HREF='y&amp;z' data-yanked>",
  '<a href=q data-requires-python="&gt;=3.6,&#60;4">',
  "</a>",
  "text & more",
  "<br/>",
  "<br />",
  "<base href='https://other.example/'>",
  "<!-- <a href=no> -->",
  "<!DOCTYPE html>",
  '<meta name="n" content="1.0"/>',
  "<a\n  href = 'spaced'\n>",
  '<a href="a>b" title=\'c"d\'>',
  "<p>1 < 2</p>",
  "<a href>",
  '<a x="1" x="2">',
  "\n",
  "&lt;a&gt;",
] as const;

test("tags are what Python's html.parser finds", {
  skip: python.status === 0 ? false : "python3 is not installed",
}, () => {
  const random = new Random(7);
  const pages = Array.from({ length: 500 }, () =>
    random.list(random.below(12), () => random.pick(PIECES)).join(""),
  );
  const answer = spawnSync("python3", ["-c", JUDGE], {
    input: JSON.stringify(pages),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  assert.equal(answer.status, 0, answer.stderr);
  for (const [at, theirs] of (JSON.parse(answer.stdout) as unknown[]).entries()) {
    const ours = [...htmlTags(pages[at] as string)].map(({ name, attributes }) => [
      name,
      [...attributes]
        .map(([key, value]) => [key, value ?? null])
        .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
    ]);
    assert.deepEqual(ours, theirs, pages[at]);
  }
});

test("a link tells all that is known of a file", () => {
  const html = `<html><head><meta name="pypi:repository-version" content="1.1"><base href="/files/"></head>
    <a href="foo-1.0-py3-none-any.whl#sha256=${HASH.toUpperCase()}" data-requires-python="&gt;=3.8" data-yanked="" data-core-metadata="sha256=${HASH}">x</a>
    <a href="../sub/foo-1.0%2Bcpu.tar.gz#egg=foo" data-dist-info-metadata="true">x</a>
    <a href="foo-1.0.exe">no</a> <a href="javascript:foo-1.0.zip">no</a> <a href="file:///etc/foo-1.zip">no</a> <a href="..%2Ffoo-1.zip">no</a>`;
  assert.deepEqual(parseHtmlPage(html, PAGE), [
    {
      file: "foo-1.0-py3-none-any.whl",
      url: "https://index.example/files/foo-1.0-py3-none-any.whl",
      sha256: HASH,
      requiresPython: ">=3.8",
      yanked: true,
      metadata: { sha256: HASH },
    },
    { file: "foo-1.0+cpu.tar.gz", url: "https://index.example/sub/foo-1.0%2Bcpu.tar.gz", metadata: {} },
  ]);
  assert.throws(
    () => parseHtmlPage('<meta name="pypi:repository-version" content="2.0">', PAGE),
    (error) => isCopseError(error, "index-version"),
  );
});

test("JSON of the wrong types counts as absent, and of the wrong shape as an error", () => {
  const file = {
    filename: "foo-1.zip",
    url: "https://u:p@files.example/foo-1.zip#x",
    hashes: 3,
    size: -1,
    yanked: 7,
    "upload-time": "now",
    "core-metadata": true,
  };
  const text = JSON.stringify({
    files: [file, 1, null, { filename: "../foo-1.zip", url: "x" }, { filename: "foo-2.zip" }],
  });
  assert.deepEqual(parseJsonPage(text, PAGE), [
    { file: "foo-1.zip", url: "https://files.example/foo-1.zip", metadata: {} },
  ]);
  for (const broken of ["", "[]", "{}", "null", '{"files":{}}', '{"files":['])
    assert.throws(
      () => parseJsonPage(broken, PAGE),
      (error) => isCopseError(error, "index-page-invalid"),
      broken,
    );
});

test("a listing comes out of the cache as it went in", () => {
  const random = new Random(11);
  const words = ["", "a", "=", "!", "\t", "\n", "\\", "\\t", "é😀", ">=3,<4", "foo-1.whl"];
  const text = () => random.list(1 + random.below(4), () => random.pick(words)).join("");
  for (let run = 0; run < fuzzRuns(300); run++) {
    const listed = (): ListedFile => {
      const file = `f${text()}`;
      const optional = <T>(value: T) => (random.below(2) === 0 ? value : undefined);
      const all = {
        file,
        url: `https://${random.pick(["one", "two"])}.example/${text()}${random.below(2) === 0 ? "/" : ""}${random.below(2) === 0 ? file : text()}`,
        sha256: optional(HASH),
        size: optional(random.below(1000)),
        requiresPython: optional(`>${text()}`),
        yanked: optional(random.below(2) === 0 ? true : `r${text()}`),
        uploadTime: optional("2024-01-01T00:00:00Z"),
        metadata: optional(random.below(2) === 0 ? {} : { sha256: HASH }),
      };
      return Object.fromEntries(
        Object.entries(all).filter(([, value]) => value !== undefined),
      ) as unknown as ListedFile;
    };
    const listing = random.list(random.below(4), () => ({
      text: random.below(4) === 0 ? text() : "1.0",
      files: random.list(1 + random.below(4), listed),
    }));
    const kept = parseListing(formatListing(listing));
    assert.deepEqual(
      kept.map(({ text, files }) => ({ text, files })),
      listing,
    );
  }
});
