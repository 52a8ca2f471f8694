/**
 * What markers are evaluated against: the facts of an interpreter on a machine.
 *
 * An environment of copse is made for a Nix system and a version of Python, not for the machine at hand, so what the
 * kernel says of itself (`platform_release`, `platform_version`) is empty: as text it equals nothing, and as a version it
 * satisfies nothing.
 */
import { CopseError } from "#base";
import { parseVersion, type VersionNumber } from "../version/version.ts";
import type { MARKER_VARIABLES } from "./marker.ts";

export type MarkerEnvironment = {
  readonly [name in (typeof MARKER_VARIABLES)[number]]: string;
} & {
  /** In lock files only. */
  readonly extras?: ReadonlySet<string>;
  /** In lock files only. */
  readonly dependency_groups?: ReadonlySet<string>;
};

const OS: { readonly [os: string]: Pick<MarkerEnvironment, "os_name" | "platform_system" | "sys_platform"> } =
  {
    linux: { os_name: "posix", platform_system: "Linux", sys_platform: "linux" },
    darwin: { os_name: "posix", platform_system: "Darwin", sys_platform: "darwin" },
  };

const IMPLEMENTATIONS: { readonly [name: string]: string } = { cpython: "CPython", pypy: "PyPy" };

/**
 * The environment of an interpreter. `system` is a Nix system such as `x86_64-linux`, `python` a full version such as
 * `3.11.2` or `3.14.0rc1`. Throws CopseError `python-platform-unknown`, `python-version-invalid`.
 */
export function markerEnvironment(platform: {
  readonly system: string;
  readonly python: string;
  readonly implementation?: { readonly name: "cpython" | "pypy"; readonly version: string };
}): MarkerEnvironment {
  const { machine, os } = splitSystem(platform.system);
  const [major, minor] = twoNumbers(platform.python);
  const implementation = platform.implementation ?? { name: "cpython", version: platform.python };
  return {
    ...OS[os]!,
    implementation_name: implementation.name,
    implementation_version: implementation.version,
    platform_machine: machine === "aarch64" && os === "darwin" ? "arm64" : machine,
    platform_python_implementation: IMPLEMENTATIONS[implementation.name]!,
    platform_release: "",
    platform_version: "",
    python_full_version: platform.python,
    python_version: `${major}.${minor}`,
  };
}

/** Throws CopseError `python-platform-unknown`. */
export function splitSystem(system: string): { readonly machine: string; readonly os: "linux" | "darwin" } {
  const [, machine, os] = /^([a-z0-9_]+)-(linux|darwin)$/.exec(system) ?? [];
  if (machine === undefined)
    throw new CopseError("python-platform-unknown", `No Python packages for the system: \`${system}\``);
  return { machine, os: os as "linux" | "darwin" };
}

/** The two numbers that tell which series of Python it is. Throws CopseError `python-version-invalid`. */
export function twoNumbers(python: string): readonly [VersionNumber, VersionNumber] {
  const [major, minor] = parseVersion(python).release;
  if (minor === undefined)
    throw new CopseError(
      "python-version-invalid",
      `A version of Python has at least two numbers: \`${python}\``,
    );
  return [major!, minor];
}
