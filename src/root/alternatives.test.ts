import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { chooseAlternatives, parseAlternativeCall } from "./alternatives.ts";
import { temporaryDirectory } from "./debs-for-tests.ts";
import { callsInScript } from "./maintainer-script.ts";

const skip =
  spawnSync("update-alternatives", ["--version"]).status === 0
    ? false
    : "the judge `update-alternatives` is missing: install dpkg";

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
  const calls = callsInScript(CALLS, new Set(["update-alternatives"]));
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
});

test("calls that install nothing or cannot be known are none", () => {
  const script = `update-alternatives --remove x /usr/bin/x
update-alternatives --install /usr/bin/x x $(which y) 10
update-alternatives --install /usr/bin/x ../x /usr/bin/y 10
update-alternatives --install /usr/bin/x x relative 10
update-alternatives --install /usr/bin/../../x x /y 10
update-alternatives --install /usr/bin/x x /usr/bin/y high
`;
  for (const call of callsInScript(script, new Set(["update-alternatives"]))) {
    assert.equal(parseAlternativeCall(call), undefined, call.join(" "));
  }
});
