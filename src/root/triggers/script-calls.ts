/** What packages declare by calls in their maintainer scripts: alternatives, templates under ucf, diversions. */
import { type Alternative, chooseAlternatives, parseAlternativeCall } from "../alternatives.ts";
import { canonicalAbsolutePath } from "../deb-member-path.ts";
import { callsInScript, type ScriptCall } from "../maintainer-script.ts";
import type { Diversion } from "../merged-tree.ts";
import { readControlFile } from "../package-control.ts";
import { copyTemplate, type RootContext, type RootPackage } from "../root-context.ts";

const POSTINST_PROGRAMS: ReadonlySet<string> = new Set(["update-alternatives", "ucf"]);
const PREINST_PROGRAMS: ReadonlySet<string> = new Set(["dpkg-divert"]);

export function addScriptedFiles(root: RootContext): void {
  const { delta, tree } = root;
  const alternatives: Alternative[] = [];
  for (const { source } of root.packages) {
    const script = readControlFile(source.realPath, "postinst");
    if (script === undefined) continue;
    for (const call of callsInScript(script, POSTINST_PROGRAMS)) {
      if (call[0] === "ucf") applyUcf(root, call);
      else alternatives.push(...[parseAlternativeCall(call)].filter((found) => found !== undefined));
    }
  }
  const links = chooseAlternatives(alternatives, (path) => tree.lookupLink(path) !== undefined);
  for (const [link, target] of links) {
    // A package that has a file where another wants its link keeps it, as with update-alternatives.
    if (!tree.lookupLink(link)) delta.link(link, target);
  }
}

/** The diversions that a package sets up before it is unpacked. */
export function diversionsOf({ name, source }: RootPackage): Diversion[] {
  const script = readControlFile(source.realPath, "preinst");
  if (script === undefined) return [];
  const calls = callsInScript(script, PREINST_PROGRAMS);
  return calls.map((call) => parseDiversion(call, name)).filter((diversion) => diversion !== undefined);
}

/**
 * `dpkg-divert [--package NAME] [--divert TO] --rename [--add] FROM`. Without `--rename` a call moves no file: it
 * only keeps dpkg's books.
 */
function parseDiversion(call: ScriptCall, packageName: string): Diversion | undefined {
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
function applyUcf(root: RootContext, call: ScriptCall): void {
  const [from, to] = call.slice(1).filter((word) => !word?.startsWith("-"));
  if (!from?.startsWith("/usr/") || !to?.startsWith("/etc/") || `${from}${to}`.includes("/../")) return;
  copyTemplate(root, from, canonicalAbsolutePath(to));
}
