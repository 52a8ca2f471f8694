import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../debs-for-tests.ts";
import { readScript } from "../scripts/script-reader.ts";
import { alternativeBooks, chooseAlternatives, parseAlternativeCall } from "./alternatives.ts";

const skip =
  spawnSync("update-alternatives", ["--version"]).status === 0
    ? false
    : "the judge `update-alternatives` is missing: install dpkg";

function callsIn(script: string) {
  const world = { architecture: "amd64", kindOf: () => undefined, isLink: () => false };
  const run = { args: ["configure", ""], packageName: "x", scriptName: "postinst", world };
  return readScript(script, run).calls.map(({ words }) => words);
}

const CALLS = `
update-alternatives --install /usr/lib/libblas.so.3 libblas.so.3-x86_64 /usr/lib/blas/libblas.so.3 10
update-alternatives --install /usr/lib/libblas.so.3 libblas.so.3-x86_64 /usr/lib/openblas/libblas.so.3 100
update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5 --slave /usr/bin/nawk nawk /usr/bin/mawk --slave /usr/share/awk.1.gz awk.1.gz /usr/share/missing.1.gz
update-alternatives --install /usr/bin/editor editor /usr/bin/nano 40 --slave /usr/share/editor.1.gz editor.1.gz /usr/share/nano.1.gz
update-alternatives --install /usr/bin/editor editor /usr/bin/vim 30
update-alternatives --install /usr/bin/pager pager /usr/bin/less 50
update-alternatives --install /usr/bin/pager pager /usr/bin/more 50
update-alternatives --install /usr/bin/neg neg /usr/bin/low -20
`;
const FILES = [
  "/usr/lib/blas/libblas.so.3",
  "/usr/lib/openblas/libblas.so.3",
  ...["mawk", "nano", "vim", "less", "more", "low"].map((name) => `/usr/bin/${name}`),
  "/usr/share/nano.1.gz",
];

test("alternatives are those that update-alternatives chooses", { skip }, (t) => {
  const root = temporaryDirectory(t);
  for (const file of FILES) {
    mkdirSync(dirname(root + file), { recursive: true });
    writeFileSync(root + file, "");
  }
  for (const directory of ["/etc/alternatives", "/var/lib/dpkg/alternatives", "/var/log"]) {
    mkdirSync(root + directory, { recursive: true });
  }
  const calls = callsIn(CALLS);
  for (const call of calls) {
    const run = spawnSync("update-alternatives", ["--root", root, ...call.slice(1).map(String)]);
    assert.equal(run.status, 0, String(run.stderr));
  }
  const expected = new Map<string, string>();
  for (const directory of ["/etc/alternatives", "/usr/bin", "/usr/lib", "/usr/share"]) {
    for (const entry of readdirSync(root + directory, { withFileTypes: true })) {
      const path = `${directory}/${entry.name}`;
      if (entry.isSymbolicLink()) expected.set(path, readlinkSync(root + path));
    }
  }
  const alternatives = calls.map(parseAlternativeCall).filter((found) => found !== undefined);
  const links = chooseAlternatives(alternatives, (path) => existsSync(root + path));
  assert.deepEqual(new Map([...links].sort()), new Map([...expected].sort()));
  const books = alternativeBooks(alternatives, (path) => existsSync(root + path));
  const directory = `${root}/var/lib/dpkg/alternatives`;
  assert.deepEqual([...books.keys()].sort(), readdirSync(directory).sort());
  for (const [name, text] of books) {
    const judged = readFileSync(`${directory}/${name}`, "utf8");
    assert.deepEqual(paragraphs(text), paragraphs(judged), name);
  }
});

/** The order of the alternatives is that of their installation there, and of their names here. */
function paragraphs(book: string): readonly string[] {
  const [head = "", ...rest] = book.split("\n\n");
  const slaves = (head.split("\n").length - 2) / 2;
  const lines = rest.join("\n\n").split("\n");
  const groups: string[] = [];
  for (let at = 0; at + 1 < lines.length && lines[at] !== ""; at += 2 + slaves)
    groups.push(lines.slice(at, at + 2 + slaves).join("\n"));
  return [head, ...groups.sort()];
}

test("calls that install nothing or cannot be known are none", () => {
  const script = `update-alternatives --remove x /usr/bin/x
update-alternatives --install /usr/bin/x x $(which y) 10
update-alternatives --install /usr/bin/x ../x /usr/bin/y 10
update-alternatives --install /usr/bin/x x relative 10
update-alternatives --install /usr/bin/../../x x /y 10
update-alternatives --install /usr/bin/x x /usr/bin/y high
`;
  for (const call of callsIn(script).filter(([program]) => program === "update-alternatives")) {
    assert.equal(parseAlternativeCall(call), undefined, call.join(" "));
  }
});
