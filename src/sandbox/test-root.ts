/**
 * For tests: a small root of its own, made of a few programs of the machine and the libraries that `ldd`
 * names, and the identities to try everything with: the caller's, and an unprivileged user's if the caller
 * is root.
 */
import { execFileSync, type SpawnOptions, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { findHostProgram } from "./host-programs.ts";

const programs = [
  ...[
    "dash",
    "env",
    "id",
    "cat",
    "ls",
    "touch",
    "sleep",
    "mkdir",
    "readlink",
    "grep",
    "true",
    "setsid",
    "ln",
  ],
  ...["cp", "rm", "setpriv", "unshare", "pivot_root", "umount", "stat", "tty", "hostname"],
];

/** A fresh directory that every user can reach. */
export function makeTestDirectory(): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "copse-sandbox-test-"));
  chmodSync(directory, 0o755);
  return directory;
}

/** Makes a root at `dir`. `extra`: more programs; `libraries`: programs of which only the libraries go in. */
export function makeTestRoot(
  dir: string,
  extra: string[] = [],
  libraries: string[] = [process.execPath],
): string {
  for (const name of [
    "usr/bin",
    "usr/sbin",
    "usr/lib",
    "usr/lib64",
    "usr/share",
    "etc",
    "var/tmp",
    "proc",
    "home",
  ]) {
    mkdirSync(join(dir, name), { recursive: true });
  }
  for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(dir, name));
  for (const name of [...programs, ...extra]) copyProgram(dir, name);
  for (const path of libraries) copyLibraries(dir, path);
  symlinkSync("dash", join(dir, "usr/bin/sh"));
  writeFileSync(join(dir, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nbin:x:2:2::/bin:/bin/sh\n");
  writeFileSync(join(dir, "etc/group"), "root:x:0:\nusers:x:100:\n");
  for (const name of ["hosts", "resolv.conf", "hostname"]) writeFileSync(join(dir, "etc", name), "");
  writeFileSync(join(dir, "etc/of-the-root"), "yes\n");
  return dir;
}

function copyProgram(dir: string, name: string): void {
  const path = findHostProgram(name);
  const place = join(dir, path.startsWith("/usr/") ? path : `/usr${path}`);
  copyFileSync(path, place);
  chmodSync(place, 0o755);
  copyLibraries(dir, path);
}

function copyLibraries(dir: string, path: string): void {
  const listing = execFileSync("ldd", [path], { encoding: "utf8" });
  const libraries = [...listing.matchAll(/\/\S+/g)].map(([library]) => library);
  // Before glibc 2.34, looking up accounts was in a library of its own, loaded when needed.
  const accounts = libraries.map((library) => join(dirname(library), "libnss_files.so.2"));
  for (const library of [...libraries, ...accounts.filter((library) => existsSync(library))]) {
    const place = join(dir, library);
    if (existsSync(place)) continue;
    mkdirSync(dirname(place), { recursive: true });
    copyFileSync(library, place);
    chmodSync(place, 0o755);
  }
}

export interface Identity {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const own: Identity = {
  name: process.getuid?.() === 0 ? "root" : "user",
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
};

export const identities: readonly Identity[] =
  own.uid === 0 ? [own, { name: "unprivileged user", uid: 1234, gid: 1234 }] : [own];

export interface Outcome {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

export interface Drive {
  readonly identity: Identity;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Called with all output so far, after every piece of it. */
  onOutput?(text: string, child: ReturnType<typeof spawn>): void;
  /** A program and arguments before the driver's: `script`. */
  readonly wrap?: (command: string[]) => string[];
}

/** Runs JavaScript in a process of that identity; `sandbox` is the folder's face, `argument` what is given. */
export function drive(code: string, argument: unknown, options: Drive): Promise<Outcome> {
  const face = join(import.meta.dirname, "mod.ts");
  const program = `import(${JSON.stringify(face)}).then(async (sandbox) => {
    const argument = JSON.parse(process.argv[1]);
    ${code}
  });`;
  const command = [process.execPath, "--no-warnings", "-e", program, JSON.stringify(argument)];
  return runAs(options.wrap?.(command) ?? command, options);
}

/** Runs a command as that identity, to its end. */
export function runAs(command: string[], options: Drive): Promise<Outcome> {
  const { uid, gid } = options.identity;
  const spawnOptions: SpawnOptions = {
    ...(process.getuid?.() === 0 ? { uid, gid } : {}),
    cwd: options.cwd ?? "/",
    env: { PATH: "/usr/bin:/bin", HOME: "/", USER: "tester", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  };
  const child = spawn(command[0]!, command.slice(1), spawnOptions);
  let output = "";
  const listen = (chunk: Buffer) => {
    output += chunk.toString();
    options.onOutput?.(output, child);
  };
  child.stdout?.on("data", listen);
  child.stderr?.on("data", listen);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ pid: child.pid ?? 0, code, signal, output }));
  });
}

/** Enters `view` by `planEntry` and execve, and there runs a line of shell. */
export function enter(
  view: string,
  line: string,
  options: Drive & { spec?: Record<string, unknown> },
): Promise<Outcome> {
  const spec = {
    viewDir: view,
    store: { realStoreDir: "/nix/store", prefix: "" },
    cwd: options.cwd ?? "/",
    env: { PATH: "/usr/bin:/bin:/usr/sbin", HOME: "/", USER: "tester", ...options.env },
    argv: ["sh", "-c", line],
    ...options.spec,
  };
  const code = "const plan = sandbox.planEntry(argument); process.execve(plan.file, plan.args, plan.env);";
  return drive(code, spec, { ...options, env: {} });
}

/** Why roots cannot be entered here, if so: a reason to skip. */
export async function whyNotHere(): Promise<string | false> {
  const { probeHost } = await import("./facts/probe.ts");
  const facts = await probeHost();
  if (facts.problems.length > 0) return facts.problems.map((problem) => problem.message).join("; ");
  for (const identity of identities) {
    const outcome = await runAs(
      [process.execPath, "-e", `fs.readFileSync(${JSON.stringify(import.meta.filename)})`],
      {
        identity,
      },
    ).catch(() => undefined);
    if (outcome?.code !== 0) return `${identity.name} cannot read ${basename(import.meta.dirname)}, or Node`;
  }
  return false;
}
