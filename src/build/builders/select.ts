/** Which of copse's builders a derivation's `builder` means, what it needs, and what to call it meanwhile. */
import { CopseError, textFromByteString } from "#base";
import type { Derivation } from "#format";
import type { Activity } from "../progress/mod.ts";
import { asProgram } from "./builtin/as-program.ts";
import { buildEnvironment } from "./builtin/buildenv.ts";
import { fetchUrl } from "./builtin/fetchurl.ts";
import { unpackChannel } from "./builtin/unpack-channel.ts";
import { compileBytecodeOf } from "./bytecode.ts";
import { composeRootOf } from "./compose-root.ts";
import type { Builder } from "./context.ts";
import { makePackage } from "./package.ts";
import { buildProgram } from "./program/program.ts";
import { makeEnvironmentOf } from "./python/environment.ts";
import { unpackWheelOf } from "./python/wheel.ts";
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
  ["builtin:buildenv", { builder: asProgram(buildEnvironment), resource: "processor", activity: "build" }],
  [
    "builtin:unpack-channel",
    { builder: asProgram(unpackChannel), resource: "processor", activity: "unpack" },
  ],
  ["builtin:copse-unpack-deb", { builder: unpackDebOf, resource: "processor", activity: "unpack" }],
  ["builtin:copse-wheel", { builder: unpackWheelOf, resource: "processor", activity: "unpack" }],
  ["builtin:copse-python-env", { builder: makeEnvironmentOf, resource: "processor", activity: "compose" }],
  ["builtin:copse-bytecode", { builder: compileBytecodeOf, resource: "processor", activity: "compile" }],
  ["builtin:copse-root", { builder: composeRootOf, resource: "processor", activity: "compose" }],
  ["builtin:copse-package", { builder: makePackage, resource: "processor", activity: "build" }],
]);

const PROGRAM: SelectedBuilder = { builder: buildProgram, resource: "processor", activity: "build" };

export function selectBuilder(drv: Derivation): SelectedBuilder {
  if (!drv.builder.startsWith("builtin:")) return PROGRAM;
  return BUILTIN.get(drv.builder) ?? UNKNOWN;
}

const UNKNOWN: SelectedBuilder = {
  builder: asProgram(({ drv }) => {
    const name = textFromByteString(drv.builder.slice("builtin:".length));
    return Promise.reject(new CopseError("builder-unknown", `unsupported builtin builder '${name}'`));
  }),
  resource: "processor",
  activity: "build",
};
