/**
 * Which maintainer scripts do something that copse cannot do in their place. The account is exact in one direction:
 * a script counts as read only if every call that any run of it could make is accounted for.
 */
import type { ByteString } from "#base";
import { type RootEffect, verdictOf } from "./call-verdict.ts";
import { isNative } from "./native-packages.ts";
import type { ScriptCall } from "./script-call.ts";
import type { ScriptName } from "./script-name.ts";
import { readScript } from "./script-reader.ts";
import type { ScriptWorld } from "./shell/shell-conditions.ts";

export interface UnreadScript {
  readonly packageName: string;
  readonly scriptName: ScriptName;
  /** For people: the first calls that are not accounted for, or why the script could not be read. */
  readonly reasons: readonly string[];
}

export interface ScriptAccount {
  readonly calls: readonly ScriptCall[];
  /** What the script does besides what triggers do, in order. */
  readonly effects: readonly RootEffect[];
  readonly unread: UnreadScript | undefined;
}

const MAX_REASONS = 5;
const ARGUMENTS: Readonly<Record<ScriptName, readonly ByteString[]>> = {
  preinst: ["install"],
  postinst: ["configure", ""],
};

export function accountScript(
  script: ByteString,
  of: { readonly packageName: string; readonly scriptName: ScriptName; readonly world: ScriptWorld },
): ScriptAccount {
  const { packageName, scriptName, world } = of;
  const read = readScript(script, { ...of, args: ARGUMENTS[scriptName] });
  const effects: RootEffect[] = [];
  const reasons: string[] = read.problem === undefined ? [] : [read.problem];
  for (const call of read.calls) {
    const verdict = verdictOf(call, world, scriptName);
    if (verdict.kind === "effects") effects.push(...verdict.effects);
    if (verdict.kind === "unread") reasons.push(describe(call));
  }
  const unread =
    reasons.length === 0 || isNative(packageName)
      ? undefined
      : { packageName, scriptName, reasons: [...new Set(reasons)].slice(0, MAX_REASONS) };
  return { calls: read.calls, effects, unread };
}

function describe({ words, writes }: ScriptCall): string {
  const shown = words.map((word) =>
    word === undefined ? "…" : word.length > 60 ? `${word.slice(0, 60)}…` : word,
  );
  return [...shown, ...writes.map((path) => `> ${path ?? "…"}`)].join(" ").replaceAll("\n", " ");
}
