/**
 * A commit as a folder: the files of its tree, and in their places the trees of its submodules, as .gitmodules says where
 * those are. No filter of the user's configuration has a say, and no hook runs: what comes is what was committed.
 */
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CopseError } from "#base";
import { type GitAddress, submoduleAddress } from "./address.ts";
import type { GitProgram } from "./git-program.ts";

export interface CheckOut {
  readonly git: GitProgram;
  /** The folder of a repository that has the commit. */
  readonly fetched: (address: GitAddress, commit: string) => Promise<string>;
  readonly signal: AbortSignal | undefined;
}

export interface CheckOutPlace {
  readonly address: GitAddress;
  readonly commit: string;
  readonly target: string;
}

const MAX_SUBMODULE_DEPTH = 10;

/** Throws `git-submodules`, and what fetching throws. */
export async function checkOutTree(call: CheckOut, place: CheckOutPlace, depth = 0): Promise<void> {
  const { git, signal } = call;
  const { address, commit, target } = place;
  if (depth > MAX_SUBMODULE_DEPTH)
    throw new CopseError("git-submodules", `Submodules are nested too deeply: \`${address.url}\``);
  const folder = await call.fetched(address, commit);
  await mkdir(target, { recursive: true });
  const scratch = await mkdtemp(join(tmpdir(), "copse-index-"));
  const run = (...args: string[]) =>
    git.run({
      args: ["--git-dir", folder, "--work-tree", target, "-c", "core.symlinks=true", ...args],
      env: { GIT_INDEX_FILE: join(scratch, "index") },
      ...{ kind: "objects", signal },
    });
  try {
    await run("read-tree", commit);
    await run("checkout-index", "--all", "--force");
    for (const link of gitlinksIn(await run("ls-files", "-s", "-z"))) {
      const stated = await submoduleUrl(call, { folder, commit, path: link.path });
      // One that no .gitmodules knows is a leftover, which git itself leaves empty.
      if (stated === undefined) continue;
      const inner = join(target, link.path);
      await mkdir(dirname(inner), { recursive: true });
      if (!`${await realpath(dirname(inner))}/`.startsWith(`${await realpath(target)}/`))
        throw new CopseError("git-submodules", `Submodule leads out of its repository: \`${link.path}\``);
      const of = { address: submoduleAddress(stated, address), commit: link.commit, target: inner };
      await checkOutTree(call, of, depth + 1);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function submoduleUrl(
  { git, signal }: CheckOut,
  of: { readonly folder: string; readonly commit: string; readonly path: string },
): Promise<string | undefined> {
  const config = ["--git-dir", of.folder, "config", "--blob", `${of.commit}:.gitmodules`, "-z"];
  const ask = (...args: string[]) => git.try({ args: [...config, ...args], kind: "objects", signal });
  const { exitCode, stdout } = await ask("--get-regexp", "^submodule\\..*\\.path$");
  if (exitCode !== 0) return undefined;
  const entries = stdout
    .toString("utf8")
    .split("\0")
    .map((one) => one.split("\n"));
  const key = entries.find(([, value]) => value === of.path)?.[0]?.replace(/path$/, "url");
  if (key === undefined) return undefined;
  const found = await ask("--get", key);
  return found.exitCode === 0 ? found.stdout.toString("utf8").replace(/\0$/, "") : undefined;
}

/** Entries of mode 160000 in `git ls-files -s -z`. */
function gitlinksIn(listing: Buffer): { readonly commit: string; readonly path: string }[] {
  return listing
    .toString("utf8")
    .split("\0")
    .flatMap((line) => {
      const [, commit, path] = /^160000 ([0-9a-f]+) [0-9]\t(.+)$/s.exec(line) ?? [];
      return commit === undefined || path === undefined ? [] : [{ commit, path }];
    });
}
