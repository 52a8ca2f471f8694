/** Build logs lie where C++ Nix looks for them. */
import { type StorePath, storePathBase } from "#format";
import type { StorePlace } from "./place/store-place.ts";

/** Where the log of a build is: plain, or with `.bz2` behind where C++ Nix wrote it. */
export function buildLogFile(place: StorePlace, drvPath: StorePath): string {
  const base = storePathBase(drvPath);
  return `${place.logDir}/drvs/${base.slice(0, 2)}/${base.slice(2)}`;
}
