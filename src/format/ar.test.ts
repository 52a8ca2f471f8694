import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readAr } from "./ar.ts";
import { collectBytes } from "./byte-reader.ts";
import { readTar } from "./tar.ts";
import { findJudge } from "./testing/judges.ts";
import { Random, randomPieces } from "./testing/random.ts";

const dpkgDeb = findJudge("dpkg-deb");

function header(name: string, size: string, end = "`\n"): string {
  return (
    name.padEnd(16) +
    "0".padEnd(12) +
    "0".padEnd(6) +
    "0".padEnd(6) +
    "100644".padEnd(8) +
    size.padEnd(10) +
    end
  );
}

function archive(...members: readonly (readonly [name: string, contents: string])[]): Buffer {
  const parts = members.map(
    ([name, contents]) => header(name, `${contents.length}`) + contents + (contents.length % 2 ? "\n" : ""),
  );
  return Buffer.from(`!<arch>\n${parts.join("")}`, "latin1");
}

async function membersOf(source: Iterable<Uint8Array>): Promise<[string, string][]> {
  const members: [string, string][] = [];
  for await (const entry of readAr(source)) {
    members.push([entry.name, (await collectBytes(entry.contents, entry.sizeBytes)).toString("latin1")]);
  }
  return members;
}

test("members come back, however the bytes are cut", async () => {
  const members = [
    ["debian-binary", "2.0\n"],
    ["odd", "abc"],
    ["empty", ""],
    ["last", "x"],
  ] as const;
  const random = new Random(10);
  for (let i = 0; i < 20; i++)
    assert.deepEqual(await membersOf(randomPieces(random, archive(...members))), members);
  assert.deepEqual(await membersOf([archive(["gnu/", "a"])]), [["gnu", "a"]]);
  assert.deepEqual(await membersOf([archive(["unpadded", "abc"]).subarray(0, -1)]), [["unpadded", "abc"]]);
});

test("what is not an ar archive is refused", async () => {
  const refused: readonly (readonly [why: string, text: string])[] = [
    ["nothing", ""],
    ["another magic", "!<thin>\n"],
    ["a header cut short", "!<arch>\nname"],
    ["a header without its end", `!<arch>\n${header("a", "0", "xx")}`],
    ["no name", `!<arch>\n${header("", "0")}`],
    ["GNU's table of long names", `!<arch>\n${header("//", "0")}`],
    ["GNU's long name", `!<arch>\n${header("/12", "0")}`],
    ["BSD's long name", `!<arch>\n${header("#1/20", "0")}`],
    ["a name with a slash", `!<arch>\n${header("a/b", "0")}`],
    ["a negative size", `!<arch>\n${header("a", "-1")}`],
    ["no size", `!<arch>\n${header("a", "")}`],
    ["contents cut short", `!<arch>\n${header("a", "5")}abc`],
    ["padding that is no newline", `!<arch>\n${header("a", "1")}xx${header("b", "0")}`],
  ];
  for (const [why, text] of refused) {
    await assert.rejects(
      membersOf([Buffer.from(text, "latin1")]),
      { name: "CopseError", code: "ar-invalid" },
      why,
    );
  }
});

test("a package that dpkg-deb built is read", { skip: dpkgDeb.reason }, async () => {
  const root = mkdtempSync(join(tmpdir(), "copse-format-"));
  try {
    mkdirSync(join(root, "package/DEBIAN"), { recursive: true });
    mkdirSync(join(root, "package/usr/share"), { recursive: true });
    const control =
      "Package: hello\nVersion: 1.0\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: d\n";
    writeFileSync(join(root, "package/DEBIAN/control"), control);
    writeFileSync(join(root, "package/usr/share/data"), "contents");
    const deb = join(root, "hello.deb");
    dpkgDeb.judge!.run([
      "--root-owner-group",
      "-Znone",
      "--uniform-compression",
      "--build",
      join(root, "package"),
      deb,
    ]);

    const found: Record<string, string> = {};
    for await (const member of readAr([readFileSync(deb)])) {
      if (!member.name.endsWith(".tar")) {
        found[member.name] = (await collectBytes(member.contents, 100)).toString();
        continue;
      }
      for await (const entry of readTar(member.contents)) {
        found[`${member.name}:${entry.path}`] =
          entry.kind === "file" ? (await collectBytes(entry.contents, 10_000)).toString() : entry.kind;
      }
    }
    assert.deepEqual(found, {
      "debian-binary": "2.0\n",
      "control.tar:": "directory",
      "control.tar:control": control,
      "data.tar:": "directory",
      "data.tar:usr": "directory",
      "data.tar:usr/share": "directory",
      "data.tar:usr/share/data": "contents",
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
