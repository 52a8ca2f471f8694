/**
 * Entering a root: the process becomes the command, which then sees the root's /usr, /etc and /var and
 * everything else of the host (homes, data, devices, /tmp).
 *
 * A plan is a program, its arguments and its environment, for `process.execve` or for spawning. What it runs
 * is util-linux's `unshare`, and in the new namespaces enter.sh; this file does in the process that is there
 * anyway what that script's first stage does for launchers that run on their own.
 */
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { CopseError, installedPath } from "#base";
import { type AccountTables, accountTables } from "./accounts.ts";
import { type EntryWay, namespaceWords } from "./entry-way.ts";
import { findHostProgram, findProgram, hostToolPath } from "./host-programs.ts";
import type { InsideNames } from "./inside-names.ts";
import { capSysAdmin, readProcessStatus } from "./process-status.ts";

export interface EntrySpec {
  /** The root's merged tree: a real directory with usr, etc, var, links such as bin -> usr/bin. */
  readonly viewDir: string;
  /** As the store's place has it: `prefix` is "" if the store is really at /nix/store. */
  readonly store: { readonly realStoreDir: string; readonly prefix: string };
  /** An absolute path; the command starts there if it exists inside, in / with a warning if not. */
  readonly cwd: string;
  /** The command's environment; its PATH speaks of directories inside. */
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly [string, ...string[]];
  /** Default: root's own powers where this process has them. */
  readonly way?: EntryWay;
  /** Names of programs inside that lead back to the host; without, there are none. */
  readonly names?: InsideNames;
  /** Lay a layer over the root that takes what is written to it, and is gone with the command. */
  readonly isWritable?: boolean;
}

export interface EntryPlan {
  /** Absolute, as execve wants it. */
  readonly file: string;
  /** The whole argument vector, args[0] included. */
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** The file by which a process knows in which root it stands. A variable would travel to where it is wrong. */
const rootMarker = "/.copse/root";

/** The base name of the root in which this process stands. */
export function currentRoot(): string | undefined {
  try {
    return readFileSync(rootMarker, "utf8").trim();
  } catch {
    return undefined;
  }
}

const rootPath = "/usr/local/bin:/usr/bin:/bin";

/** CopseError "sandbox-tool-missing"; "command-not-found" where that can be known before entering. */
export function planEntry(spec: EntrySpec): EntryPlan {
  const path = spec.env["PATH"] ?? rootPath;
  if (currentRoot() === basename(spec.viewDir)) return planHere(spec, path);
  const status = readProcessStatus();
  const way = spec.way ?? (status.uid === 0 && capSysAdmin(status) ? "root" : "user");
  const { early, command } = splitEnvironment(spec);
  const accounts: AccountTables = accountTables(spec.viewDir, spec.env);
  const stage = [
    ...["--inside", way, String(status.uid), String(status.gid), status.umask],
    ...[spec.viewDir, nixDirectory(spec), path, accounts.passwd, accounts.group],
    ...[installedPath("src/sandbox/inside"), spec.names?.folder ?? ""],
    ...[spec.isWritable ? "1" : "", spec.names?.hostPath ?? hostToolPath, spec.cwd],
  ];
  return {
    file: findHostProgram("unshare"),
    args: [
      ...["unshare", ...namespaceWords[way]],
      ...["/bin/sh", installedPath("src/sandbox/enter.sh"), ...stage, ...command],
    ],
    env: { ...early, PATH: hostToolPath },
  };
}

/** Where we stand already: nothing to do but to exec. */
function planHere(spec: EntrySpec, path: string): EntryPlan {
  const file = findProgram(spec.argv[0], path);
  if (file === undefined) {
    throw new CopseError(
      "command-not-found",
      `There is no such command in the environment: \`${spec.argv[0]}\``,
      {
        exitCode: 127,
      },
    );
  }
  const { COPSE_STACK_LIMIT: _, ...env } = spec.env;
  return { file, args: [...spec.argv], env: { ...env, COPSE_ROOT: basename(spec.viewDir) } };
}

/** What becomes /nix inside, so that copse works there too. Nothing if it is the host's own. */
function nixDirectory({ store }: EntrySpec): string {
  return store.realStoreDir === "/nix/store" ? "" : dirname(store.realStoreDir);
}

/**
 * The way in leads through the host's programs and a shell, so two kinds of variables are set at its end, by
 * `env`: those that would change how these programs run, and those that the shell would drop (exported
 * functions of bash, such as `module` on clusters, have names that are not a shell variable's).
 */
function splitEnvironment(spec: EntrySpec): { early: Record<string, string>; command: string[] } {
  const early: Record<string, string> = {};
  const late: string[] = [];
  for (const [name, value] of Object.entries(spec.env)) {
    if (name === "PATH") continue;
    if (isLate(name)) late.push(`${name}=${value}`);
    else early[name] = value;
  }
  return { early, command: late.length === 0 ? [...spec.argv] : ["env", ...late, ...spec.argv] };
}

const loaderName = /^(LD_|GLIBC_|MALLOC_|LIBMOUNT_|LOCPATH$|LIBC_FATAL|BASH_ENV$|ENV$|IFS$|OPTIND$|PPID$)/;

function isLate(name: string): boolean {
  return loaderName.test(name) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
