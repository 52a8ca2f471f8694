/**
 * What is seen where inside a root, as a list: for ways in that are told so (bwrap, a tracer), where no script of
 * our own makes the mounts. The same as enter.sh lays out, which is the place to read about the reasons.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { installedPath } from "#base";
import { accountTables } from "../accounts.ts";
import type { EntrySpec } from "../entry.ts";

export interface EntryBind {
  /** A file or directory of the host. */
  readonly source: string;
  /** Its absolute place inside. */
  readonly target: string;
  readonly isWritable: boolean;
}

export interface EntryLayout {
  readonly binds: readonly EntryBind[];
  /** Links at the top, such as bin -> usr/bin. */
  readonly links: readonly { readonly target: string; readonly text: string }[];
}

const ofTheRoot = /^(usr|etc|bin|sbin|lib.*)$/;
const ofTheMachine = ["resolv.conf", "hosts", "hostname", "localtime", "timezone", "machine-id"];

/** `scratch`: a directory for what is written down for this root and user; it is kept and used again. */
export function layOutEntry(spec: EntrySpec, scratch: string): EntryLayout {
  const { viewDir, store } = spec;
  const binds: EntryBind[] = [];
  const links: { target: string; text: string }[] = [];
  const taken = new Set(["usr", "etc", "var", "lost+found", "nix", ".copse"]);
  const sealed = (source: string, target: string) => binds.push({ source, target, isWritable: false });
  const open = (source: string, target: string) => binds.push({ source, target, isWritable: true });
  for (const entry of readdirSync(viewDir, { withFileTypes: true })) {
    const place = join(viewDir, entry.name);
    if (entry.isSymbolicLink()) links.push({ target: `/${entry.name}`, text: readlinkSync(place) });
    else if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    else if (entry.name !== "var" && (ofTheRoot.test(entry.name) || !isDirectory(`/${entry.name}`))) {
      sealed(place, `/${entry.name}`);
    } else continue;
    taken.add(entry.name);
  }
  sealed(join(viewDir, "var"), "/var");
  for (const entry of readdirSync("/", { withFileTypes: true })) {
    if (taken.has(entry.name) || /^(s?bin|lib(32|64|x32)?)$/.test(entry.name)) continue;
    if (entry.isSymbolicLink())
      links.push({ target: `/${entry.name}`, text: readlinkSync(`/${entry.name}`) });
    else if (entry.isDirectory()) open(`/${entry.name}`, `/${entry.name}`);
  }
  for (const name of readdirSync("/var")) {
    const lacks = !existsSync(join(viewDir, "var", name));
    if (isDirectory(`/var/${name}`) && (name === "tmp" || lacks)) open(`/var/${name}`, `/var/${name}`);
  }
  if (store.realStoreDir !== "/nix/store") open(dirname(store.realStoreDir), "/nix");
  else open("/nix", "/nix");
  for (const name of ofTheMachine) {
    if (isFile(`/etc/${name}`, true) && isFile(join(viewDir, "etc", name)))
      sealed(`/etc/${name}`, `/etc/${name}`);
  }
  sealed(writeDown(spec, scratch), "/.copse");
  const tables = ["passwd", "group"].filter((name) => isFile(join(viewDir, "etc", name)));
  for (const name of tables) sealed(join(scratch, name), `/etc/${name}`);
  sealed(installedPath("src/sandbox/inside"), "/.copse/tools");
  if (spec.names) sealed(spec.names.folder, "/.copse/names");
  return { binds, links };
}

/** What enter.sh writes to /.copse, as far as it makes sense where there is no way back to the host. */
function writeDown(spec: EntrySpec, scratch: string): string {
  for (const name of ["tools", "names"]) mkdirSync(join(scratch, name), { recursive: true });
  const tables = accountTables(spec.viewDir, spec.env);
  writeFileSync(join(scratch, "root"), `${basename(spec.viewDir)}\n`);
  writeFileSync(join(scratch, "passwd"), tables.passwd);
  writeFileSync(join(scratch, "group"), tables.group);
  return scratch;
}

function isDirectory(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() ?? false;
}

/** A mount point must be an ordinary file; what is shown there may be found through a link. */
function isFile(path: string, throughLinks = false): boolean {
  const stats = (throughLinks ? statSync : lstatSync)(path, { throwIfNoEntry: false });
  return stats?.isFile() ?? false;
}
