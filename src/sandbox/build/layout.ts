/**
 * What a builder finds at `/`: prepared as a skeleton (directories, links, mount points, small files) and a
 * table of mounts over it, in a scratch directory. The same for every build and every caller, so that what a
 * build can see of the machine is its architecture, its kernel and the inputs.
 *
 * From a view come /usr, /etc, /var and the top-level links, sealed; over its /etc go the builder's own
 * passwd, group and hosts. Without a view there is no /bin/sh but what the machine's administrator shows to all
 * builds: builders name their shell by store path.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CopseError } from "#base";
import { STORE_DIR } from "#format";
import { mergeAccounts } from "../accounts.ts";
import { findHostProgram } from "../host-programs.ts";
import { type FstabEntry, formatFstab, sealedBind } from "./fstab.ts";
import { BUILD_DIR_INSIDE, type BuildMount, type BuildSandboxSpec } from "./spec.ts";

/** As C++ Nix writes them; `home` is where the builder starts. */
const builderPasswd = (home: string) => `nixbld:x:1000:100:Nix build user:${home}:/noshell\n`;
const builderGroup = "nixbld:!:100:\n";
const emptyPasswd = (home: string) =>
  `root:x:0:0:Nix build user:${home}:/noshell\n${builderPasswd(home)}nobody:x:65534:65534:Nobody:/:/noshell\n`;
const emptyGroup = `root:x:0:\n${builderGroup}nogroup:x:65534:\n`;
const localHosts = "127.0.0.1 localhost\n::1 localhost\n";

const devices = ["null", "zero", "full", "random", "urandom", "tty"];
const deviceLinks = {
  fd: "/proc/self/fd",
  stdin: "/proc/self/fd/0",
  stdout: "/proc/self/fd/1",
  stderr: "/proc/self/fd/2",
  ptmx: "pts/ptmx",
};

/** Files of the host that name resolution needs; seen only by builds that may use the network. */
const networkFiles = ["resolv.conf", "hosts", "services"];

interface Layout {
  readonly spec: BuildSandboxSpec;
  readonly scratch: string;
  readonly skeleton: string;
  /** Where the root is laid out; mount targets lie under it. */
  readonly root: string;
  readonly mounts: FstabEntry[];
}

/** Fills `scratch` with what build.sh expects there, and `spec.chrootStoreDir` with mount points. */
export async function layOutBuild(spec: BuildSandboxSpec, scratch: string): Promise<void> {
  const layout: Layout = {
    spec,
    scratch,
    skeleton: join(scratch, "skeleton"),
    root: join(scratch, "new"),
    mounts: [],
  };
  const places = ["tmp", "proc", "dev/pts", "dev/shm", insideOf(spec), STORE_DIR];
  if (spec.root.kind === "view") places.push("run");
  for (const name of places) await mkdir(join(layout.skeleton, name), { recursive: true });
  await mkdir(layout.root);
  await layOutTemporary(layout);
  await (spec.root.kind === "view" ? layOutView(layout, spec.root.dir) : layOutEmpty(layout));
  await layOutDevices(layout);
  await layOutStore(layout);
  await layOutBinds(layout);
  await layOutHostPaths(layout);
  finishMounts(layout);
  await writeFile(join(scratch, "fstab"), formatFstab(layout.mounts));
  await makePipes(["ready", "pivoted", "go"].map((name) => join(scratch, name)));
}

function bind(layout: Layout, source: string, inside: string, options: string): void {
  layout.mounts.push({ source, target: join(layout.root, inside), options });
}

/** Before the store, which can lie below it. */
async function layOutTemporary(layout: Layout): Promise<void> {
  const place = join(layout.scratch, "tmp");
  await makeTemporary(place);
  bind(layout, place, "tmp", "bind");
  if (STORE_DIR.startsWith("/tmp/")) await mkdir(join(layout.scratch, STORE_DIR), { recursive: true });
}

async function layOutView(layout: Layout, view: string): Promise<void> {
  for (const entry of await readdir(view, { withFileTypes: true })) {
    const place = join(layout.skeleton, entry.name);
    if (entry.name.startsWith(".")) continue;
    if (entry.isSymbolicLink()) {
      await symlink(await readlink(join(view, entry.name)), place);
    } else if (entry.isDirectory() && !existsSync(place)) {
      await mkdir(place);
      if (/^(usr|etc|var|bin|sbin|lib.*)$/.test(entry.name))
        bind(layout, join(view, entry.name), entry.name, sealedBind);
    }
  }
  if (existsSync(join(view, "var/tmp"))) {
    await makeTemporary(join(layout.scratch, "var-tmp"));
    bind(layout, join(layout.scratch, "var-tmp"), "var/tmp", "bind");
  }
  await layOutEtcOverView(layout, view);
}

async function layOutBinds(layout: Layout): Promise<void> {
  for (const { source, target, isWritable } of layout.spec.binds ?? []) {
    if (target.startsWith("/copse/")) await mkdir(join(layout.skeleton, target), { recursive: true });
    bind(layout, source, target.slice(1), isWritable ? "bind" : sealedBind);
  }
}

async function layOutEtcOverView(layout: Layout, view: string): Promise<void> {
  const files: Record<string, string> = {
    passwd: mergeAccounts(await readOrEmpty(join(view, "etc/passwd")), builderPasswd(insideOf(layout.spec))),
    group: mergeAccounts(await readOrEmpty(join(view, "etc/group")), builderGroup),
    hosts: localHosts,
  };
  const directory = join(layout.scratch, "etc");
  await mkdir(directory);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(directory, name), text);
    if (await isPlainFile(join(view, "etc", name)))
      bind(layout, join(directory, name), `etc/${name}`, sealedBind);
  }
  if (!layout.spec.network) return;
  for (const name of networkFiles) {
    const usable = existsSync(`/etc/${name}`) && (await isPlainFile(join(view, "etc", name)));
    if (usable && name !== "services") bind(layout, `/etc/${name}`, `etc/${name}`, `${sealedBind},noexec`);
  }
}

async function layOutEmpty(layout: Layout): Promise<void> {
  const etc = join(layout.skeleton, "etc");
  await mkdir(etc);
  await writeFile(join(etc, "passwd"), emptyPasswd(insideOf(layout.spec)));
  await writeFile(join(etc, "group"), emptyGroup);
  await writeFile(join(etc, "hosts"), localHosts);
  if (!layout.spec.network) return;
  await writeFile(join(etc, "nsswitch.conf"), "hosts: files dns\nservices: files\n");
  for (const name of networkFiles) {
    if (!existsSync(`/etc/${name}`)) continue;
    await writeFile(join(etc, name), "");
    bind(layout, `/etc/${name}`, `etc/${name}`, `${sealedBind},noexec`);
  }
}

async function layOutDevices(layout: Layout): Promise<void> {
  for (const name of devices) {
    await writeFile(join(layout.skeleton, "dev", name), "");
    bind(layout, `/dev/${name}`, `dev/${name}`, "bind");
  }
  for (const [name, target] of Object.entries(deviceLinks)) {
    await symlink(target, join(layout.skeleton, "dev", name));
  }
}

/** Inputs go over the writable store directory; each needs a mount point of its own kind there. */
async function layOutStore(layout: Layout): Promise<void> {
  const { chrootStoreDir, storeMounts, viewMounts } = layout.spec;
  bind(layout, chrootStoreDir, STORE_DIR, "bind");
  for (const mount of storeMounts) {
    checkTarget(mount, STORE_DIR);
    await layOutPath(layout, {
      ...mount,
      place: join(chrootStoreDir, basename(mount.target)),
      options: sealedBind,
    });
  }
  for (const mount of viewMounts ?? []) {
    checkTarget(mount, "/nix/var/copse/views");
    await mkdir(join(layout.skeleton, mount.target), { recursive: true });
    bind(layout, mount.source, mount.target, sealedBind);
  }
}

interface Shown {
  readonly source: string;
  readonly target: string;
  /** The real place that is seen at the target: there its mount point is made. */
  readonly place: string;
  readonly options: string;
}

async function layOutPath(layout: Layout, { source, target, place, options }: Shown): Promise<void> {
  const kind = await lstat(source);
  if (kind.isSymbolicLink()) {
    // A mount would follow it.
    if (!existsSync(place)) await symlink(await readlink(source), place);
    return;
  }
  if (kind.isDirectory()) await mkdir(place, { recursive: true });
  else if (!existsSync(place)) await writeFile(place, "");
  bind(layout, source, target, options);
}

async function layOutHostPaths(layout: Layout): Promise<void> {
  const { hostPaths = [], chrootStoreDir, kvm } = layout.spec;
  for (const { source, target, optional } of hostPaths) {
    if (optional && !existsSync(source)) continue;
    const place = target.startsWith(`${STORE_DIR}/`)
      ? join(chrootStoreDir, target.slice(STORE_DIR.length))
      : join(layout.skeleton, target);
    await mkdir(dirname(place), { recursive: true });
    await layOutPath(layout, { source, target, place, options: await hostPathOptions(source) });
  }
  if (!kvm) return;
  await writeFile(join(layout.skeleton, "dev/kvm"), "");
  bind(layout, "/dev/kvm", "dev/kvm", "bind");
}

/** What root builds could otherwise write to all that root can. */
async function hostPathOptions(source: string): Promise<string> {
  const isPlain = await stat(source).then((info) => info.isFile() || info.isDirectory());
  return process.getuid?.() === 0 && isPlain ? sealedBind : "rbind";
}

function insideOf(spec: BuildSandboxSpec): string {
  return spec.buildDirInside ?? BUILD_DIR_INSIDE;
}

function checkTarget(mount: BuildMount, parent: string): void {
  const name = basename(mount.target);
  if (dirname(mount.target) === parent && name !== "." && name !== "..") return;
  throw new CopseError(
    "sandbox-mount",
    `A build's mount must lie directly in ${parent}: \`${mount.target}\``,
  );
}

function finishMounts(layout: Layout): void {
  const { root, mounts } = layout;
  bind(layout, layout.spec.buildDir, insideOf(layout.spec), "bind");
  const at = (inside: string) => join(root, inside);
  const devpts = "newinstance,ptmxmode=0666,mode=0620,nosuid,noexec";
  const sharedMemory = `mode=1777,nosuid,nodev,size=${layout.spec.sharedMemorySize ?? "50%"}`;
  mounts.push({ source: "tmpfs", target: at("dev/shm"), type: "tmpfs", options: sharedMemory });
  if (layout.spec.root.kind === "view") {
    mounts.push({ source: "tmpfs", target: at("run"), type: "tmpfs", options: "mode=755,nosuid,nodev" });
  }
  mounts.push({ source: "devpts", target: at("dev/pts"), type: "devpts", options: devpts });
  mounts.push({ source: "proc", target: at("proc"), type: "proc", options: "nosuid,nodev,noexec" });
  // The kernel lets user 0 of the host write to its settings without any capability, and that is who a
  // builder is when root builds.
  if (process.getuid?.() === 0) {
    for (const name of ["sys", "sysrq-trigger"].filter((name) => existsSync(`/proc/${name}`))) {
      bind(layout, at(`proc/${name}`), `proc/${name}`, `${sealedBind},noexec`);
    }
  }
  // "none": with its source named, mount -a would take the tmpfs for mounted already and do nothing.
  mounts.push({ source: "none", target: root, options: "remount,ro" });
  // The host again, over /tmp for as long as build.sh needs its programs.
  bind(layout, "/", "tmp", "rbind");
}

// By chmod, which the umask does not concern.
async function makeTemporary(path: string): Promise<void> {
  await mkdir(path);
  await chmod(path, 0o1777);
}

async function isPlainFile(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isFile() ?? false;
}

async function readOrEmpty(path: string): Promise<string> {
  return (await stat(path).catch(() => undefined)) === undefined ? "" : await readFile(path, "utf8");
}

async function makePipes(paths: string[]): Promise<void> {
  const child = spawn(findHostProgram("mkfifo"), paths, { stdio: "ignore" });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new CopseError("sandbox-setup", `Cannot make a pipe: \`${paths[0]}\``);
}
