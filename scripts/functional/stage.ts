/**
 * The place that functional tests run in: a copy of the checkout's tests, which may be written to, and a build folder
 * with what Nix's build system would generate: two templates with the paths of the programs to use.
 */
import { execFileSync } from "node:child_process";
import {
  accessSync,
  constants,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";

export interface Stage {
  readonly root: string;
  /** tests/functional in the copy. */
  readonly sourceDir: string;
  readonly buildDir: string;
  /** TMPDIR of the tests. */
  readonly temporaryDir: string;
  /** Whom the tests run as. */
  readonly user: User;
  readonly bash: string;
}

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const PROGRAMS = [
  "nix",
  "nix-build",
  "nix-channel",
  "nix-collect-garbage",
  "nix-copy-closure",
  "nix-daemon",
  "nix-env",
  "nix-hash",
  "nix-instantiate",
  "nix-prefetch-url",
  "nix-shell",
  "nix-store",
];

/** A folder with Nix's program names, all of them copse. */
export function linkCopse(repository: string, parent: string): string {
  const folder = join(parent, "bin");
  mkdirSync(folder);
  for (const program of PROGRAMS) symlinkSync(join(repository, "bin/copse"), join(folder, program));
  return folder;
}

export interface StageOptions {
  /** Names the folder of the programs to test; it may make one below the folder that it is given. */
  readonly programs: (folder: string) => string;
  /** Default: the caller. */
  readonly user: string | undefined;
}

export function stageCheckout(checkout: string, { programs, user: userName }: StageOptions): Stage {
  // Short, as tests put sockets into it.
  const root = realpathSync(mkdtempSync(join(tmpdir(), "cf-")));
  const source = join(root, "source");
  const sourceDir = join(source, "tests/functional");
  const buildDir = join(root, "build");
  const temporaryDir = join(root, "tmp");
  for (const folder of [join(source, "tests"), join(buildDir, "common"), temporaryDir])
    mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(checkout))
    if (name !== "tests") symlinkSync(resolve(checkout, name), join(source, name));
  cpSync(join(checkout, "tests/functional"), sourceDir, { recursive: true, verbatimSymlinks: true });

  const values = settings(programs(root));
  for (const [template, result] of [
    ["common/subst-vars.sh.in", "common/subst-vars.sh"],
    ["config.nix.in", "config.nix"],
  ] as const)
    writeFileSync(
      join(buildDir, result),
      substitute(readFileSync(join(sourceDir, template), "utf8"), values),
    );
  const user = findUser(userName);
  if (userName !== undefined) execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, root]);
  return { root, sourceDir, buildDir, temporaryDir, user, bash: values.get("bash")! };
}

function findUser(name: string | undefined): User {
  if (name === undefined) {
    const { username, uid, gid } = userInfo();
    return { name: username, uid, gid };
  }
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${name}:`));
  if (line === undefined) throw new Error(`/etc/passwd has no user ${name}`);
  const [, , uid, gid] = line.split(":");
  return { name, uid: Number(uid), gid: Number(gid) };
}

function settings(bindir: string): ReadonlyMap<string, string> {
  const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
  const version = execFileSync(join(bindir, "nix"), ["--version"], { encoding: "utf8" });
  return new Map([
    ["bindir", bindir],
    ["bash", findProgram("bash") ?? "/bin/bash"],
    ["coreutils", dirname(findProgram("ls") ?? "/bin/ls")],
    ["dot", findProgram("dot") ?? ""],
    ["sandbox_shell", findProgram("busybox") ?? ""],
    // Of the programs under test, as their own build would have it.
    ["PACKAGE_VERSION", version.trim().split(" ").at(-1)!],
    ["system", `${machine}-linux`],
  ]);
}

function substitute(template: string, values: ReadonlyMap<string, string>): string {
  return template.replace(/@([a-zA-Z_]+)@/g, (whole, name: string) => values.get(name) ?? whole);
}

function findProgram(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Stores have read-only folders, which an ordinary user must unlock first. */
export function removeStage(stage: Stage): void {
  execFileSync("chmod", ["-R", "u+rwX", stage.root], { stdio: "ignore" });
  rmSync(stage.root, { recursive: true, force: true });
}
