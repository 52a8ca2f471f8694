/**
 * Running a program on the host that expects the store at its logical place. Where the store is really there, that is
 * nothing but starting it. A store that lies elsewhere is shown at its place in a mount namespace, and all else of the
 * host stays as it is.
 */
import { dirname } from "node:path";
import { CopseError, installedPath } from "#base";
import type { EntryPlan } from "./entry.ts";
import { findHostProgram, findProgram, hostToolPath } from "./host-programs.ts";
import { capSysAdmin, readProcessStatus } from "./process-status.ts";

export interface HostSpec {
  readonly store: {
    readonly storeDir: string;
    readonly realStoreDir: string;
    readonly prefix: string;
  };
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The first is the program: a path, or a name that is looked for in the PATH of `env`. */
  readonly argv: readonly [string, ...string[]];
  /** What the program itself is called with as its name, where that differs. */
  readonly argv0?: string;
}

/** Throws CopseError `command-not-found` where that can be known before, `sandbox-tool-missing`. */
export function planOnHost(spec: HostSpec): EntryPlan {
  const { store, env, argv } = spec;
  if (store.prefix === "" || store.realStoreDir === store.storeDir) return planDirect(spec);
  const status = readProcessStatus();
  const asRoot = status.uid === 0 && capSysAdmin(status);
  const namespaces = asRoot ? [] : ["--user", "--map-current-user", "--keep-caps"];
  const { early, late } = splitEnvironment(env);
  return {
    file: findHostProgram("unshare"),
    args: [
      ...["unshare", ...namespaces, "--mount", "--propagation", "slave", "--"],
      ...["/bin/sh", installedPath("src/sandbox/host-store.sh"), asRoot ? "root" : "user", status.umask],
      ...[dirname(store.realStoreDir), dirname(store.storeDir), spec.cwd, env["PATH"] ?? "", "--"],
      ...(late.length === 0 ? [] : ["/usr/bin/env", ...late]),
      ...argv,
    ],
    env: { ...early, PATH: hostToolPath },
  };
}

function planDirect({ env, argv, argv0 }: HostSpec): EntryPlan {
  const file = findProgram(argv[0], env["PATH"] ?? hostToolPath);
  if (file === undefined) {
    throw new CopseError("command-not-found", `There is no such command: \`${argv[0]}\``, { exitCode: 127 });
  }
  const { COPSE_STACK_LIMIT: _, ...rest } = env;
  return { file, args: [argv0 ?? argv[0], ...argv.slice(1)], env: rest };
}

/** Variables that would change how the way in runs, or that its shell would drop, are set at its end. */
function splitEnvironment(env: Readonly<Record<string, string>>): {
  early: Record<string, string>;
  late: string[];
} {
  const early: Record<string, string> = {};
  const late: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (name === "PATH") continue;
    if (LOADER_NAME.test(name) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) late.push(`${name}=${value}`);
    else early[name] = value;
  }
  return { early, late };
}

const LOADER_NAME = /^(LD_|GLIBC_|MALLOC_|LIBMOUNT_|LOCPATH$|LIBC_FATAL|BASH_ENV$|ENV$|IFS$|OPTIND$|PPID$)/;
