/**
 * Where bad input is met: an archive of Debian's kind with a few packages of a few bytes, signed by a key of its own
 * and served on this machine, a configuration that knows no other, and a small store. What all faults must have in
 * common is asked here: one error in the house's form, a sound store, no file and no process left over.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { findJudge } from "../../src/format/testing/mod.ts";
import {
  FixtureArchive,
  type FixtureKey,
  type FixturePackage,
  makeKey,
  type SuiteOptions,
} from "../../src/resolve/debian/testing/fixture-archive.ts";
import { debBytes, type TestMember } from "../../src/root/debs-for-tests.ts";
import { type CallOptions, copse, output, project, world, write } from "./world.ts";

/** What every root has in it, here as packages with nothing but a note. */
const BASE = [
  ...[
    "base-files",
    "base-passwd",
    "bash",
    "ca-certificates",
    "coreutils",
    "dash",
    "debianutils",
    "diffutils",
  ],
  ...["findutils", "grep", "gzip", "hostname", "libc-bin", "mawk", "mount", "ncurses-base", "ncurses-bin"],
  ...["perl-base", "sed", "tar", "util-linux"],
];

/** A package with these members beside its note. */
export function deb(
  name: string,
  options: {
    readonly members?: readonly TestMember[];
    readonly fields?: Readonly<Record<string, string>>;
    readonly contents?: Buffer;
  } = {},
): FixturePackage {
  const note = { path: `./usr/share/doc/${name}/note`, contents: `of ${name}\n` };
  const { fields = {}, members = [] } = options;
  const contents = options.contents ?? debBytes({ name, fields, members: [...members, note] });
  return { name, architecture: "all", fields, contents };
}

export type Environment = Readonly<Record<string, string>>;

/** A store of its own below a folder, where builders are programs of this machine: no sandbox, no packages. */
export function plainStore(): { readonly folder: string; readonly env: Environment } {
  const folder = mkdtempSync(join(world.projects, "plain-"));
  mkdirSync(join(folder, "tmp"));
  return {
    folder,
    env: {
      COPSE_STORE: "",
      NIX_STORE_DIR: join(folder, "store"),
      NIX_STATE_DIR: join(folder, "var"),
      NIX_LOG_DIR: join(folder, "log"),
      NIX_CONFIG: "sandbox = false\nbuild-users-group =\nsubstituters =\n",
      XDG_CACHE_HOME: join(folder, "cache"),
      TMPDIR: join(folder, "tmp"),
    },
  };
}

export interface BadWorld {
  readonly archive: FixtureArchive;
  readonly key: FixtureKey;
  readonly cache: string;
  /** Of every call: this store, this archive, no other configuration. */
  readonly env: Environment;
  /** The suite bookworm with these packages on top of the base. */
  publish(packages: readonly FixturePackage[], options?: SuiteOptions): Promise<void>;
}

/** For the top of a test file, with which the server ends. */
export async function openBadWorld(): Promise<BadWorld> {
  const folder = mkdtempSync(join(world.projects, "bad-"));
  const key = await makeKey("bad input");
  const archive = new FixtureArchive();
  const uri = await archive.serve({ after });
  write(folder, {
    "key.asc": key.armored,
    "apt.conf": `Dir::Etc "${folder}/nonexistent";\n`,
    "config.toml": `[sources.debian]\nuris = ["${uri}"]\nsigned-by = "${folder}/key.asc"\n`,
  });
  mkdirSync(join(folder, "tmp"));
  const cache = join(folder, "cache");
  return {
    ...{ archive, key, cache },
    env: {
      COPSE_STORE: join(folder, "store"),
      XDG_CACHE_HOME: cache,
      COPSE_CONFIG: join(folder, "config.toml"),
      APT_CONFIG: join(folder, "apt.conf"),
      TMPDIR: join(folder, "tmp"),
      no_proxy: "127.0.0.1",
    },
    publish: (packages, options) =>
      archive.publish([...BASE.map((name) => deb(name)), ...packages], [key], options),
  };
}

/** A project that asks for these Debian packages. */
export function asking(...names: readonly string[]): string {
  const cwd = project();
  const requests = names.map((name) => `"${name}"`).join(" ");
  write(cwd, {
    "default.nix": `(import <nixpkgs> { }).debianTools.makeRoot { packages = [ ${requests} ]; }\n`,
  });
  return cwd;
}

export interface Fault extends CallOptions {
  readonly args: readonly string[];
  readonly env: Environment;
  /** 1 unless it is nix-build that tells failures apart. */
  readonly code?: number;
  /** Of copse's own commands: what stands in brackets. */
  readonly error?: string;
  /** Besides the error's name. */
  readonly says: RegExp;
  /** False where the first line says all that there is to do. */
  readonly hasHint?: boolean;
}

/** Runs what must fail; what it prints is one error, as people can read it. Returns it. */
export async function fails(fault: Fault): Promise<string> {
  const { code, stdout, stderr } = await copse(fault.args, fault);
  const told = `${fault.as ?? "copse"} ${fault.args.join(" ")}\n${stdout}${stderr}`;
  assert.equal(code, fault.code ?? 1, told);
  const errors = stderr.match(/^error(\[[a-z0-9-]+\])?:.*$/gm) ?? [];
  assert.equal(errors.length, 1, told);
  if (fault.as === undefined) assert.ok(errors[0]?.startsWith(`error[${fault.error}]: `), told);
  assert.match(stderr, fault.says, told);
  assert.doesNotMatch(
    stderr,
    /This is a bug|^ +at .*(node:|\.[jt]s:\d)|\[object |undefined$|tmp-copse-/m,
    told,
  );
  if (fault.hasHint !== false) assert.match(stderr, /^ hint: ./m, told);
  await assertNothingLeft(fault.env);
  return stderr;
}

const { judge } = findJudge("nix-store");

/** No files aside, no processes, and a store that C++ Nix finds sound (copse itself, where there is no C++ Nix). */
export async function assertNothingLeft(env: Environment): Promise<void> {
  await assertNoProcesses(env);
  assert.deepEqual(readdirSync(env["TMPDIR"] as string), []);
  const prefix = env["COPSE_STORE"] ?? "";
  const store = prefix === "" ? (env["NIX_STORE_DIR"] as string) : join(prefix, "nix/store");
  if (!existsSync(store)) return;
  const names = readdirSync(store).filter((name) => name !== ".links" && !name.endsWith(".lock"));
  assert.deepEqual(
    names.filter((name) => !/^[0-9a-df-np-sv-z]{32}-/.test(name)),
    [],
  );
  if (judge === undefined || prefix === "") await output(["verify", "--check-contents"], { env });
  else judge.run(["--store", prefix, "--verify", "--check-contents"]);
}

/** Whatever a command started has its variables: TMPDIR is this world's alone. */
async function assertNoProcesses(env: Environment): Promise<void> {
  const mark = `TMPDIR=${env["TMPDIR"]}\0`;
  const isOurs = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
    } catch {
      return false;
    }
  };
  let left: string[] = [];
  for (let tries = 0; tries < 100; tries++) {
    left = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isOurs(name));
    if (left.length === 0) return;
    await wait(50);
  }
  assert.fail(`processes are left: ${left.join(" ")}`);
}
