import assert from "node:assert/strict";
import { test } from "node:test";
import { splitSearchPath } from "./search-path.ts";

test("entries are parted by colons, those of addresses apart", () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    "": [],
    "a=/b:/c": ["a=/b", "/c"],
    "nixpkgs=https://h:80/x.tar.gz:b=/c": ["nixpkgs=https://h", "80/x.tar.gz", "b=/c"],
    "nixpkgs=https://h/x.tar.gz:b=/c": ["nixpkgs=https://h/x.tar.gz", "b=/c"],
    "nixpkgs=channel:unstable:b=/c": ["nixpkgs=channel:unstable", "b=/c"],
    "flake:nixpkgs": ["flake:nixpkgs"],
    "a=/http://x": ["a=/http", "//x"],
    ":a=/b:": ["a=/b"],
  };
  for (const [text, entries] of Object.entries(cases)) assert.deepEqual(splitSearchPath(text), entries, text);
});
