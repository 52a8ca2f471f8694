/**
 * The tags that fit a CPython on a Linux, the best first, in the order of packaging's `sys_tags`.
 *
 * What is nearest comes first: the interpreter's own ABI, the stable ABI (`abi3`; `abi3t` without the global lock), no ABI;
 * then the stable ABI as it was for older interpreters; then what any Python runs. For each, platforms from the newest C
 * library down: a wheel for an older glibc (PEP 600, with the old names `manylinux1`, `2010`, `2014`) or musl (PEP 656)
 * runs with a newer one. `linux_*` without a library is what was built on the spot; no index takes such wheels.
 */
import { CopseError } from "#base";
import { splitSystem, twoNumbers } from "../requirement/marker-environment.ts";

export interface TagPlatform {
  /** A Nix system, such as `x86_64-linux`. */
  readonly system: string;
  /** At least two numbers, such as `3.11.2`. */
  readonly python: string;
  /** The version of the C library, of one of the two. */
  readonly glibc?: string;
  readonly musl?: string;
  /** Whether it is the build without global lock, `3.13t`. */
  readonly freeThreaded?: boolean;
}

/** Names of machines where Nix's differ from the kernel's, and older machines whose wheels run. */
const ARCHITECTURES: { readonly [machine: string]: readonly string[] } = {
  i686: ["i686"],
  armv7l: ["armv7l"],
  powerpc64le: ["ppc64le"],
  powerpc64: ["ppc64"],
};

const OLD_NAMES: { readonly [glibc: string]: string } = {
  "2_17": "manylinux2014",
  "2_12": "manylinux2010",
  "2_5": "manylinux1",
};

/** Throws CopseError `python-platform-unknown`, `python-version-invalid`. */
export function platformTags(platform: TagPlatform): readonly string[] {
  const [major, minor] = twoNumbers(platform.python).map(Number) as [number, number];
  const platforms = linuxPlatforms(platform);
  const tags: string[] = [];
  const add = (interpreter: string, abi: string): void => {
    for (const name of platforms) tags.push(`${interpreter}-${abi}-${name}`);
  };
  const interpreter = `cp${major}${minor}`;
  const threads = platform.freeThreaded ? "t" : "";
  // CPython 3.7 and older say in the ABI's name that they use their own allocator.
  const allocator = major === 3 && minor < 8 ? "m" : "";
  add(interpreter, `${interpreter}${threads}${allocator}`);
  add(interpreter, `abi3${threads}`);
  add(interpreter, "none");
  for (let older = minor - 1; older >= 2; older--) add(`cp${major}${older}`, `abi3${threads}`);
  const generic = [`py${major}${minor}`, `py${major}`];
  for (let older = minor - 1; older >= 0; older--) generic.push(`py${major}${older}`);
  for (const name of generic) add(name, "none");
  tags.push(`${interpreter}-none-any`, ...generic.map((name) => `${name}-none-any`));
  return tags;
}

function linuxPlatforms({ system, glibc, musl }: TagPlatform): readonly string[] {
  const { machine, os } = splitSystem(system);
  if (os !== "linux")
    throw new CopseError("python-platform-unknown", `Wheels are chosen for Linux alone: \`${system}\``);
  const architectures = ARCHITECTURES[machine] ?? [machine];
  const names = architectures.map((architecture) => `linux_${architecture}`);
  for (const architecture of architectures) {
    if (glibc !== undefined) names.push(...manylinux(architecture, glibc));
    if (musl !== undefined) names.push(...musllinux(architecture, musl));
  }
  return names;
}

/** Wheels were first built with glibc 2.5 on x86, and with 2.17 elsewhere. */
function manylinux(architecture: string, glibc: string): readonly string[] {
  const [major, minor] = libraryVersion(glibc);
  if (major !== 2)
    throw new CopseError("python-platform-unknown", `Only glibc 2 is known to run wheels: \`${glibc}\``);
  const oldest = architecture === "x86_64" || architecture === "i686" ? 5 : 17;
  const names: string[] = [];
  for (let older = minor; older >= oldest; older--) {
    names.push(`manylinux_2_${older}_${architecture}`);
    const oldName = OLD_NAMES[`2_${older}`];
    if (oldName !== undefined) names.push(`${oldName}_${architecture}`);
  }
  return names;
}

function musllinux(architecture: string, musl: string): readonly string[] {
  const [major, minor] = libraryVersion(musl);
  return Array.from({ length: minor + 1 }, (_, i) => `musllinux_${major}_${minor - i}_${architecture}`);
}

function libraryVersion(text: string): readonly [number, number] {
  const [, major, minor] = /^([0-9]{1,3})\.([0-9]{1,3})(?![0-9])/.exec(text) ?? [];
  if (minor === undefined)
    throw new CopseError("python-platform-unknown", `Not the version of a C library: \`${text}\``);
  return [Number(major), Number(minor)];
}
