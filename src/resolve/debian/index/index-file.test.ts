import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { packagesText } from "../testing/fixture-archive.ts";
import { encodeIndex, PackageIndex } from "./index-file.ts";

function open(text: string): PackageIndex {
  const index = PackageIndex.open(encodeIndex(text, "test"));
  assert.ok(index);
  return index;
}

test("records, names and providers are found", () => {
  const text = packagesText([
    {
      name: "zsh",
      version: "1:5.9-4+b1",
      fields: { Depends: "libc6 (>= 2.36)", "Multi-Arch": "foreign", Priority: "optional" },
    },
    { name: "mawk", fields: { Provides: "awk, awk-any (= 1.0)", Essential: "yes", Priority: "required" } },
    { name: "gawk", version: "2", fields: { Provides: "awk" } },
    { name: "gawk", version: "1" },
    { name: "g++-12" },
  ]);
  const index = open(text);
  assert.equal(index.count, 5);
  assert.deepEqual(index.names(), ["g++-12", "gawk", "mawk", "zsh"]);
  assert.deepEqual(
    index.find("gawk").map((n) => index.record(n).version),
    ["2", "1"],
  );
  assert.deepEqual(
    index.findProviders("awk").map((n) => index.record(n).name),
    ["gawk", "mawk"],
  );
  assert.deepEqual(
    index.findProviders("awk-any").map((n) => index.record(n).name),
    ["mawk"],
  );
  for (const absent of ["", "a", "gaw", "gawkk", "zzz"]) {
    assert.deepEqual(index.find(absent), [], absent);
    assert.deepEqual(index.findProviders(absent), [], absent);
  }
  const [zsh] = index.find("zsh").map((n) => index.record(n));
  assert.equal(zsh?.version, "1:5.9-4+b1");
  assert.equal(zsh?.depends, "libc6 (>= 2.36)");
  assert.equal(zsh?.multiArch, "foreign");
  assert.equal(zsh?.file, "pool/main/z/zsh/zsh_5.9-4+b1_amd64.deb");
  assert.equal(zsh?.description, "the package zsh");
  assert.equal(index.record(index.find("mawk")[0] as number).essential, true);
});

test("folded relations are unfolded, tabs do no harm", () => {
  const [record] = [open(packagesText([{ name: "a", fields: { Depends: "b,\n c\t(>= 1),\n\td" } }]))].map(
    (index) => index.record(0),
  );
  assert.equal(record?.depends, "b, c (>= 1), d");
});

test("an empty index is one", () => {
  assert.deepEqual(open("").names(), []);
  assert.deepEqual(open("\n\n").find("a"), []);
});

test("a file that is cut off or foreign is none", () => {
  const bytes = encodeIndex(packagesText([{ name: "a" }, { name: "b" }]), "test");
  for (let length = 0; length < bytes.length; length += 7)
    assert.equal(PackageIndex.open(bytes.subarray(0, length)), undefined, String(length));
  assert.equal(PackageIndex.open(Buffer.alloc(1000)), undefined);
  assert.equal(PackageIndex.open(Buffer.concat([bytes, Buffer.alloc(1)])), undefined);
});

test("malformed stanzas are refused", () => {
  const good = packagesText([{ name: "a" }]);
  for (const bad of [
    good.replace("Version", "Vers"),
    good.replace(/SHA256: .*/, "SHA256: 12"),
    good.replace(/Size: .*/, "Size: many"),
    good.replace("Package: a", "Package: a b"),
    `no field\n${good}`,
  ])
    assert.throws(
      () => encodeIndex(bad, "test"),
      (error) => isCopseError(error, "index-invalid"),
      bad,
    );
});
