/**
 * Which packages are configured by their own maintainer scripts.
 *
 * `auto`, the default: those with a script that does something copse could not do in its place. `always`: all that
 * have a script, as dpkg would. `never`: none; what a script would have made is missing then. Names can be put on
 * either list by themselves.
 */
import type { UnreadScript } from "../scripts/unread-script.ts";

export interface ConfigureRequest {
  readonly mode: "auto" | "always" | "never";
  /** Packages whose scripts are run whatever they do. */
  readonly also: readonly string[];
  /** Packages whose scripts are not run. */
  readonly except: readonly string[];
}

export const CONFIGURE_AUTO: ConfigureRequest = { mode: "auto", also: [], except: [] };

/** Whether a package's scripts are run even where they can be read. */
export function isRunAnyway(request: ConfigureRequest, packageName: string): boolean {
  if (request.except.includes(packageName)) return false;
  return request.mode === "always" || request.also.includes(packageName);
}

/** The names of the packages to be configured, of all that have scripts. */
export function packagesToConfigure(
  request: ConfigureRequest,
  root: { readonly withScripts: readonly string[]; readonly unread: readonly UnreadScript[] },
): ReadonlySet<string> {
  const unread = new Set(root.unread.map(({ packageName }) => packageName));
  const wanted = root.withScripts.filter((name) => {
    if (request.except.includes(name)) return false;
    return isRunAnyway(request, name) || (request.mode === "auto" && unread.has(name));
  });
  return new Set(wanted);
}
