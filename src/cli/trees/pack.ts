/** A file tree of the user's as an archive (NAR). */
import { resolve } from "node:path";
import { byteStringFromText } from "#base";
import { encodeNar } from "#format";
import { dumpTree } from "#store";
import type { CommandContext } from "../command.ts";
import { unhackedTree } from "./case-hack.ts";

/** The chunks of the archive of what is at a path. A chunk is valid until the next is asked for. */
export function packTree(
  path: string,
  { cwd, settings }: Pick<CommandContext, "cwd" | "settings">,
): Iterable<Uint8Array> {
  const source = byteStringFromText(resolve(cwd, path));
  return settings["use-case-hack"] ? encodeNar(unhackedTree(source)) : dumpTree(source);
}
