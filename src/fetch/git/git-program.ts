/**
 * The machine's git, run so that it asks nobody, and that nothing of the caller's repository gets in its way.
 *
 * What goes over the network has the user's configuration, as proxies, credential helpers and keys stand there. What only
 * reads objects has none of it: the same commit must come to the same tree for everybody.
 */
import { CopseError, isCopseError } from "#base";
import { type CapturedRun, type Environment, nodeProcesses, type Processes } from "#host";
import { offlineError, wantsOffline } from "../offline.ts";

export interface GitCall {
  readonly args: readonly string[];
  readonly kind: "network" | "objects";
  /** Further variables: an index, a work tree. */
  readonly env?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Of the caller's own repository: with one of these, git would work on that. */
const OF_A_REPOSITORY =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|SHALLOW_FILE|GRAFT_FILE|CEILING_DIRECTORIES|EXTERNAL_DIFF)$/;

/** A file of messages is no output that anybody reads as a whole. */
const MAX_OUTPUT_BYTES = 256 * 2 ** 20;

/** Another process works on the same repository: its lock goes in a moment. */
const IS_LOCKED = /\.lock': File exists/;
const LOCK_ATTEMPTS = 40;
const LOCK_WAIT_MS = 250;

export class GitProgram {
  readonly #env: Environment;
  readonly #processes: Processes;

  constructor(env: Environment, processes: Processes = nodeProcesses) {
    this.#env = env;
    this.#processes = processes;
  }

  /** Whatever git says of it. Throws `git-missing`. */
  async try({ args, kind, env, signal }: GitCall): Promise<CapturedRun> {
    const command = {
      file: "git",
      args: ["-c", "gc.auto=0", "-c", "core.hooksPath=/dev/null", ...args],
      env: { ...this.#environment(kind), ...env },
      signal,
    };
    for (let attempt = 1; ; attempt++) {
      const result = await this.#run(command);
      if (kind === "network" && result.exitCode !== 0 && wantsOffline(this.#env))
        throw offlineError("Repository", args[args.indexOf("--") + 1] ?? "");
      const isLocked = result.exitCode !== 0 && IS_LOCKED.test(result.stderr.toString("latin1"));
      if (!isLocked || attempt === LOCK_ATTEMPTS) return result;
      await new Promise((done) => setTimeout(done, LOCK_WAIT_MS));
    }
  }

  /** Throws `git-failed`, with the end of what git said, unless it succeeds. */
  async run(call: GitCall): Promise<Buffer> {
    const result = await this.try(call);
    if (result.exitCode === 0) return result.stdout;
    const verb = call.args.find((one) => /^[a-z]/.test(one)) ?? "";
    throw new CopseError("git-failed", `git could not do what it was asked for: \`${verb}\``, {
      hint: whatGitSaid(result),
    });
  }

  async #run(command: Parameters<Processes["run"]>[0]): Promise<CapturedRun> {
    try {
      return await this.#processes.run(command, { maxOutputBytes: MAX_OUTPUT_BYTES });
    } catch (error) {
      if (!isCopseError(error, "program-missing")) throw error;
      throw new CopseError("git-missing", "Repositories are fetched by git, which is not installed: `git`", {
        hint: "install it on this machine: apt install git",
        cause: error,
      });
    }
  }

  #environment(kind: GitCall["kind"]): Environment {
    const own = Object.fromEntries(Object.entries(this.#env).filter(([name]) => !OF_A_REPOSITORY.test(name)));
    const quiet = {
      LC_ALL: "C",
      GIT_TERMINAL_PROMPT: "0",
      GIT_SSH_COMMAND: own["GIT_SSH_COMMAND"] ?? "ssh -oBatchMode=yes",
      // Large files of git-lfs are fetched by nobody else either.
      GIT_LFS_SKIP_SMUDGE: "1",
      GIT_ALLOW_PROTOCOL: wantsOffline(this.#env) ? "file" : "https:http:ssh:file",
    };
    if (kind === "network") return { ...own, ...quiet };
    return {
      ...own,
      ...quiet,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_NO_LAZY_FETCH: "1",
    };
  }
}

/** The end of it, without logins that stand in the user's own configuration. */
export function whatGitSaid({ stderr }: Pick<CapturedRun, "stderr">): string {
  const lines = stderr
    .toString("utf8")
    .split("\n")
    .map((line) => line.replace(/(:\/\/)[^/@\s']*@/g, "$1").trim())
    .filter((line) => line !== "" && !line.startsWith("hint:"));
  return lines.slice(-4).join("; ").slice(0, 600);
}
