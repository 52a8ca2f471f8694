/** Against git itself, and C++ Nix' hash of what git checks out. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { findJudge } from "#format/testing";
import { GitRepositories } from "./repositories.ts";

const skip = spawnSync("git", ["--version"]).status === 0 ? false : "git is not installed";
const { judge, reason } = findJudge("nix-hash");

const base = mkdtempSync(join(tmpdir(), "copse-git-test-"));
after(() => rmSync(base, { recursive: true, force: true }));

function git(folder: string, ...args: string[]): string {
  const config = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", [...config, ...args], { cwd: folder, env, encoding: "utf8" }).trim();
}

function repository(name: string): { readonly folder: string; readonly url: string } {
  const folder = join(base, name);
  mkdirSync(folder);
  git(folder, "init", "--quiet", "--initial-branch=main");
  return { folder, url: pathToFileURL(folder).href };
}

function commit(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--message=a change");
  return git(folder, "rev-parse", "HEAD");
}

let caches = 0;
function open(env: Readonly<Record<string, string>> = {}): GitRepositories {
  return new GitRepositories({ cacheDir: join(base, `cache-${caches++}`), env: { ...process.env, ...env } });
}

describe("a repository", { skip }, () => {
  test("says what branches, tags and abbreviated commits are", async () => {
    const { folder, url } = repository("names");
    const first = commit(folder, { a: "1" });
    git(folder, "tag", "--annotate", "v1", "--message=one");
    git(folder, "branch", "both");
    const second = commit(folder, { a: "2" });
    git(folder, "tag", "both");
    const repositories = open();
    const commitOf = async (revision?: string) => (await repositories.resolve(url, revision)).commit;
    assert.equal(await commitOf(), second);
    assert.equal(await commitOf("main"), second);
    // An annotated tag is an object of its own.
    assert.equal(await commitOf("v1"), first);
    assert.equal(await commitOf("both"), first);
    assert.equal(await commitOf("refs/tags/both"), second);
    assert.equal(await commitOf(first.slice(0, 9)), first);
    await assert.rejects(commitOf("no-such"), { code: "git-revision" });
    await assert.rejects(commitOf("0123456"), { code: "git-revision" });
    await assert.rejects(commitOf("--upload-pack=touch"), { code: "git-revision" });
    await assert.rejects(repositories.resolve(`${url}-gone`, "main"), { code: "git-unreachable" });
  });

  test("gives a commit that no branch leads to any more, as long as it has it", async () => {
    const { folder, url } = repository("orphan");
    const lost = commit(folder, { a: "lost" });
    git(folder, "checkout", "--quiet", "--orphan", "other");
    commit(folder, { a: "kept" });
    git(folder, "branch", "--quiet", "-D", "main");
    const target = join(base, "orphan-tree");
    await open().checkOut({ url, commit: lost }, target);
    assert.equal(readFileSync(join(target, "a"), "utf8"), "lost");
    await assert.rejects(open().checkOut({ url, commit: "1".repeat(40) }, `${target}-2`), {
      code: "git-revision",
    });
  });

  test("describes a commit by the tag before it, also after it was fetched alone", async () => {
    const { folder, url } = repository("tags");
    commit(folder, { a: "1" });
    git(folder, "tag", "v1.4");
    git(folder, "tag", "nightly");
    const last = commit(folder, { a: "2" });
    const repositories = open();
    assert.equal((await repositories.readFile({ url, commit: last }, "a"))?.toString(), "2");
    assert.equal(await repositories.readFile({ url, commit: last }, "b"), undefined);
    assert.equal(await repositories.describe({ url, commit: last }), `v1.4-1-g${last.slice(0, 12)}`);
    const bare = repository("untagged");
    const only = commit(bare.folder, { a: "1" });
    assert.equal(await open().describe({ url: bare.url, commit: only }), `-1-g${only.slice(0, 12)}`);
  });

  test("has the same tree whatever the user's configuration, attributes and variables are", async (t) => {
    const { folder, url } = repository("tree");
    symlinkSync("program", join(folder, "link"));
    writeFileSync(join(folder, "program"), "#!/bin/sh\n");
    chmodSync(join(folder, "program"), 0o755);
    const last = commit(folder, {
      ".gitattributes": "kept export-ignore\nsubstituted export-subst\nlarge filter=lfs\n",
      kept: "kept",
      substituted: "$Format:%H$\n",
      large: "version https://git-lfs.github.com/spec/v1\n",
      unix: "a\nb\n",
    });
    const config = join(base, "gitconfig");
    writeFileSync(
      config,
      `[core]\n\tautocrlf = true\n\tsymlinks = false\n[filter "lfs"]\n\tsmudge = "echo fetched"\n\trequired = true\n`,
    );
    const env = {
      GIT_CONFIG_GLOBAL: config,
      GIT_DIR: join(base, "nowhere"),
      GIT_INDEX_FILE: join(base, "i"),
    };
    const target = join(base, "tree-out");
    await open(env).checkOut({ url, commit: last }, target);
    assert.deepEqual(readdirSync(target).sort(), [
      ...[".gitattributes", "kept", "large", "link", "program", "substituted", "unix"],
    ]);
    assert.equal(readFileSync(join(target, "unix"), "utf8"), "a\nb\n");
    assert.match(readFileSync(join(target, "large"), "utf8"), /^version/);
    assert.equal(readFileSync(join(target, "substituted"), "utf8"), "$Format:%H$\n");
    assert.ok(lstatSync(join(target, "link")).isSymbolicLink());
    assert.ok(!existsSync(`${target}.index`));
    const hash = await open(env).treeHash({ url, commit: last });
    assert.equal(await open().treeHash({ url, commit: last }), hash);
    if (!judge) {
      t.diagnostic(reason);
      return;
    }
    const clone = join(base, "tree-clone");
    git(base, "clone", "--quiet", folder, clone);
    rmSync(join(clone, ".git"), { recursive: true });
    assert.equal(judge.run(["--type", "sha256", clone]).toString().trim(), hash);
  });

  test("of elsewhere cannot have a folder of this machine as a submodule", async () => {
    const { submoduleAddress, parseGitAddress } = await import("./address.ts");
    const remote = parseGitAddress("https://git.example/group/lab");
    assert.equal(submoduleAddress("../part", remote).url, "https://git.example/group/part");
    assert.throws(() => submoduleAddress("file:///etc", remote), { code: "git-address" });
    assert.throws(() => submoduleAddress("ext::sh -c id", remote), { code: "git-address" });
  });
});
