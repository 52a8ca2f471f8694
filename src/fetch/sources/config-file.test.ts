import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import type { AptFiles } from "../apt/files.ts";
import { loadSourcesConfiguration } from "./config-file.ts";

function filesOf(texts: Readonly<Record<string, string>>): AptFiles {
  return {
    read: (path) => (texts[path] === undefined ? undefined : Buffer.from(texts[path])),
    list: () => [],
  };
}

const load = (text: string, env = {}) =>
  loadSourcesConfiguration(filesOf({ "/etc/copse/config.toml": text }), env);

test("archives are an address, several, or a table", () => {
  const { archives, mirrors, snapshots } = load(`
[sources]
debian = ["https://a.invalid/debian/", "file:///srv/debian"]
security = "https://a.invalid/debian-security"
mirrors = "/media/usb/a mirror"

[sources.lab]
uris = "http://lab.invalid:8080/apt"
signed-by = "/etc/copse/lab.asc"

[sources.snapshots]
debian = "https://dated.invalid/debian/@SNAPSHOTID@"
[another]
section = 1
`);
  assert.deepEqual(archives.get("debian")?.uris, ["https://a.invalid/debian", "file:///srv/debian"]);
  assert.deepEqual(archives.get("debian-security")?.uris, ["https://a.invalid/debian-security"]);
  assert.deepEqual(archives.get("lab")?.signedBy, ["/etc/copse/lab.asc"]);
  assert.deepEqual(mirrors, ["file:///media/usb/a%20mirror"]);
  assert.deepEqual(snapshots.get("debian"), ["https://dated.invalid/debian/@SNAPSHOTID@"]);
});

test("the user's file comes before the machine's, entry by entry; a named file stands alone", () => {
  const files = filesOf({
    "/etc/copse/config.toml": '[sources]\ndebian = "http://machine.invalid"\nlab = "http://lab.invalid"\n',
    "/home/me/.config/copse/config.toml": '[sources]\ndebian = "http://mine.invalid"\n',
    "/named.toml": '[sources]\ndebian = "http://named.invalid"\n',
  });
  const uris = (env: Readonly<Record<string, string>>) =>
    [...loadSourcesConfiguration(files, env).archives].map(([name, { uris }]) => `${name} ${uris}`);
  assert.deepEqual(uris({ HOME: "/home/me" }), ["debian http://mine.invalid", "lab http://lab.invalid"]);
  assert.deepEqual(uris({ HOME: "/home/other" }), [
    "debian http://machine.invalid",
    "lab http://lab.invalid",
  ]);
  assert.deepEqual(uris({ HOME: "/home/me", COPSE_CONFIG: "/named.toml" }), ["debian http://named.invalid"]);
  assert.deepEqual(loadSourcesConfiguration(files, { COPSE_MIRRORS: "/a http://b.invalid/" }).mirrors, [
    "file:///a",
    "http://b.invalid",
  ]);
  assert.throws(
    () => loadSourcesConfiguration(files, { COPSE_CONFIG: "/missing.toml" }),
    (error) => isCopseError(error, "config-invalid"),
  );
});

test("what cannot be meant is refused, with the file's name", () => {
  for (const text of [
    "[sources\n",
    "sources = 1",
    "[sources]\ndebian = 1",
    "[sources]\ndebian = []",
    '[sources]\ndebian = "ftp://a.invalid"',
    '[sources]\ndebian = "relative/path"',
    '[sources]\ndebian = "https://"',
    '[sources]\n"../x" = "https://a.invalid"',
    '[sources.lab]\nuri = "https://a.invalid"',
    '[sources.lab]\nsigned-by = "/a"',
    '[sources.lab]\nuris = "https://a.invalid"\nsigned-by = "lab.asc"',
    '[sources.lab]\nuris = "https://a.invalid"\ntrusted = "yes"',
    '[sources.snapshots]\ndebian = "https://a.invalid"',
    `x = ${"[".repeat(100_000)}`,
  ])
    assert.throws(
      () => load(text),
      (error) => isCopseError(error, "config-invalid") && error.message.includes("/etc/copse/config.toml"),
      text.slice(0, 80),
    );
});
