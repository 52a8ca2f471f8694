/**
 * Where a wheel's files belong (the "binary distribution format"): what is at its top into site-packages, what is in
 * `NAME-VERSION.data/` to where the folder's name says.
 *
 *     pkg/a.py                             lib/python3.11/site-packages/pkg/a.py
 *     pkg-1.0.data/purelib/ platlib/       likewise
 *     pkg-1.0.data/scripts/tool            bin/tool
 *     pkg-1.0.data/headers/a.h             include/site/python3.11/pkg/a.h
 *     pkg-1.0.data/data/share/man/...      share/man/...
 *
 * Pure and binary wheels have one place here, as in a virtual environment.
 */
import { CopseError } from "#base";

export interface WheelLayout {
  /** The folder of modules, within the tree. */
  readonly sitePackages: string;
  /** `pkg-1.0.data` */
  readonly dataFolder: string;
  /** Where headers go. */
  readonly headers: string;
}

export function wheelLayout(wheel: {
  readonly python: string;
  readonly distInfo: string;
  readonly project: string;
}): WheelLayout {
  const { python, distInfo, project } = wheel;
  return {
    sitePackages: `lib/${python}/site-packages`,
    dataFolder: `${distInfo.slice(0, -".dist-info".length)}.data`,
    headers: `include/site/${python}/${project}`,
  };
}

/** Path in the tree of a path in the wheel. @throws CopseError `wheel-layout`. */
export function placeOf(layout: WheelLayout, path: string): string {
  const { sitePackages, dataFolder, headers } = layout;
  if (path === dataFolder || !path.startsWith(`${dataFolder}/`)) return `${sitePackages}/${path}`;
  const [scheme = "", ...rest] = path.slice(dataFolder.length + 1).split("/");
  const inside = rest.join("/");
  if (inside === "") throw unplaced(path);
  switch (scheme) {
    case "purelib":
    case "platlib":
      return `${sitePackages}/${inside}`;
    case "scripts":
      return `bin/${inside}`;
    case "headers":
      return `${headers}/${inside}`;
    case "data":
      return inside;
    default:
      throw unplaced(path);
  }
}

/** What RECORD, which stands in site-packages, calls a path of the tree. */
export function recordedPath(layout: WheelLayout, place: string): string {
  const { sitePackages } = layout;
  return place.startsWith(`${sitePackages}/`) ? place.slice(sitePackages.length + 1) : `../../../${place}`;
}

/**
 * What a file's name may be, beyond what any zip archive's may: Windows reads some names as paths, and Linux has no
 * longer ones. @throws CopseError `wheel-path`.
 */
export function checkWheelPath(path: string): void {
  const parts = path.split("/");
  const isPlain =
    Buffer.byteLength(path) < 3000 &&
    parts.every((part) => Buffer.byteLength(part) <= 255) &&
    !/[\0-\x1f\\]/.test(path) &&
    !/^[A-Za-z]:/.test(path);
  if (!isPlain)
    throw new CopseError("wheel-path", `A path leads out of the wheel, or is malformed: \`${shown(path)}\``);
}

export function shown(path: string): string {
  const text = path.replace(/[^\x20-\x7e\u00a1-\ud7ff\ue000-\ufffc]/g, "?");
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function unplaced(path: string): CopseError {
  return new CopseError(
    "wheel-layout",
    `Wheel has a file of which nobody knows where it belongs: \`${shown(path)}\``,
    {
      hint: "a wheel's .data folder has purelib, platlib, scripts, headers and data",
    },
  );
}
