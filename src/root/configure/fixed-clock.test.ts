import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../debs-for-tests.ts";
import { fixedClockLibrary } from "./fixed-clock.ts";

const PERL = "/usr/bin/perl";
const system = process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";
const skip = spawnSync(PERL, ["-e", "1"]).status === 0 ? false : `the judge ${PERL} is missing`;

test("to a process it is the second 1", { skip }, (t) => {
  const library = join(temporaryDirectory(t), "clock.so");
  writeFileSync(library, fixedClockLibrary(system) ?? "");
  const program = 'print "$^T\\n"; select undef, undef, undef, 1.1; print time, "\\n"; exec @ARGV';
  const { stdout, stderr } = spawnSync(PERL, ["-e", program, PERL, "-e", 'print "$^T\\n"'], {
    encoding: "latin1",
    env: { LD_PRELOAD: library },
  });
  assert.equal(stderr, "");
  assert.equal(stdout, "1\n1\n1\n");
});

test("a machine that is not known gets none", () => {
  assert.equal(fixedClockLibrary("riscv64-linux"), undefined);
});
