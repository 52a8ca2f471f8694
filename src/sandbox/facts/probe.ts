/**
 * What this machine allows, tried rather than guessed: whether roots can be entered and builds run, and if
 * not, which setting forbids it and what an administrator would do about it.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { canTrace, chooseFallback, type Fallback } from "../fallback/choose.ts";
import { findProgram, hostToolPath } from "../host-programs.ts";
import { capSysAdmin, readProcessStatus } from "../process-status.ts";

export interface HostProblem {
  readonly code: string;
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** What an administrator must do, in a sentence. */
  readonly remedy: string;
}

export interface HostFacts {
  /** How roots are entered here: with root's own powers, in a user namespace, or not at all. */
  readonly entry: "root" | "user" | "none";
  /** Whether a user namespace can be made in which mounts can be made. Builds always need one. */
  readonly userNamespaces: boolean;
  readonly maxUserNamespaces: number | undefined;
  /** Whether a new /proc can be mounted, as builds need. Containers that cover parts of /proc forbid it. */
  readonly newProc: boolean;
  /** Whether an overlay can be mounted in a user namespace. */
  readonly overlay: boolean;
  /** What serves instead where roots cannot be entered by namespaces; undefined too where they can. */
  readonly fallback: Fallback | undefined;
  /** Whether a tracer could run programs in roots: where there are no namespaces, builds need that. */
  readonly tracing: boolean;
  /** Security modules and filters that this process is under: `apparmor`, `selinux`, `seccomp`. */
  readonly guards: readonly string[];
  /** "2.38.1" */
  readonly utilLinux: string | undefined;
  readonly missingPrograms: readonly string[];
  readonly problems: readonly HostProblem[];
}

const neededPrograms = [
  "unshare",
  "setpriv",
  "mount",
  "umount",
  "pivot_root",
  "mkfifo",
  "cp",
  "mkdir",
  "hostname",
  "env",
];
const oldestUtilLinux = [2, 36] as const;

export async function probeHost(signal?: AbortSignal): Promise<HostFacts> {
  const missingPrograms = neededPrograms.filter((name) => findProgram(name, hostToolPath) === undefined);
  const namespace = ["--user", "--map-current-user", "--keep-caps", "--mount"];
  const overlay =
    "mount -t tmpfs tmpfs /tmp && cd /tmp && mkdir l u w m && mount -t overlay -o lowerdir=l,upperdir=u,workdir=w o m";
  const newProc = ["--pid", "--fork", "--kill-child", "--", "mount", "-t", "proc", "proc", "/proc"];
  const run = (args: string[]) => tryProgram("unshare", args, signal);
  const [version, plain, user, bare, proc, layered] = await Promise.all([
    run(["--version"]),
    run(["--mount", "--", "mount", "-t", "tmpfs", "tmpfs", "/tmp"]),
    run([...namespace, "--", "mount", "-t", "tmpfs", "tmpfs", "/tmp"]),
    run(["--user", "--map-current-user", "--", "true"]),
    run([...namespace, ...newProc]),
    run([...namespace, "--", "sh", "-c", overlay]),
  ]);
  const status = readProcessStatus();
  const asRoot = status.uid === 0 && capSysAdmin(status) && plain !== undefined;
  const maxUserNamespaces = await readNumber("/proc/sys/user/max_user_namespaces");
  const utilLinux = version?.match(/\d+(\.\d+)+/)?.[0];
  const entry = asRoot ? "root" : user !== undefined ? "user" : "none";
  const facts = {
    entry,
    fallback: entry === "none" ? chooseFallback() : undefined,
    tracing: canTrace(),
    guards: await findGuards(),
    userNamespaces: user !== undefined,
    maxUserNamespaces,
    newProc: proc !== undefined,
    overlay: layered !== undefined,
    utilLinux,
    missingPrograms,
  } as const;
  return { ...facts, problems: await findProblems(facts, { withoutMounts: bare !== undefined }) };
}

type Findings = Omit<HostFacts, "problems">;

async function findProblems(
  facts: Findings,
  tried: { readonly withoutMounts: boolean },
): Promise<HostProblem[]> {
  const problems: HostProblem[] = [];
  if (facts.missingPrograms.length > 0) {
    problems.push({
      code: "sandbox-tool-missing",
      message: `These programs are missing: ${facts.missingPrograms.join(", ")}`,
      remedy: "Install the packages util-linux, mount, coreutils and hostname.",
    });
  }
  if (facts.utilLinux !== undefined && isOlder(facts.utilLinux)) {
    problems.push({
      code: "sandbox-util-linux-old",
      message: `util-linux ${facts.utilLinux} is too old`,
      remedy: `Install util-linux ${oldestUtilLinux.join(".")} or newer: Debian 11 and Ubuntu 22.04 have it.`,
    });
  }
  if (!facts.userNamespaces) problems.push(await whyNoUserNamespaces(tried.withoutMounts));
  else if (!facts.newProc) {
    problems.push({
      code: "sandbox-proc-covered",
      message: "Builds cannot mount their own /proc, because a container has covered parts of this one",
      remedy:
        "Start the container with an uncovered /proc (docker: `--security-opt systempaths=unconfined`).",
    });
  }
  return problems;
}

interface Setting {
  readonly file: string;
  readonly forbids: string;
  readonly message: string;
  readonly remedy: string;
}

const settings: readonly Setting[] = [
  {
    file: "user/max_user_namespaces",
    forbids: "0",
    message: "User namespaces are switched off: user.max_user_namespaces is 0",
    remedy:
      "As root: `echo user.max_user_namespaces=15000 > /etc/sysctl.d/90-copse.conf && sysctl --system`.",
  },
  {
    file: "kernel/unprivileged_userns_clone",
    forbids: "0",
    message: "User namespaces are for root only: kernel.unprivileged_userns_clone is 0",
    remedy:
      "As root: `echo kernel.unprivileged_userns_clone=1 > /etc/sysctl.d/90-copse.conf && sysctl --system`.",
  },
  {
    file: "kernel/apparmor_restrict_unprivileged_userns",
    forbids: "1",
    message:
      "AppArmor takes away the powers in user namespaces: kernel.apparmor_restrict_unprivileged_userns is 1",
    remedy:
      "As root: `echo kernel.apparmor_restrict_unprivileged_userns=0 > /etc/sysctl.d/90-copse.conf && sysctl --system`.",
  },
];

/** `withoutMounts`: namespaces can be made, and nothing mounted in them. */
async function whyNoUserNamespaces(withoutMounts: boolean): Promise<HostProblem> {
  for (const { file, forbids, message, remedy } of settings) {
    if ((await readText(`/proc/sys/${file}`)) === forbids)
      return { code: "sandbox-user-namespaces", message, remedy };
  }
  if ((await readText("/sys/fs/selinux/enforce")) === "1" && !withoutMounts) {
    return {
      code: "sandbox-selinux",
      message: "SELinux is enforcing, and user namespaces cannot be made",
      remedy: "As root: `setsebool -P deny_userns off`; `ausearch -m avc -ts recent` shows what was denied.",
    };
  }
  const filtered = /^Seccomp:\t2$/m.test((await readText("/proc/self/status")) ?? "");
  return filtered
    ? {
        code: "sandbox-seccomp",
        message: `A system call filter forbids ${withoutMounts ? "mounts" : "new namespaces"}, as container engines do by default`,
        remedy: "Start the container with `--security-opt seccomp=unconfined`, or with `--privileged`.",
      }
    : withoutMounts
      ? {
          code: "sandbox-mounts-forbidden",
          message: "User namespaces can be made here, but a security module forbids mounts in them",
          remedy:
            "As root: `journalctl -k` shows which module refused it; allow mounts in user namespaces there.",
        }
      : {
          code: "sandbox-user-namespaces",
          message:
            "This machine allows no user namespaces, for a reason that none of the known settings gives",
          remedy:
            "Check that the kernel has CONFIG_USER_NS, and what the security modules log (journalctl -k).",
        };
}

async function findGuards(): Promise<string[]> {
  const guards: string[] = [];
  const label = (await readText("/proc/self/attr/current"))?.replace(/\0/g, "");
  const selinux = await readText("/sys/fs/selinux/enforce");
  if (selinux !== undefined) guards.push(selinux === "1" ? "selinux (enforcing)" : "selinux (permissive)");
  else if (label && label !== "unconfined" && label !== "kernel") guards.push(`apparmor (${label})`);
  if (/^Seccomp:\t2$/m.test((await readText("/proc/self/status")) ?? "")) guards.push("seccomp");
  return guards;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < oldestUtilLinux[0] || (major === oldestUtilLinux[0] && minor < oldestUtilLinux[1]);
}

/** Its output, or undefined if it cannot be run or fails. */
function tryProgram(
  name: string,
  args: string[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const file = findProgram(name, hostToolPath);
  if (file === undefined) return Promise.resolve(undefined);
  const options = { env: { PATH: hostToolPath, LC_ALL: "C" }, timeout: 10_000, ...(signal && { signal }) };
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout) => resolve(error === null ? stdout : undefined));
  });
}

async function readText(path: string): Promise<string | undefined> {
  return (await readFile(path, "utf8").catch(() => undefined))?.trim();
}

async function readNumber(path: string): Promise<number | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : Number(text);
}
