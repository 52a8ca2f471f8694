/**
 * Source archives that want to write beside the folder they are unpacked into: the step of a build that unpacks them
 * (pkgs/python/build-sdist.py) refuses them by itself, though it runs where nothing is but the build.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const PYTHON = "/usr/bin/python3";
const skip = spawnSync(PYTHON, ["--version"]).status === 0 ? false : `${PYTHON} is missing: install python3`;
const STEP = join(import.meta.dirname, "../../../../pkgs/python/build-sdist.py");

/** Makes a tar archive of `[kind, name, link or contents]`. */
const MAKE = `
import io, json, sys, tarfile
kinds = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE,
         "device": tarfile.CHRTYPE, "pipe": tarfile.FIFOTYPE}
with tarfile.open(sys.argv[1], "w:gz") as out:
    for kind, name, text in json.loads(sys.argv[2]):
        one = tarfile.TarInfo(name)
        one.type = kinds[kind]
        one.mode = 0o6777
        if kind.endswith("link"): one.linkname = text
        else: one.size = len(text)
        out.addfile(one, io.BytesIO(text.encode()))
`;

type Member = readonly [kind: string, name: string, text: string];

function unpack(t: TestContext, members: readonly Member[]) {
  const folder = mkdtempSync(join(tmpdir(), "copse-sdist-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(`${folder}/build`);
  const archive = `${folder}/pkg-1.0.tar.gz`;
  const made = spawnSync(PYTHON, ["-c", MAKE, archive, JSON.stringify(members)], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  const { status, stderr } = spawnSync(PYTHON, ["-I", STEP, "unpack"], {
    cwd: `${folder}/build`,
    env: { out: `${folder}/out`, sdist: archive, sdistName: "pkg-1.0.tar.gz" },
    encoding: "utf8",
  });
  return { folder, status, stderr };
}

const PROJECT: readonly Member[] = [["file", "pkg-1.0/pyproject.toml", "[project]\n"]];

const hostile: readonly (readonly [what: string, members: readonly Member[]])[] = [
  ["a path upwards", [["file", "pkg-1.0/../../evil", "x"]]],
  ["an absolute path", [["file", "/tmp/copse-evil", "x"]]],
  ["a link that leads out", [["link", "pkg-1.0/out", "../../.."]]],
  ["a link to an absolute path", [["link", "pkg-1.0/out", "/etc"]]],
  ["a hard link that leads out", [["hardlink", "pkg-1.0/out", "../../etc/passwd"]]],
  [
    "links that lead out one after the other",
    [
      ["link", "pkg-1.0/a", "."],
      ["link", "pkg-1.0/a/b", "../.."],
      ["file", "pkg-1.0/b/evil", "x"],
    ],
  ],
  [
    "a link upwards through another one",
    [
      ["folder", "pkg-1.0/deep/er", ""],
      ["link", "pkg-1.0/here", "deep/.."],
      ["link", "pkg-1.0/deep/er/up", "../../here/../.."],
      ["file", "pkg-1.0/deep/er/up/evil", "x"],
    ],
  ],
];

for (const [what, members] of hostile)
  test(`an sdist with ${what} is refused`, { skip }, (t) => {
    const { folder, status, stderr } = unpack(t, [...PROJECT, ...members]);
    assert.notEqual(status, 0);
    assert.match(stderr, /leads out/);
    assert.equal(existsSync(`${folder}/out`), false);
    assert.deepEqual(readdirSync(folder).sort(), ["build", "pkg-1.0.tar.gz"]);
  });

test("of an sdist come files, folders and links within, with plain modes", { skip }, (t) => {
  const { folder, status, stderr } = unpack(t, [
    ...PROJECT,
    ["device", "pkg-1.0/null", ""],
    ["pipe", "pkg-1.0/pipe", ""],
    ["link", "pkg-1.0/link", "pyproject.toml"],
    ["hardlink", "pkg-1.0/same", "pkg-1.0/pyproject.toml"],
  ]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(readdirSync(`${folder}/out`).sort(), ["link", "pyproject.toml", "same"]);
  assert.equal(readFileSync(`${folder}/out/link`, "utf8"), "[project]\n");
  assert.equal(lstatSync(`${folder}/out/pyproject.toml`).mode & 0o7777, 0o755);
});
