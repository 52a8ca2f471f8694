/** The judge is bash: what it prepares, written down and written out again, must make another bash the same. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { formatBashCode, outputsOf, parseBashEnvironment } from "./bash-environment.ts";

const folder = mkdtempSync(join(tmpdir(), "copse-env-"));
after(() => rmSync(folder, { recursive: true }));
const GET_ENV = new URL("get-env.sh", import.meta.url).pathname;

/** What get-env.sh writes where `setup` is the stdenv's. */
function environmentAfter(setup: string, env: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(folder, "setup"), setup);
  const out = join(folder, "out");
  execFileSync("/bin/bash", [GET_ENV], {
    env: {
      PATH: process.env["PATH"] ?? "",
      stdenv: folder,
      outputs: "out dev",
      out,
      dev: `${out}-dev`,
      ...env,
    },
  });
  assert.equal(readFileSync(`${out}-dev`, "utf8"), "");
  return parseBashEnvironment(readFileSync(out, "utf8"));
}

describe("what bash has prepared", () => {
  const environment = environmentAfter(
    `
    export EXPORTED=$'a "quoted"\\n\\tline \\\\ é'
    own="it's"
    declare -a list=(1 "2 3" $'x\\ny' "")
    declare -A map=([k]=v ["a b"]="c d")
    declare -i number=4
    fun() { echo "in fun: $1"; local x='}'; }
  `,
    { MULTI: "a\ndeclare -x FALSE_FRIEND=1\nb" },
  );

  test("is read with its kinds", () => {
    const { variables } = environment;
    assert.deepEqual(variables["EXPORTED"], { type: "exported", value: 'a "quoted"\n\tline \\ é' });
    assert.deepEqual(variables["own"], { type: "var", value: "it's" });
    assert.deepEqual(variables["list"], { type: "array", value: ["1", "2 3", "x\ny", ""] });
    assert.deepEqual(variables["map"], { type: "associative", value: { "a b": "c d", k: "v" } });
    assert.equal(variables["number"], undefined);
    assert.equal(variables["PWD"], undefined);
    assert.deepEqual(variables["MULTI"], { type: "exported", value: "a\ndeclare -x FALSE_FRIEND=1\nb" });
  });

  test("makes another bash the same", () => {
    const code = formatBashCode(environment, new Set(["BASHOPTS", "SHELLOPTS", "PATH", "PPID", "UID"]));
    const show = 'declare -p EXPORTED own list map; fun "x"; declare -f fun';
    const shown = execFileSync("/bin/bash", ["-c", `${code}\n${show}`], { encoding: "utf8" });
    const original = execFileSync("/bin/bash", ["-c", `. ${folder}/setup\n${show}`], { encoding: "utf8" });
    assert.equal(shown, original);
  });

  test("knows its outputs", () => {
    assert.deepEqual([...outputsOf(environment).keys()], ["out", "dev"]);
  });
});

test("what is no environment is refused", () => {
  assert.throws(() => parseBashEnvironment("{"), { code: "environment-invalid" });
  assert.throws(() => outputsOf(parseBashEnvironment("{}")), { code: "environment-invalid" });
});
