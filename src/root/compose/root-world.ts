/** The root that is being composed, as the reader of maintainer scripts asks for it: packages and delta together. */
import type { ByteString } from "#base";
import { debianArchitectureOf } from "../debian-architecture.ts";
import type { ScriptWorld } from "../scripts/shell/shell-conditions.ts";
import { linkTarget } from "../views/merged-tree.ts";
import type { RootContext } from "./root-context.ts";

const MAX_LINKS_FOLLOWED = 20;

export function worldOf(root: RootContext): ScriptWorld {
  const { delta, tree } = root;
  const merged = (path: ByteString) =>
    path.replace(/^\/(s?bin|lib(?:32|64|o32|x32)?)(?=\/|$)/, "/usr/$1").replace(/(.)\/+$/, "$1");
  /** What stands at a path itself. */
  const entryAt = (
    path: ByteString,
  ): { kind: "file" | "directory" } | { kind: "symlink"; target: ByteString } | undefined => {
    const made = delta.get(path);
    if (made) return made.kind === "symlink" ? made : { kind: made.kind };
    const node = tree.lookupLink(path);
    if (!node) return undefined;
    return node.kind === "symlink" ? { kind: "symlink", target: linkTarget(node) } : { kind: node.kind };
  };
  return {
    architecture: debianArchitectureOf(root.system),
    kindOf(path) {
      let at = merged(path);
      for (let followed = 0; followed < MAX_LINKS_FOLLOWED; followed++) {
        const entry = entryAt(at);
        if (entry?.kind !== "symlink") return entry?.kind;
        const { target } = entry;
        at = merged(target.startsWith("/") ? target : joined(at.slice(0, at.lastIndexOf("/")), target));
      }
      return undefined;
    },
    isLink: (path) => entryAt(merged(path))?.kind === "symlink",
  };
}

function joined(directory: ByteString, target: ByteString): ByteString {
  const parts = directory.split("/");
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/") || "/";
}
