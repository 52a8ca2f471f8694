/** An overlay of stores needs an overlay of file systems: the lower store's paths below, a directory of its own above. */
import { readFileSync } from "node:fs";
import { CopseError } from "#base";
import type { OverlayPlace } from "../place/store-place.ts";

/** Throws CopseError `store-overlay-mount`. */
export function checkOverlayMount(realStoreDir: string, { lower, upperLayer }: OverlayPlace): void {
  // Mounts can be stacked: the last is the one that is seen.
  const mount = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .findLast(([, at, type]) => type === "overlay" && unescapeMount(at ?? "") === realStoreDir);
  const options = (mount?.[3] ?? "").split(",").map(unescapeMount);
  if (options.includes(`lowerdir=${lower.realStoreDir}`) && options.includes(`upperdir=${upperLayer}`))
    return;
  throw new CopseError("store-overlay-mount", `overlay filesystem '${realStoreDir}' mounted incorrectly`, {
    hint: `mount -t overlay overlay -o lowerdir=${lower.realStoreDir},upperdir=${upperLayer},workdir=… ${realStoreDir}`,
  });
}

/** The kernel writes spaces and the like as octal numbers. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
