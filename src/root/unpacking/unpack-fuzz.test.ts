/**
 * Whole packages, damaged at random: each is unpacked or refused with one clear error that names its file, and what
 * is refused leaves nothing. `COPSE_FUZZ` multiplies the rounds.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { byteStringFromText, isCopseError } from "#base";
import { fuzzRuns } from "#format/testing";
import { arBytes, type TestMember, tarBytes, temporaryDirectory } from "../debs-for-tests.ts";
import { removeReadOnlyTree } from "../remove-tree.ts";
import { findXzProgram } from "./unpack-deb.ts";
import { unpackPackage } from "./unpack-package.ts";

const RUNS = fuzzRuns(60);
const xzProgram = findXzProgram(process.env["PATH"]);

const CONTROL = "Package: fuzz\nVersion: 1\nArchitecture: all\nInstalled-Size: 10\n";
const MEMBERS: readonly TestMember[] = [
  { path: "./usr/" },
  { path: "./usr/bin/" },
  { path: "./usr/bin/tool", contents: "#!/bin/sh\n".repeat(40), mode: 0o755 },
  { path: "./usr/bin/alias", type: "2", link: "tool" },
  { path: "./usr/bin/second", type: "1", link: "./usr/bin/tool" },
  { path: "./lib/x/library.so", contents: Buffer.alloc(3000, 7) },
];

/** A generator of its own, so that a failing run can be had again by its number. */
function generator(seed: number): (limit: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function damaged(bytes: Buffer, below: (limit: number) => number): Buffer {
  let result = Buffer.from(bytes);
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(result.length);
    const [head, tail] = [result.subarray(0, at), result.subarray(at)];
    const kind = below(5);
    if (kind === 0) result[at] = below(256);
    else if (kind === 1) result = Buffer.concat([head, Buffer.from([below(256)]), tail]);
    else if (kind === 2) result = Buffer.concat([head, tail.subarray(below(40))]);
    else if (kind === 3) result = Buffer.concat([head, tail.subarray(0, below(300)), tail]);
    else result = head;
    if (result.length === 0) return result;
  }
  return result;
}

/** Makes the checksums of tar's headers right again, so that damage reaches what lies behind that check. */
function signed(tar: Buffer): Buffer {
  for (let at = 0; at + 512 <= tar.length; at += 512) {
    const block = tar.subarray(at, at + 512);
    if (block.toString("latin1", 257, 262) !== "ustar") continue;
    block.fill(" ", 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
  return tar;
}

const COMPRESSIONS: Readonly<Record<string, ((bytes: Buffer) => Buffer) | undefined>> = {
  none: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
  xz: xzProgram === undefined ? undefined : (bytes) => spawnSync(xzProgram, ["-c"], { input: bytes }).stdout,
};

for (const [name, compress] of Object.entries(COMPRESSIONS)) {
  const skip = compress === undefined ? "there is no `xz` to make packages with: install xz-utils" : false;
  test(`damaged packages, ${name}, are refused in whole or unpacked in whole`, { skip }, async (t) => {
    const directory = temporaryDirectory(t);
    const [debPath, target] = [`${directory}/fuzz.deb`, `${directory}/out/tree`];
    mkdirSync(`${directory}/out`);
    const data = tarBytes(MEMBERS);
    const controlTar = gzipSync(tarBytes([{ path: "./control", contents: CONTROL }]));
    for (let run = 0; run < RUNS; run++) {
      const below = generator(run);
      const inner = run % 2 === 0 ? data : signed(damaged(data, below));
      const deb = arBytes({
        "debian-binary": Buffer.from("2.0\n"),
        "control.tar.gz": controlTar,
        "data.tar": compress!(inner),
      });
      writeFileSync(debPath, run === 0 ? deb : run % 2 === 0 ? damaged(deb, below) : deb);
      try {
        await unpackPackage({
          kind: "unpack",
          debPath: byteStringFromText(debPath),
          target: byteStringFromText(target),
        });
        removeReadOnlyTree(byteStringFromText(target));
      } catch (error) {
        assert.notEqual(run, 0, "undamaged, it must be taken");
        assert.ok(isCopseError(error), `run ${run}: ${error instanceof Error ? error.stack : String(error)}`);
        assert.match(error.message, /: `fuzz\.deb`$/, `run ${run}`);
        assert.ok(!existsSync(target), `run ${run}`);
      }
      assert.deepEqual(readdirSync(`${directory}/out`), [], `run ${run}`);
    }
  });
}
