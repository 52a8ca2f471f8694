import assert from "node:assert/strict";
import { test } from "node:test";
import { originOfLocked } from "./origin.ts";
import { parseDirectReference } from "./reference.ts";

const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

function git(url: string) {
  const reference = parseDirectReference(url, "/work/study");
  assert.equal(reference.kind, "git");
  return reference.kind === "git"
    ? [reference.repository, reference.revision, reference.subdirectory, reference.isLocal]
    : [];
}

test("a repository, its revision, and a folder in it", () => {
  assert.deepEqual(git("git+https://git.example/group/lab.git"), [
    "https://git.example/group/lab.git",
    ...[undefined, undefined, false],
  ]);
  assert.deepEqual(git("git+https://git.example/lab@release/v2#egg=lab&subdirectory=python/./core/"), [
    ...["https://git.example/lab", "release/v2", "python/core", false],
  ]);
  assert.deepEqual(git("git+ssh://git@git.example:2222/lab.git@0123abc"), [
    ...["ssh://git@git.example:2222/lab.git", "0123abc", undefined, false],
  ]);
  assert.deepEqual(git("git+file:///srv/lab@main"), ["file:///srv/lab", "main", undefined, true]);
  assert.deepEqual(git("git+file:../lab@main"), ["file:///work/lab", "main", undefined, true]);
});

test("a file, with the hash that is stated", () => {
  const reference = parseDirectReference(`https://files.example/a%20b-1.0.tar.gz?x=1#sha256=${HASH}`, "/");
  assert.ok(reference.kind === "file");
  assert.deepEqual(
    [reference.address, reference.file, reference.sha256],
    ["https://files.example/a%20b-1.0.tar.gz?x=1", "a-b-1.0.tar.gz", HASH],
  );
});

test("what is no address of a package, or would tell a secret, is refused", () => {
  for (const [url, code] of [
    ["svn+https://svn.example/lab", "python-url-scheme"],
    ["ftp://files.example/a-1.0.tar.gz", "python-url-scheme"],
    ["a-1.0.tar.gz", "python-url-scheme"],
    ["file://host/a-1.0.tar.gz", "python-url-scheme"],
    ["https://files.example/", "python-url-file"],
    ["https://files.example/a-1.0.exe", "python-url-file"],
    ["https://user:secret@files.example/a-1.0.tar.gz", "python-url-login"],
    ["https://files.example/a-1.0.tar.gz#sha512=00", "python-url-hash"],
    ["https://files.example/a-1.0.tar.gz#sha256=12", "python-url-hash"],
    ["https://files.example/a-1.0.tar.gz#subdirectory=a/../../b", "python-url-subdirectory"],
    ["git+https://user:secret@git.example/lab", "git-login"],
    ["git+https://secret@git.example/lab", "git-login"],
    ["git+ssh://git:secret@git.example/lab", "git-login"],
    ["git+ext::sh -c secret", "git-address"],
    ["git+ssh://-oProxyCommand=x/lab", "git-address"],
    ["git+git@git.example:lab.git", "git-address"],
    ["git+--upload-pack=x", "git-address"],
  ] as const)
    assert.throws(
      () => parseDirectReference(url, "/"),
      (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, code, url);
        if (code.endsWith("login")) assert.doesNotMatch(`${error.message} ${error.hint}`, /secret/);
        return true;
      },
    );
});

test("direct_url.json is that of PEP 610", () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const made = (url: string) =>
    JSON.parse(originOfLocked({ origin: { url, commit }, sha256: HASH }, "/").directUrl);
  assert.deepEqual(made("git+https://git.example/lab@v2#subdirectory=python"), {
    url: "https://git.example/lab",
    subdirectory: "python",
    vcs_info: { vcs: "git", commit_id: commit, requested_revision: "v2" },
  });
  assert.deepEqual(made("https://files.example/lab-1.0.tar.gz"), {
    url: "https://files.example/lab-1.0.tar.gz",
    archive_info: { hashes: { sha256: HASH } },
  });
});
