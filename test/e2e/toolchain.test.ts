/** What needs more than the fixture: Debian's toolchain, and a second store. Minutes, so only when asked for. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, describe, test } from "node:test";
import { output, prepareFixture, project, realPath, world, write } from "./world.ts";

const skip = process.env["COPSE_SLOW_TESTS"] === undefined ? "set COPSE_SLOW_TESTS to run it" : false;

describe("slow", { skip }, () => {
  before(prepareFixture);

  test("a C program, built by its phases and run in an environment", async () => {
    const cwd = project("fixture");
    write(cwd, {
      "hi.c": '#include <stdio.h>\nint main(void) { puts("hi from " WHERE); return 0; }\n',
      Makefile: "hi: hi.c\n\t$(CC) $(CFLAGS) -o $@ $<\ninstall: hi\n\tinstall -D hi $(PREFIX)/bin/hi\n",
      "default.nix": `with import <nixpkgs> { };
        stdenv.mkDerivation {
          pname = "hi";
          version = "1";
          src = ./.;
          makeFlags = [ "CFLAGS=-DWHERE='\\"C\\"'" "PREFIX=$(out)" ];
          postInstall = "$out/bin/hi | grep C";
        }`,
      "shell.nix": "with import <nixpkgs> { }; mkShell { packages = [ (import ./default.nix) ]; }",
    });
    const out = realPath(await output(["build", "--no-out-link"], { cwd }));
    assert.equal(readFileSync(join(out, "bin/hi"), "latin1").slice(0, 5), "\x7fELF\x02");
    assert.equal(await output(["run", "--", "hi"], { cwd }), "hi from C\n");
  });

  test("a library's development files, found by pkg-config in a build", async () => {
    const cwd = project();
    write(cwd, {
      "z.c": "#include <stdio.h>\n#include <zlib.h>\nint main(void) { return puts(zlibVersion()) < 0; }\n",
      "default.nix": `with import <nixpkgs> { };
        runCommandCC "z" { nativeBuildInputs = [ pkg-config ]; buildInputs = [ debian.zlib1g-dev ]; } ''
          cc -o z ${"${./z.c}"} $(pkg-config --cflags --libs zlib)
          [ "$(./z)" = "$(pkg-config --modversion zlib)" ] && ./z >$out
        ''`,
    });
    const out = realPath(await output(["build", "--no-out-link"], { cwd }));
    assert.match(readFileSync(out, "utf8"), /^1\.[0-9.]+\n$/);
  });

  test("a second store comes to the same hashes", async () => {
    const other = project();
    await output(["run", "--frozen", "--", "true"], { env: { COPSE_STORE: other } });
    const [here, there] = [hashes(world.store), hashes(other)];
    assert.ok(there.size > 150);
    for (const [path, hash] of there) assert.equal(hash, here.get(path), path);
  });

  function hashes(store: string): Map<string, string> {
    using database = new DatabaseSync(join(store, "nix/var/nix/db/db.sqlite"), { readOnly: true });
    const rows = database.prepare("select path, hash from ValidPaths").all();
    return new Map(rows.map((row) => [String(row["path"]), String(row["hash"])]));
  }
});
