import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { damage, findJudge, fuzzRuns, Random } from "#format/testing";
import { type ElfFile, type ElfSource, readElf } from "./mod.ts";
import { makeElf } from "./testing/make-elf.ts";

const readelf = findJudge("readelf");

function sourceOf(bytes: Uint8Array): ElfSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

const SAMPLE = {
  machine: 62,
  needed: ["libm.so.6", "libc.so.6"],
  soname: "libx.so.1",
  rpath: "$ORIGIN/../x.libs:/opt/lib",
  runpath: "$ORIGIN",
  versionNeeds: [
    { library: "libm.so.6", versions: ["GLIBC_2.29"] },
    { library: "libc.so.6", versions: ["GLIBC_2.2.5", "GLIBC_2.34"] },
  ],
};

for (const bits of [32, 64] as const) {
  for (const byteOrder of ["little", "big"] as const) {
    test(`a library of ${bits} bits with its ${byteOrder} end first is read`, async () => {
      const file = await readElf(sourceOf(makeElf({ bits, byteOrder, ...SAMPLE })));
      assert.deepEqual(file, {
        bits,
        byteOrder,
        machine: "x86_64",
        type: "shared",
        soname: SAMPLE.soname,
        needed: SAMPLE.needed,
        rpath: ["$ORIGIN/../x.libs", "/opt/lib"],
        runpath: ["$ORIGIN"],
        versionNeeds: SAMPLE.versionNeeds,
      });
    });

    test(`readelf sees the same in ${bits} bits, ${byteOrder} end first`, {
      skip: readelf.reason,
    }, async () => {
      const bytes = makeElf({ bits, byteOrder, ...SAMPLE });
      // It finds versions by section headers, which this file has none of.
      assert.deepEqual({ ...(await facts(bytes)), versions: [] }, judged(bytes));
    });
  }
}

test("what is no ELF file is told from a damaged one", async () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from("#!/bin/sh\nexit 0 # and more"), Buffer.alloc(100)])
    assert.equal(await readElf(sourceOf(bytes)), undefined);
  const whole = makeElf({ bits: 64, byteOrder: "little", ...SAMPLE });
  for (const bytes of [whole.subarray(0, 40), whole.subarray(0, 70), whole.subarray(0, whole.length - 30)])
    await assert.rejects(readElf(sourceOf(bytes)), { code: "elf-invalid" });
});

test("records that point to themselves come to an end", async () => {
  const bytes = makeElf({ bits: 64, byteOrder: "little", ...SAMPLE, needDistance: 0xfffffff0 });
  await assert.rejects(readElf(sourceOf(bytes)), { code: "elf-invalid" });
  const still = makeElf({ bits: 64, byteOrder: "little", ...SAMPLE, needDistance: 1 });
  await assert.rejects(readElf(sourceOf(still)), { code: "elf-invalid" });
});

test("damaged ELF files throw nothing but CopseErrors, and are not read as a whole", async () => {
  const random = new Random(61);
  const valid = makeElf({ bits: 64, byteOrder: "little", ...SAMPLE });
  for (let run = 0; run < fuzzRuns(2000); run++) {
    const bytes = damage(random, valid);
    try {
      await readElf(sourceOf(bytes));
    } catch (error) {
      if (!isCopseError(error))
        throw new Error(`Run ${run} threw for ${bytes.toString("hex")}`, { cause: error });
    }
  }
});

/** What readelf shows of a file, in the form of `facts`. */
function judged(bytes: Buffer): unknown {
  const text = runReadelf(bytes);
  const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!);
  return {
    needed: all(/\(NEEDED\).*\[(.*)\]/g),
    soname: all(/\(SONAME\).*\[(.*)\]/g),
    rpath: all(/\(RPATH\).*\[(.*)\]/g),
    runpath: all(/\(RUNPATH\).*\[(.*)\]/g),
    versions: versionsOf(text),
  };
}

function versionsOf(text: string): string[] {
  const versions: string[] = [];
  let library = "";
  for (const line of text.split("\n")) {
    library = /Version: 1 +File: (\S+)/.exec(line)?.[1] ?? library;
    const name = /Name: (\S+) +Flags:/.exec(line)?.[1];
    if (name !== undefined && library !== "") versions.push(`${library} ${name}`);
  }
  return versions;
}

function runReadelf(bytes: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), "copse-elf-"));
  try {
    writeFileSync(join(folder, "x.so"), bytes);
    return readelf.judge!.run(["-W", "-d", "-V", join(folder, "x.so")]).toString();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function facts(bytes: Buffer): Promise<object> {
  const file = (await readElf(sourceOf(bytes)))!;
  const joined = (paths: readonly string[]): string[] => (paths.length === 0 ? [] : [paths.join(":")]);
  return {
    needed: file.needed,
    soname: file.soname === undefined ? [] : [file.soname],
    rpath: joined(file.rpath),
    runpath: joined(file.runpath),
    versions: file.versionNeeds.flatMap(({ library, versions }) =>
      versions.map((name) => `${library} ${name}`),
    ),
  };
}

test("readelf sees the same in this machine's libraries", { skip: readelf.reason }, async () => {
  const folders = ["/usr/lib", "/usr/bin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
  let seen = 0;
  for (const path of folders.flatMap(filesOf)) {
    if (seen === 60) break;
    const bytes = readFileSync(path);
    const file: ElfFile | undefined = await readElf(sourceOf(bytes));
    if (file === undefined || file.needed.length === 0) continue;
    seen++;
    assert.deepEqual(await facts(bytes), judged(bytes), path);
  }
});

function filesOf(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => realpathSync(`${folder}/${entry.name}`));
  } catch {
    return [];
  }
}
