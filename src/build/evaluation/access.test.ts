import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessRules, isAllowedUri, type LinkReader } from "./access.ts";

/** Links by path; everything else is a folder. */
function world(links: Readonly<Record<string, string>>): LinkReader {
  return {
    fileKind: (path) => (path in links ? "symlink" : "directory"),
    readLink: (path) => links[path] as string,
  };
}

test("below the allowed paths all may be read, above them only the way there", () => {
  const rules = new AccessRules(["/a/b", "/c"], world({}));
  for (const path of ["/a/b", "/a/b/x", "/c/y/z", "/a", "/"]) assert.ok(rules.mayRead(path), path);
  for (const path of ["/a/bb", "/a/c", "/d", "/a/b/../d".replace("/b/..", "")]) {
    assert.ok(!rules.mayRead(path), path);
  }
  assert.deepEqual(rules.visibleIn("/", ["a", "b", "c", "d"]), new Set(["a", "c"]));
  assert.deepEqual(rules.visibleIn("/a/b", ["x", "y"]), new Set(["x", "y"]));
});

test("a link counts as what it leads to", () => {
  const rules = new AccessRules(
    ["/a", "/link"],
    world({ "/a/out": "/secret", "/a/in": "b", "/link": "/far" }),
  );
  assert.ok(!rules.mayRead("/a/out"));
  assert.ok(!rules.mayRead("/a/out/x"));
  assert.ok(rules.mayRead("/a/in/x"));
  assert.ok(rules.mayRead("/link/x"));
  assert.ok(rules.mayRead("/far/x"));
});

test("links in a circle may not be read", () => {
  assert.ok(!new AccessRules(["/a"], world({ "/a/x": "/a/y", "/a/y": "/a/x" })).mayRead("/a/x"));
});

test("addresses", () => {
  const allowed = ["https://a.example/x", "file:///data/", "github:"];
  const yes = ["https://a.example/x", "https://a.example/x/y", "file:///data/f", "github:a/b"];
  const no = ["https://a.example/xy", "https://a.example", "file:///database", "http://a.example/x"];
  for (const uri of yes) assert.ok(isAllowedUri(uri, allowed), uri);
  for (const uri of no) assert.ok(!isAllowedUri(uri, allowed), uri);
});
