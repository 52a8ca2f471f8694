/**
 * A root's layout as steps of launch.pl: each a name and its values. Options of mounts, as mount(8) has them, become
 * the numbers of mount(2). As libmount does it, what is bound read-only is bound first and remounted then: the kernel does
 * not take both at once.
 */
import { join } from "node:path";
import type { FstabEntry } from "./fstab.ts";
import type { RootLayout } from "./layout.ts";

export type Step = readonly [name: string, ...values: string[]];

const READ_ONLY = 1;
const REMOUNT = 32;
const BIND = 4096;
const RECURSIVE_BIND = BIND | 16384;
const FLAGS: Readonly<Record<string, number>> = {
  ro: READ_ONLY,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  bind: BIND,
  rbind: RECURSIVE_BIND,
};

export function rootSteps(
  { root, skeleton, mounts }: RootLayout,
  { network }: { readonly network: boolean },
): Step[] {
  const made = [...skeleton.entries()].map(([path, entry]): Step => {
    const place = join(root, path);
    if (entry.kind === "folder") return ["folder", place];
    return entry.kind === "file" ? ["file", place, entry.text] : ["link", place, entry.target];
  });
  return [
    ["mount", "tmpfs", root, "tmpfs", "0", "mode=755"],
    ...made,
    ...mounts.flatMap(mountSteps),
    ["mount", "none", root, "", String(REMOUNT | READ_ONLY), ""],
    ...(network ? [] : ([["loopback"]] as const)),
    ["hostname", "localhost", "(none)"],
    ["move", root],
  ];
}

function mountSteps({ source, target, type, options }: FstabEntry): Step[] {
  const words = options.split(",");
  const data = words.filter((word) => !(word in FLAGS)).join(",");
  const flags = words.reduce((sum, word) => sum | (FLAGS[word] ?? 0), 0);
  if ((flags & BIND) === 0) return [["mount", source, target, type ?? "", String(flags), data]];
  const restrictions = flags & ~RECURSIVE_BIND;
  const bound: Step = ["mount", source, target, "", String(flags & RECURSIVE_BIND), ""];
  return restrictions === 0 ? [bound] : [bound, ["seal", target, String(restrictions)]];
}
