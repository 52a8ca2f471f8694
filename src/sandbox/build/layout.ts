/**
 * What a builder finds at `/`: prepared as a skeleton (directories, links, mount points, small files) and a
 * table of mounts over it, in a scratch directory. The same for every build and every caller, so that what a
 * build can see of the machine is its architecture, its kernel and the inputs.
 *
 * From a view come /usr, /etc, /var and the top-level links, sealed; over its /etc go the builder's own
 * passwd, group and hosts. Without a view there is no /bin/sh but what the machine's administrator shows to all
 * builds: builders name their shell by store path.
 */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CopseError } from "#base";
import { STORE_DIR } from "#format";
import { mergeAccounts } from "../accounts.ts";
import { type FstabEntry, sealedBind } from "./fstab.ts";
import { Skeleton } from "./skeleton.ts";
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

/** How a root comes to be: a file system in memory at `root`, the skeleton in it, the mounts over that. */
export interface RootLayout {
  readonly skeleton: Skeleton;
  /** Where the root is laid out; mount targets lie under it. */
  readonly root: string;
  /** In order. When all are done, the file system in memory is made read-only. */
  readonly mounts: readonly FstabEntry[];
}

interface Layout extends RootLayout {
  readonly spec: BuildSandboxSpec;
  readonly scratch: string;
  readonly mounts: FstabEntry[];
}

/**
 * Makes in `scratch` what is on disk of a root, and in `spec.chrootStoreDir` the mount points. All of it is small, and
 * a build takes a dozen of such calls: in threads they would cost more than they do here.
 */
export function layOutBuild(spec: BuildSandboxSpec, scratch: string): RootLayout {
  const layout: Layout = { spec, scratch, skeleton: new Skeleton(), root: join(scratch, "new"), mounts: [] };
  const places = ["tmp", "proc", "dev/pts", "dev/shm", insideOf(spec), STORE_DIR];
  if (spec.root.kind === "view") places.push("run");
  for (const name of places) layout.skeleton.folder(name);
  mkdirSync(layout.root);
  layOutTemporary(layout);
  if (spec.root.kind === "view") layOutView(layout, spec.root.dir);
  else layOutEmpty(layout);
  layOutDevices(layout);
  layOutStore(layout);
  layOutBinds(layout);
  layOutHostPaths(layout);
  finishMounts(layout);
  return layout;
}

function bind(layout: Layout, source: string, inside: string, options: string): void {
  layout.mounts.push({ source, target: join(layout.root, inside), options });
}

/** Before the store, which can lie below it. */
function layOutTemporary(layout: Layout): void {
  const place = join(layout.scratch, "tmp");
  makeTemporary(place);
  bind(layout, place, "tmp", "bind");
  if (STORE_DIR.startsWith("/tmp/")) mkdirSync(join(layout.scratch, STORE_DIR), { recursive: true });
}

function layOutView(layout: Layout, view: string): void {
  for (const entry of readdirSync(view, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    if (entry.isSymbolicLink()) {
      layout.skeleton.link(entry.name, readlinkSync(join(view, entry.name)));
    } else if (entry.isDirectory() && !layout.skeleton.has(entry.name)) {
      layout.skeleton.folder(entry.name);
      if (/^(usr|etc|var|bin|sbin|lib.*)$/.test(entry.name))
        bind(layout, join(view, entry.name), entry.name, sealedBind);
    }
  }
  if (existsSync(join(view, "var/tmp"))) {
    makeTemporary(join(layout.scratch, "var-tmp"));
    bind(layout, join(layout.scratch, "var-tmp"), "var/tmp", "bind");
  }
  layOutEtcOverView(layout, view);
}

function layOutBinds(layout: Layout): void {
  for (const { source, target, isWritable } of layout.spec.binds ?? []) {
    if (target.startsWith("/copse/")) layout.skeleton.folder(target);
    bind(layout, source, target.slice(1), isWritable ? "bind" : sealedBind);
  }
}

function layOutEtcOverView(layout: Layout, view: string): void {
  const files: Record<string, string> = {
    passwd: mergeAccounts(readOrEmpty(join(view, "etc/passwd")), builderPasswd(insideOf(layout.spec))),
    group: mergeAccounts(readOrEmpty(join(view, "etc/group")), builderGroup),
    hosts: localHosts,
  };
  const directory = join(layout.scratch, "etc");
  mkdirSync(directory);
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, name), text);
    if (isPlainFile(join(view, "etc", name))) bind(layout, join(directory, name), `etc/${name}`, sealedBind);
  }
  if (!layout.spec.network) return;
  for (const name of networkFiles) {
    const usable = existsSync(`/etc/${name}`) && isPlainFile(join(view, "etc", name));
    if (usable && name !== "services") bind(layout, `/etc/${name}`, `etc/${name}`, `${sealedBind},noexec`);
  }
}

function layOutEmpty(layout: Layout): void {
  const { skeleton } = layout;
  skeleton.file("etc/passwd", emptyPasswd(insideOf(layout.spec)));
  skeleton.file("etc/group", emptyGroup);
  skeleton.file("etc/hosts", localHosts);
  if (!layout.spec.network) return;
  skeleton.file("etc/nsswitch.conf", "hosts: files dns\nservices: files\n");
  for (const name of networkFiles) {
    if (!existsSync(`/etc/${name}`)) continue;
    skeleton.file(`etc/${name}`, "");
    bind(layout, `/etc/${name}`, `etc/${name}`, `${sealedBind},noexec`);
  }
}

function layOutDevices(layout: Layout): void {
  for (const name of devices) {
    layout.skeleton.file(`dev/${name}`, "");
    bind(layout, `/dev/${name}`, `dev/${name}`, "bind");
  }
  for (const [name, target] of Object.entries(deviceLinks)) {
    layout.skeleton.link(`dev/${name}`, target);
  }
}

/** Inputs go over the writable store directory; each needs a mount point of its own kind there. */
function layOutStore(layout: Layout): void {
  const { chrootStoreDir, storeMounts, viewMounts } = layout.spec;
  bind(layout, chrootStoreDir, STORE_DIR, "bind");
  for (const mount of storeMounts) {
    checkTarget(mount, STORE_DIR);
    layOutInStore(layout, { ...mount, options: sealedBind });
  }
  for (const mount of viewMounts ?? []) {
    checkTarget(mount, "/nix/var/copse/views");
    layout.skeleton.folder(mount.target);
    bind(layout, mount.source, mount.target, sealedBind);
  }
}

interface Shown {
  readonly source: string;
  readonly target: string;
  readonly options: string;
}

/** Something in the store: its mount point is made in the folder that is seen there. */
function layOutInStore(layout: Layout, { source, target, options }: Shown): void {
  const place = join(layout.spec.chrootStoreDir, target.slice(STORE_DIR.length));
  const kind = lstatSync(source);
  if (dirname(target) !== STORE_DIR) mkdirSync(dirname(place), { recursive: true });
  if (kind.isSymbolicLink()) {
    // A mount would follow it.
    if (!existsSync(place)) symlinkSync(readlinkSync(source), place);
    return;
  }
  if (kind.isDirectory()) mkdirSync(place, { recursive: true });
  else if (!existsSync(place)) writeFileSync(place, "");
  bind(layout, source, target, options);
}

function layOutInSkeleton({ skeleton, ...layout }: Layout, { source, target, options }: Shown): void {
  const kind = lstatSync(source);
  if (kind.isSymbolicLink()) {
    if (!skeleton.has(target)) skeleton.link(target, readlinkSync(source));
    return;
  }
  if (kind.isDirectory()) skeleton.folder(target);
  else if (!skeleton.has(target)) skeleton.file(target, "");
  layout.mounts.push({ source, target: join(layout.root, target), options });
}

function layOutHostPaths(layout: Layout): void {
  const { hostPaths = [], kvm } = layout.spec;
  for (const { source, target, optional } of hostPaths) {
    if (optional && !existsSync(source)) continue;
    const shown: Shown = { source, target, options: hostPathOptions(source) };
    if (target.startsWith(`${STORE_DIR}/`)) layOutInStore(layout, shown);
    else layOutInSkeleton(layout, shown);
  }
  if (!kvm) return;
  layout.skeleton.file("dev/kvm", "");
  bind(layout, "/dev/kvm", "dev/kvm", "bind");
}

/** What root builds could otherwise write to all that root can. */
function hostPathOptions(source: string): string {
  const info = statSync(source);
  const isPlain = info.isFile() || info.isDirectory();
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
}

// By chmod, which the umask does not concern.
function makeTemporary(path: string): void {
  mkdirSync(path);
  chmodSync(path, 0o1777);
}

function isPlainFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function readOrEmpty(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
