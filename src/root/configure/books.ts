/**
 * dpkg's books for a private copy of a root: the files below `/var/lib/dpkg` that dpkg and its helpers read when
 * they configure a package. In them everything is installed but the packages to be configured, which are unpacked.
 *
 * Only those have an interest in triggers: what the triggers of others would do, copse has done. deb-triggers(5)
 * says what a package declares, and `lib/dpkg/trigdeferred.c` in dpkg's sources what the files look like.
 */
import type { ByteString } from "#base";
import { readDirectory } from "../byte-path.ts";
import type { RootPackage } from "../compose/root-context.ts";
import type { ManifestDiversion } from "../root-manifest.ts";
import { COPSE_DIRECTORY } from "../unpacking/deb-member-path.ts";
import { readControlFile } from "../unpacking/package-control.ts";

export const DPKG_DIRECTORY = "/var/lib/dpkg";

export interface BooksRequest {
  readonly packages: readonly RootPackage[];
  readonly toConfigure: ReadonlySet<string>;
  readonly diversions: readonly ManifestDiversion[];
  readonly architecture: string;
}

/** Files by path. Control files other than scripts' are needed for the packages to be configured alone. */
export function dpkgBooks(request: BooksRequest): Map<ByteString, ByteString> {
  const { packages, toConfigure, diversions, architecture } = request;
  const books = new Map<ByteString, ByteString>();
  const interests = new Map<string, string[]>();
  const status: string[] = [];
  for (const each of packages) {
    const isWanted = toConfigure.has(each.name);
    status.push(statusOf(each, isWanted));
    const base = `${DPKG_DIRECTORY}/info/${infoName(each)}`;
    books.set(`${base}.list`, listOf(each));
    for (const name of controlFilesOf(each)) {
      if (name === "control" || name === "conffiles" || name === "list") continue;
      const isOfDebconf = name === "templates" || name === "config";
      if (isWanted || isOfDebconf)
        books.set(`${base}.${name}`, readControlFile(each.source.realPath, name) ?? "");
    }
    if (isWanted) collectInterests(each, interests);
  }
  books.set(`${DPKG_DIRECTORY}/status`, status.join("\n"));
  books.set(`${DPKG_DIRECTORY}/available`, "");
  books.set(`${DPKG_DIRECTORY}/statoverride`, "");
  books.set(`${DPKG_DIRECTORY}/arch`, `${architecture}\n`);
  books.set(`${DPKG_DIRECTORY}/info/format`, "1\n");
  const diverted = diversions.map(({ by, from, to }) => `${from}\n${to}\n${by}\n`);
  books.set(`${DPKG_DIRECTORY}/diversions`, diverted.join(""));
  books.set(`${DPKG_DIRECTORY}/triggers/Unincorp`, "");
  books.set(`${DPKG_DIRECTORY}/triggers/Lock`, "");
  const files: string[] = [];
  for (const [trigger, names] of interests) {
    if (trigger.startsWith("/")) files.push(...names.map((name) => `${trigger} ${name}\n`));
    else books.set(`${DPKG_DIRECTORY}/triggers/${trigger}`, names.map((name) => `${name}\n`).join(""));
  }
  books.set(`${DPKG_DIRECTORY}/triggers/File`, files.join(""));
  return books;
}

export function controlFilesOf({ source }: RootPackage): string[] {
  return readDirectory(`${source.realPath}/${COPSE_DIRECTORY}/control`).map(({ name }) => name);
}

function statusOf({ control }: RootPackage, isWanted: boolean): string {
  const state = isWanted ? "unpacked" : "installed";
  return `${control.text.trimEnd().replace(/^(Package:.*)$/m, `$1\nStatus: install ok ${state}`)}\n`;
}

/** Packages that can be there for several architectures have theirs in the names of their books. */
function infoName({ control, name }: RootPackage): string {
  return control.get("Multi-Arch") === "same" ? `${name}:${control.get("Architecture")}` : name;
}

function listOf({ source }: RootPackage): string {
  const lines = ["/."];
  const visit = (directory: ByteString) => {
    for (const entry of readDirectory(source.realPath + directory)) {
      if (directory === "" && entry.name === COPSE_DIRECTORY) continue;
      lines.push(`${directory}/${entry.name}`);
      if (entry.isDirectory()) visit(`${directory}/${entry.name}`);
    }
  };
  visit("");
  return `${lines.join("\n")}\n`;
}

function collectInterests(each: RootPackage, interests: Map<string, string[]>): void {
  const text = readControlFile(each.source.realPath, "triggers") ?? "";
  for (const line of text.split("\n")) {
    const found = /^interest(-noawait|-await)?[ \t]+(\S+)[ \t]*$/.exec(line);
    const trigger = found?.[2];
    if (trigger === undefined || !/^(?:\/|[A-Za-z0-9][\w.+-]*$)/.test(trigger)) continue;
    const name = found?.[1] === "-noawait" ? `${infoName(each)}/noawait` : infoName(each);
    interests.set(trigger, [...(interests.get(trigger) ?? []), name]);
  }
}
