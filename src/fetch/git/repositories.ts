/**
 * Repositories that are fetched from, each kept as a bare one in the cache, and commits of them as trees.
 *
 * A commit is fetched alone, without what came before it, as that is what a tree needs; the history comes where a version
 * must be told from its tags, and where only it can say what an abbreviated commit means. Which commit a branch or tag
 * is, is always asked anew: what is to stay is in a lock.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { byteStringFromText, CopseError } from "#base";
import type { Environment, Processes } from "#host";
import { dumpTree, hashTreeSync } from "#store";
import { type GitAddress, parseGitAddress } from "./address.ts";
import { checkOutTree } from "./check-out.ts";
import { GitProgram, whatGitSaid } from "./git-program.ts";

export interface GitCommit {
  readonly url: string;
  /** All its digits. */
  readonly commit: string;
}

export interface GitRepositoriesOptions {
  readonly cacheDir: string;
  readonly env: Environment;
  readonly processes?: Processes | undefined;
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** No option, no range, no path: a name. */
const REVISION = /^[A-Za-z0-9_][A-Za-z0-9._/+@-]{0,250}$/;

export class GitRepositories {
  readonly #folder: string;
  readonly #git: GitProgram;
  readonly #opened = new Map<string, Promise<string>>();
  /** Commits whose history and tags are there. */
  readonly #whole = new Set<string>();

  constructor({ cacheDir, env, processes }: GitRepositoriesOptions) {
    this.#folder = join(cacheDir, "git");
    this.#git = new GitProgram(env, processes);
  }

  /** The commit that a branch, tag or commit stands for; without one, that of the default branch. Throws `git-…`. */
  async resolve(url: string, revision: string | undefined, signal?: AbortSignal): Promise<GitCommit> {
    const address = parseGitAddress(url);
    if (revision !== undefined && (!REVISION.test(revision) || revision.includes("..")))
      throw new CopseError("git-revision", `This is no name of a revision: \`${revision.slice(0, 200)}\``);
    if (revision !== undefined && COMMIT.test(revision)) return { url: address.url, commit: revision };
    const listed = await this.#listed(address, revision, signal);
    const commit = listed ?? (await this.#abbreviated(address, revision ?? "HEAD", signal));
    return { url: address.url, commit };
  }

  /** A file of a commit; undefined where there is none, or it is too large. */
  async readFile(of: GitCommit, path: string, signal?: AbortSignal): Promise<Buffer | undefined> {
    const folder = await this.#fetched(parseGitAddress(of.url), of.commit, signal);
    const args = ["--git-dir", folder, "cat-file", "blob", `${of.commit}:${path}`];
    const { exitCode, stdout } = await this.#git.try({ args, kind: "objects", signal });
    return exitCode === 0 ? stdout : undefined;
  }

  /** The tree of a commit, its submodules in their places, as a new folder. */
  async checkOut(of: GitCommit, target: string, signal?: AbortSignal): Promise<void> {
    const fetched = (address: GitAddress, commit: string) => this.#fetched(address, commit, signal);
    const place = { address: parseGitAddress(of.url), commit: of.commit, target };
    await checkOutTree({ git: this.#git, fetched, signal }, place);
  }

  /** SHA-256 in hexadecimal digits, of the tree as a NAR: what a store knows it by. */
  async treeHash(of: GitCommit, signal?: AbortSignal): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    const folder = await mkdtemp(join(this.#folder, "tree-"));
    try {
      await this.checkOut(of, join(folder, "tree"), signal);
      return Buffer.from(hashTreeSync(byteStringFromText(join(folder, "tree"))).narHash.digest).toString(
        "hex",
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The tree of a commit as a NAR, as a new file. */
  async writeNar(of: GitCommit, target: string, signal?: AbortSignal): Promise<void> {
    const folder = await mkdtemp(join(dirname(target), ".tree-"));
    try {
      await this.checkOut(of, join(folder, "tree"), signal);
      await writeFile(join(folder, "nar"), dumpTree(byteStringFromText(join(folder, "tree"))), { signal });
      await rename(join(folder, "nar"), target);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** As `git describe --tags --long` has it, `v1.2-3-gabcdef0`; without tags `-COUNT-gabcdef0`. */
  async describe({ url, commit }: GitCommit, signal?: AbortSignal): Promise<string> {
    const address = parseGitAddress(url);
    const folder = await this.#fetched(address, commit, signal);
    await this.#fetchHistory(address, folder, signal);
    const args = ["describe", "--tags", "--long", "--abbrev=12", "--match", "*[0-9]*", commit];
    const described = await this.#git.try({ args: ["--git-dir", folder, ...args], kind: "objects", signal });
    if (described.exitCode === 0) return described.stdout.toString("utf8").trim();
    const counting = ["--git-dir", folder, "rev-list", "--count", commit];
    const count = await this.#git.run({ args: counting, kind: "objects", signal });
    return `-${count.toString("utf8").trim()}-g${commit.slice(0, 12)}`;
  }

  /** A branch before a tag of the same name, as pip has it. */
  async #listed(
    address: GitAddress,
    revision: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const names =
      revision === undefined
        ? ["HEAD"]
        : [`refs/heads/${revision}`, `refs/tags/${revision}^{}`, `refs/tags/${revision}`, revision];
    const args = ["ls-remote", "--", address.url, ...names];
    const result = await this.#git.try({ args, kind: "network", signal });
    if (result.exitCode !== 0) throw unreachable(address, whatGitSaid(result));
    const found = new Map(
      result.stdout
        .toString("utf8")
        .split("\n")
        .map((line) => line.split("\t"))
        .flatMap(([commit = "", name = ""]) => (COMMIT.test(commit) ? [[name, commit]] : [])),
    );
    const name = names.find((one) => found.has(one));
    if (name === undefined && revision === undefined)
      throw new CopseError("git-revision", `Repository has no commit yet: \`${address.url}\``);
    return name === undefined ? undefined : found.get(name);
  }

  async #abbreviated(
    address: GitAddress,
    revision: string,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const unknown = () =>
      new CopseError(
        "git-revision",
        `Repository ${address.url} has no branch, tag or commit: \`${revision}\``,
      );
    if (!/^[0-9a-f]{4,40}$/.test(revision)) throw unknown();
    const folder = await this.#open(address);
    await this.#fetchHistory(address, folder, signal);
    const args = ["--git-dir", folder, "rev-parse", "--verify", "--quiet", `${revision}^{commit}`];
    const { exitCode, stdout } = await this.#git.try({ args, kind: "objects", signal });
    if (exitCode !== 0) throw unknown();
    return stdout.toString("latin1").trim();
  }

  /** The repository's folder, in which the commit is. */
  async #fetched(address: GitAddress, commit: string, signal: AbortSignal | undefined): Promise<string> {
    const folder = await this.#open(address);
    if (await this.#has(folder, commit, signal)) return folder;
    const args = ["--git-dir", folder, "fetch", "--quiet", "--no-tags", "--depth=1", "--", address.url];
    const kept = `+${commit}:refs/copse/${commit}`;
    const alone = await this.#git.try({ args: [...args, kept], kind: "network", signal });
    // Some servers give out what has a name alone.
    if (alone.exitCode !== 0) await this.#fetchHistory(address, folder, signal);
    if (await this.#has(folder, commit, signal)) return folder;
    throw new CopseError("git-revision", `Repository ${address.url} has no commit: \`${commit}\``, {
      hint: "if its branch was rewritten, the commit may be gone: ask for another revision",
    });
  }

  async #has(folder: string, commit: string, signal: AbortSignal | undefined): Promise<boolean> {
    const args = ["--git-dir", folder, "cat-file", "-e", `${commit}^{commit}`];
    return (await this.#git.try({ args, kind: "objects", signal })).exitCode === 0;
  }

  /** All branches and tags, and all that led to them. */
  async #fetchHistory(address: GitAddress, folder: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#whole.has(folder)) return;
    const isShallow = (await stat(join(folder, "shallow")).catch(() => undefined)) !== undefined;
    const depth = isShallow ? ["--unshallow"] : [];
    const refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
    const args = ["--git-dir", folder, "fetch", "--quiet", "--prune", ...depth, "--", address.url, ...refs];
    const result = await this.#git.try({ args, kind: "network", signal });
    if (result.exitCode !== 0) throw unreachable(address, whatGitSaid(result));
    this.#whole.add(folder);
  }

  #open(address: GitAddress): Promise<string> {
    let opened = this.#opened.get(address.url);
    if (!opened) {
      opened = this.#make(address);
      this.#opened.set(address.url, opened);
      opened.catch(() => this.#opened.delete(address.url));
    }
    return opened;
  }

  /** Made aside and renamed, as two processes may do it at once. */
  async #make({ url }: GitAddress): Promise<string> {
    const folder = join(this.#folder, createHash("sha256").update(url).digest("hex").slice(0, 40));
    if (await stat(join(folder, "HEAD")).catch(() => undefined)) return folder;
    await mkdir(this.#folder, { recursive: true });
    const temporary = `${folder}.${process.pid}.tmp`;
    await rm(temporary, { recursive: true, force: true });
    await this.#git.run({ args: ["init", "--quiet", "--bare", "--template=", temporary], kind: "objects" });
    try {
      await rename(temporary, folder);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      if (!(await stat(join(folder, "HEAD")).catch(() => undefined))) throw error;
    }
    return folder;
  }
}

function unreachable({ url, isLocal }: GitAddress, said: string): CopseError {
  const isRefused =
    /Authentication failed|could not read (?:Username|Password)|Permission denied|terminal prompts disabled/i.test(
      said,
    );
  const way = isRefused
    ? "log in by git's credential helper, ~/.netrc or an ssh key: `git ls-remote` of the address must work"
    : isLocal
      ? "there must be a repository in that folder"
      : "`git ls-remote` of the address must work on this machine";
  return new CopseError("git-unreachable", `Repository cannot be read: \`${url}\``, {
    hint: `${way}${said === "" ? "" : `; git says: ${said}`}`,
  });
}
