import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { byteStringFromText } from "#base";
import { becomeBuilder } from "./become.ts";

function become(env: Record<string, string>, argv: [string, ...string[]], hasEnv = true): string {
  const { variables, words } = becomeBuilder(
    { env, argv },
    { before: "", directory: "/", redirections: "2>&1", hasEnv },
  );
  return execFileSync("/usr/bin/env", ["-i", ...variables, ...words], { encoding: "latin1" });
}

test("variables and arguments arrive byte for byte", () => {
  const env = {
    PLAIN: "a 'b' \"c\" $d\n",
    TEXT: byteStringFromText("grün"),
    BYTES: "\xff\xfe 'x' \\n %s\n\n",
    "odd-name": "1",
    "odd.bytes": "\x80",
    IFS: ":",
    PS1: "$ ",
    OLDPWD: "/before",
  };
  const expected = Object.entries(env).map(([name, value]) => `${name}=${value}\0`);
  const shown = become(env, ["/usr/bin/env", "-0"]);
  assert.deepEqual(
    shown.split("\0").slice(0, -1).toSorted(),
    expected.map((line) => line.slice(0, -1)).toSorted(),
  );
  const argv = ["a b", "\xe9\n", byteStringFromText("é"), "", "-n", "\xff'"];
  assert.equal(become({}, ["/usr/bin/printf", "%s\\0", ...argv]), argv.map((arg) => `${arg}\0`).join(""));
});

test("a builder that is not there or cannot be run is named as Nix does", () => {
  const failure = (builder: string) => {
    try {
      become({}, [builder]);
      return "";
    } catch (error) {
      return `${(error as { status: number }).status} ${(error as { stdout: string }).stdout}`;
    }
  };
  assert.equal(failure("/no/such"), "1 error: executing '/no/such': No such file or directory\n");
  assert.equal(failure("/etc/passwd"), "1 error: executing '/etc/passwd': Permission denied\n");
  assert.equal(failure("/etc"), "1 error: executing '/etc': Permission denied\n");
  assert.equal(failure("/no\xff"), "1 error: executing '/no\xff': No such file or directory\n");
});

test("no core dumps, and a umask that everyone has", () => {
  const script = "ulimit -c; umask";
  assert.equal(become({}, ["/bin/sh", "-c", script]), "0\n0022\n");
});
