/**
 * What packages declare by calls in their maintainer scripts: alternatives, templates under ucf, diversions,
 * accounts, and small effects such as an empty directory. What the scripts do beyond is noted for whoever has to
 * decide whether they must be run.
 */
import type { ByteString } from "#base";
import {
  addFileIfMissing,
  copyTemplate,
  type RootContext,
  type RootPackage,
} from "../compose/root-context.ts";
import { worldOf } from "../compose/root-world.ts";
import { isRunAnyway } from "../configure/request.ts";
import { parseAccountCall } from "../scripts/account-calls.ts";
import type { RootEffect } from "../scripts/call-verdict.ts";
import type { ScriptCall } from "../scripts/script-call.ts";
import type { ScriptName } from "../scripts/script-name.ts";
import { readScript } from "../scripts/script-reader.ts";
import type { ScriptWorld } from "../scripts/shell/shell-conditions.ts";
import type { ScriptWord } from "../scripts/shell/shell-values.ts";
import { accountScript } from "../scripts/unread-script.ts";
import { canonicalAbsolutePath } from "../unpacking/deb-member-path.ts";
import { readControlFile } from "../unpacking/package-control.ts";
import type { Diversion } from "../views/merged-tree.ts";
import {
  type Alternative,
  alternativeBooks,
  chooseAlternatives,
  parseAlternativeCall,
} from "./alternatives.ts";

export function addScriptedFiles(root: RootContext): void {
  const { delta, findings, packages, tree } = root;
  const world = worldOf(root);
  const alternatives: Alternative[] = [];
  for (const { name, source } of packages) {
    for (const scriptName of ["preinst", "postinst"] satisfies ScriptName[]) {
      const script = readControlFile(source.realPath, scriptName);
      if (script === undefined) continue;
      const account = accountScript(script, { packageName: name, scriptName, world });
      // A script that is run makes its own, and may stumble over what is there.
      if (!account.unread && !isRunAnyway(root.configure, name))
        for (const effect of account.effects) applyEffect(root, effect);
      if (account.unread) findings.unread.push(account.unread);
      for (const { words } of account.calls) {
        if (words[0] === "ucf") applyUcf(root, words);
        const alternative = words[0] === "update-alternatives" ? parseAlternativeCall(words) : undefined;
        if (alternative) alternatives.push(alternative);
        const request = parseAccountCall(words);
        if (request) findings.accounts.push(request);
      }
    }
  }
  const exists = (path: ByteString) => tree.lookupLink(path) !== undefined || delta.has(path);
  for (const [link, target] of chooseAlternatives(alternatives, exists)) {
    // A package that has a file where another wants its link keeps it, as with update-alternatives.
    if (!tree.lookupLink(link)) delta.link(link, target);
  }
  for (const [name, text] of alternativeBooks(alternatives, exists))
    delta.file(`/var/lib/dpkg/alternatives/${name}`, text);
}

/** The diversions that a package sets up before it is unpacked: nothing of the root is there yet to be asked. */
export function diversionsOf({ name, source }: RootPackage): Diversion[] {
  const script = readControlFile(source.realPath, "preinst");
  if (script === undefined) return [];
  const run = { args: ["install"], packageName: name, scriptName: "preinst", world: EMPTY_WORLD };
  const calls = readScript(script, run).calls.filter(({ words }) => words[0] === "dpkg-divert");
  return calls.map((call) => parseDiversion(call, name)).filter((diversion) => diversion !== undefined);
}

const EMPTY_WORLD: ScriptWorld = { architecture: "all", kindOf: () => undefined, isLink: () => false };

/**
 * `dpkg-divert [--package NAME] [--divert TO] --rename [--add] FROM`. Without `--rename` a call moves no file: it
 * only keeps dpkg's books.
 */
function parseDiversion({ words: call }: ScriptCall, packageName: string): Diversion | undefined {
  let by: string = packageName;
  let to: string | undefined;
  const rest: string[] = [];
  const words = call.slice(1);
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) return undefined;
    if (word === "--package") by = words[++at] ?? "";
    else if (word === "--divert") to = words[++at];
    else rest.push(word);
  }
  const from = rest.find((word) => word.startsWith("/"));
  const isOther = rest.some((word) =>
    /^--(?:remove|list|listpackage|truename|no-rename|local|admindir|root)/.test(word),
  );
  if (from === undefined || isOther || by !== packageName || !rest.includes("--rename")) return undefined;
  const target = to ?? `${from}.distrib`;
  if (!target.startsWith("/") || `${from}${target}`.includes("/../")) return undefined;
  return { by, from: canonicalAbsolutePath(from), to: canonicalAbsolutePath(target) };
}

/** `ucf [options] <template> <file>`: a configuration file that starts as a copy of its template. */
function applyUcf(root: RootContext, call: readonly ScriptWord[]): void {
  const [from, to] = call.slice(1).filter((word) => !word?.startsWith("-"));
  if (!from?.startsWith("/usr/") || !to?.startsWith("/etc/") || `${from}${to}`.includes("/../")) return;
  copyTemplate(root, from, canonicalAbsolutePath(to));
}

function applyEffect(root: RootContext, effect: RootEffect): void {
  const { delta, tree } = root;
  const at = (path: ByteString) => canonicalAbsolutePath(path);
  switch (effect.kind) {
    case "directory":
      delta.directory(at(effect.path));
      return;
    case "file":
      addFileIfMissing(root, at(effect.path), effect.contents);
      return;
    case "link":
      if (!tree.lookupLink(at(effect.path)) && !delta.has(at(effect.path)))
        delta.link(at(effect.path), effect.target);
      return;
    case "copy":
      copyTemplate(root, effect.from, at(effect.to));
  }
}
