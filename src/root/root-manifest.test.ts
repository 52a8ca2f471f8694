import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { formatRootManifest, parseRootManifest, type RootManifest } from "./root-manifest.ts";

const manifest: RootManifest = {
  version: 1,
  suite: "bookworm",
  system: "x86_64-linux",
  packageCount: 2,
  diversions: [{ by: "a", from: "/usr/bin/x", to: "/usr/bin/x.real" }],
  trees: ["/nix/store/a", "/nix/store/b", "/nix/store/b-bytecode"],
};

test("a manifest comes back as it was written, one tree a line", () => {
  const text = formatRootManifest(manifest);
  assert.deepEqual(parseRootManifest(text), manifest);
  assert.equal(text.split("\n").filter((line) => line.includes("/nix/store/")).length, 3);
  assert.ok(text.endsWith("}\n"));
});

test("what is no manifest is refused", () => {
  const broken: readonly unknown[] = [
    null,
    [],
    "text",
    { ...manifest, version: 2 },
    { ...manifest, suite: 12 },
    { ...manifest, trees: ["/nix/store/a", 3] },
    { ...manifest, packageCount: 4 },
    { ...manifest, packageCount: -1 },
    { ...manifest, diversions: [{ by: "a", from: "x", to: "/y" }] },
    { ...manifest, diversions: undefined },
  ];
  for (const value of broken) {
    const refused = (error: unknown) => isCopseError(error, "root-manifest-invalid");
    assert.throws(() => parseRootManifest(JSON.stringify(value)), refused, JSON.stringify(value));
  }
  assert.throws(
    () => parseRootManifest("{"),
    (error) => isCopseError(error, "root-manifest-invalid"),
  );
});
