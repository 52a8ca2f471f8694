/** Which of copse's builders a derivation's `builder` means, what it needs, and what to call it meanwhile. */
import { CopseError } from "#base";
import type { Derivation } from "#format";
import type { Activity } from "../progress/mod.ts";
import { compileBytecodeOf } from "./bytecode.ts";
import { composeRootOf } from "./compose-root.ts";
import type { Builder } from "./context.ts";
import { fetchUrl } from "./fetchurl.ts";
import { makePackage } from "./package.ts";
import { buildInSandbox } from "./sandboxed.ts";
import { unpackDebOf } from "./unpack-deb.ts";

/** What a build occupies while it runs. */
export type Resource = "network" | "processor";

export interface SelectedBuilder {
  readonly builder: Builder;
  readonly resource: Resource;
  readonly activity: Activity;
}

const BUILTIN: ReadonlyMap<string, SelectedBuilder> = new Map([
  ["builtin:fetchurl", { builder: fetchUrl, resource: "network", activity: "download" }],
  ["builtin:copse-unpack-deb", { builder: unpackDebOf, resource: "processor", activity: "unpack" }],
  ["builtin:copse-bytecode", { builder: compileBytecodeOf, resource: "processor", activity: "compile" }],
  ["builtin:copse-root", { builder: composeRootOf, resource: "processor", activity: "compose" }],
  ["builtin:copse-package", { builder: makePackage, resource: "processor", activity: "build" }],
]);

const SANDBOXED: SelectedBuilder = { builder: buildInSandbox, resource: "processor", activity: "build" };

/** @throws CopseError `builder-unknown`. */
export function selectBuilder(drv: Derivation): SelectedBuilder {
  if (!drv.builder.startsWith("builtin:")) return SANDBOXED;
  const selected = BUILTIN.get(drv.builder);
  if (selected) return selected;
  throw new CopseError(
    "builder-unknown",
    `Derivation ${drv.name} has a builtin builder that is not known: \`${drv.builder}\``,
    {
      hint: `known are ${[...BUILTIN.keys()].join(", ")}`,
    },
  );
}
