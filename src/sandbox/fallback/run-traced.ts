/**
 * A builder in a root where no namespaces can be had: by the tracer. It sees what it would see in the sandbox, and is
 * ended like there; but it is the caller's user, the machine's network is there, and so are other processes.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CopseError } from "#base";
import { mergeAccounts } from "../accounts.ts";
import { becomeBuilder } from "../build/become.ts";
import {
  BUILD_DIR_INSIDE,
  type BuildSandboxIo,
  type BuildSandboxResult,
  type BuildSandboxSpec,
} from "../build/spec.ts";
import { findHostProgram, hostToolPath } from "../host-programs.ts";
import type { EntryBind } from "./entry-binds.ts";
import { planTracedIn } from "./supervised.ts";
import type { Tracer } from "./tracer.ts";

/** As `runSandboxed`. Throws "sandbox-setup" for a build without a root, which has no shell to start with. */
export async function runTraced(
  spec: BuildSandboxSpec,
  io: BuildSandboxIo,
  tracer: Tracer,
): Promise<BuildSandboxResult> {
  io.signal?.throwIfAborted();
  if (spec.root.kind !== "view") {
    throw new CopseError(
      "sandbox-setup",
      "A build without a root of its own takes namespaces, which this machine forbids",
      {
        hint: "`copse doctor` says what an administrator can do",
      },
    );
  }
  const scratch = await mkdtemp(join(spec.scratchParent ?? tmpdir(), "copse-build-"));
  try {
    const binds = await layOut(spec, { scratch, viewDir: spec.root.dir });
    const directory = spec.buildDirInside ?? BUILD_DIR_INSIDE;
    const become = becomeBuilder(spec, { before: "", directory, redirections: "2>&1", hasEnv: true });
    const plan = planTracedIn(
      {
        viewDir: spec.root.dir,
        cwd: "/",
        env: { PATH: hostToolPath, LC_ALL: "C" },
        argv: ["/usr/bin/env", "-i", ...become.variables, ...become.words],
      },
      { tracer, temporary: scratch, layout: { binds, links: [] }, personality: "build" },
    );
    return await run(["--pdeathsig", "TERM", "--", plan.file, ...plan.args.slice(1)], plan.env, io);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function layOut(
  spec: BuildSandboxSpec,
  { scratch, viewDir }: { readonly scratch: string; readonly viewDir: string },
): Promise<EntryBind[]> {
  const made = async (name: string) => {
    const path = join(scratch, name);
    await mkdir(path, { mode: 0o1777 });
    return path;
  };
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const passwd = await tableIn(viewDir, "passwd", `nixbld:x:${uid}:${gid}:Nix build user:/build:/noshell`);
  const group = await tableIn(viewDir, "group", `nixbld:!:${gid}:`);
  await writeFile(join(scratch, "passwd"), passwd);
  await writeFile(join(scratch, "group"), group);
  await writeFile(join(scratch, "hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  const open = (source: string, target: string): EntryBind => ({ source, target, isWritable: true });
  const sealed = ({ source, target }: { source: string; target: string }): EntryBind => ({
    source,
    target,
    isWritable: false,
  });
  return [
    open("/proc", "/proc"),
    open("/dev", "/dev"),
    open(await made("tmp"), "/tmp"),
    open(await made("var-tmp"), "/var/tmp"),
    open(await made("run"), "/run"),
    ...["passwd", "group", "hosts"].map((name) => open(join(scratch, name), `/etc/${name}`)),
    ...(spec.network ? ["resolv.conf", "hosts"].map((name) => open(`/etc/${name}`, `/etc/${name}`)) : []),
    open(spec.chrootStoreDir, "/nix/store"),
    ...spec.storeMounts.map(sealed),
    ...(spec.viewMounts ?? []).map(sealed),
    open(spec.buildDir, spec.buildDirInside ?? BUILD_DIR_INSIDE),
    ...(spec.binds ?? []),
  ];
}

async function tableIn(viewDir: string, name: string, entry: string): Promise<string> {
  return mergeAccounts(await readFile(join(viewDir, "etc", name), "utf8").catch(() => ""), entry);
}

function run(args: string[], env: Record<string, string>, io: BuildSandboxIo): Promise<BuildSandboxResult> {
  const child = spawn(findHostProgram("setpriv"), args, {
    env,
    cwd: "/",
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let troubles = "";
  child.stdout.on("data", (chunk: Buffer) => io.onOutput(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    if (troubles.length < 65536) troubles += chunk.toString("utf8");
  });
  const onAbort = () => void child.kill("SIGTERM");
  io.signal?.addEventListener("abort", onAbort, { once: true });
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new CopseError("sandbox-setup", "Cannot start the tracer", { cause })),
    );
    child.once("close", (exitCode, signal) => {
      io.signal?.removeEventListener("abort", onAbort);
      const detail = troubles.trim().split("\n").slice(-3).join("; ");
      if (io.signal?.aborted) reject(io.signal.reason);
      else if (exitCode === 125 && detail !== "") {
        reject(new CopseError("sandbox-setup", `Cannot set up the tracer: \`${detail}\``));
      } else resolve({ exitCode, signal });
    });
  });
}
