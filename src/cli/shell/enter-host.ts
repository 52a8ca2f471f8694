/**
 * A shell for a plain derivation, one without a root: on the host, with the derivation's variables, as C++ Nix does it.
 * Where the store is not really at its place, it is shown there.
 */
import { type HostSpec, planOnHost } from "#sandbox/entry";
import { become } from "./become.ts";

/** Variables that a pure shell keeps, as nix-shell does. */
const KEPT = new Set([
  ...["HOME", "XDG_RUNTIME_DIR", "USER", "LOGNAME", "DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "PATH"],
  ...["TERM", "IN_NIX_SHELL", "NIX_SHELL_PRESERVE_PROMPT", "TZ", "PAGER", "NIX_BUILD_SHELL", "SHLVL"],
  ...["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"],
]);

export function hostVariables(
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly pure: boolean; readonly keep: readonly string[] },
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (!options.pure || KEPT.has(name) || options.keep.includes(name)) kept[name] = value;
  }
  // Keeps a system's /etc/bashrc from reading /etc/profile.
  if (options.pure) kept["__ETC_PROFILE_SOURCED"] = "1";
  kept["IN_NIX_SHELL"] = options.pure ? "pure" : "impure";
  return kept;
}

export function enterHost(
  environment: { readonly store: HostSpec["store"] },
  call: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly argv: readonly [string, ...string[]];
  },
): never {
  return become(planOnHost({ store: environment.store, ...call }));
}
