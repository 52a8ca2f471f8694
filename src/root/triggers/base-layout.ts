/**
 * The frame of a file system: what `base-files`, `libc-bin`, `tzdata` and others make in their `postinst`, and
 * the mount points and files that whoever enters the root binds something over.
 */

import { addFileIfMissing, copyTemplate, type RootContext } from "../compose/root-context.ts";
import { MERGED_DIRECTORIES } from "../unpacking/deb-member-path.ts";

const MOUNT_POINTS = [
  "boot",
  "dev",
  "home",
  "media",
  "mnt",
  "nix",
  "opt",
  "proc",
  "root",
  "run",
  "srv",
  "sys",
  "tmp",
  "etc/opt",
  "var/opt",
  "var/mail",
  "var/tmp",
];
const LOCAL_DIRECTORIES = ["bin", "etc", "games", "include", "lib", "sbin", "share/man", "src"];

export function addBaseLayout(root: RootContext): void {
  const { delta, tree } = root;
  for (const path of MOUNT_POINTS) delta.directory(`/${path}`);
  for (const path of LOCAL_DIRECTORIES) delta.directory(`/usr/local/${path}`);
  delta.link("/usr/local/man", "share/man");
  for (const name of MERGED_DIRECTORIES)
    if (tree.lookup(`/usr/${name}`)) delta.link(`/${name}`, `usr/${name}`);
  linkWhereEmpty(root, "/var/run", "/run");
  linkWhereEmpty(root, "/var/lock", "/run/lock");
  if (!tree.lookupLink("/var/spool/mail")) delta.link("/var/spool/mail", "../mail");
  addBindTargets(root);
  addTemplates(root);
}

/** Regular files, as a mount over a link would land where the link points. */
function addBindTargets(root: RootContext): void {
  addFileIfMissing(root, "/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
  addFileIfMissing(root, "/etc/hostname", "localhost\n");
  addFileIfMissing(root, "/etc/resolv.conf", "");
  addFileIfMissing(root, "/etc/machine-id", "");
  root.delta.file("/etc/localtime", root.tree.readFile("/usr/share/zoneinfo/Etc/UTC") ?? "");
  addFileIfMissing(root, "/etc/timezone", "Etc/UTC\n");
}

function addTemplates(root: RootContext): void {
  const { delta, tree } = root;
  copyTemplate(root, "/usr/share/base-files/profile", "/etc/profile");
  copyTemplate(root, "/usr/share/libc-bin/nsswitch.conf", "/etc/nsswitch.conf");
  if (tree.lookup("/etc/dpkg/origins/debian")) delta.link("/etc/dpkg/origins/default", "debian");
  addShells(root);
  addFileIfMissing(root, "/etc/default/locale", "LANG=C.UTF-8\n");
  delta.link("/etc/mtab", "../proc/self/mounts");
  for (const name of ["subuid", "subgid"]) addFileIfMissing(root, `/etc/${name}`, "");
}

/** `update-shells`: the login shells that packages declare, by both their names where `/bin` is `/usr/bin`. */
function addShells(root: RootContext): void {
  const { tree } = root;
  const base = tree.readFile("/usr/share/debianutils/shells")?.toString("latin1");
  if (base === undefined) return;
  const shells = new Set<string>();
  for (const name of tree.list("/usr/share/debianutils/shells.d")) {
    const text = tree.readFile(`/usr/share/debianutils/shells.d/${name}`)?.toString("latin1") ?? "";
    for (const line of text.split("\n")) if (line.startsWith("/")) shells.add(line);
  }
  for (const shell of [...shells, ...base.split("\n")])
    if (/^\/s?bin\//.test(shell) && tree.lookup(`/usr${shell}`)) shells.add(`/usr${shell}`);
  addFileIfMissing(root, "/etc/shells", `${[base.trimEnd(), ...[...shells].sort()].join("\n")}\n`);
}

function linkWhereEmpty(root: RootContext, path: string, target: string): void {
  if (root.tree.list(path).length === 0) root.delta.link(path, target);
}
