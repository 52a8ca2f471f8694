/**
 * The settings, by the names that Nix gives them: whoever has a nix.conf keeps it. Those that copse reads and others
 * that it only accepts, because they concern what it does in another way or not at all, stand apart.
 */
import type { Kind, Kinds } from "./kinds.ts";

export interface SettingDefinition<K extends Kind = Kind> {
  readonly kind: K;
  readonly initial: Kinds[K];
  readonly summary: string;
  /** Names of earlier versions of Nix, still read. */
  readonly aliases: readonly string[];
}

function define<K extends Kind>(
  kind: K,
  initial: Kinds[K],
  summary: string,
  ...aliases: string[]
): SettingDefinition<K> {
  return { kind, initial, summary, aliases };
}

const BUILDING = {
  "max-jobs": define("jobs", "auto", "builds at a time", "build-max-jobs"),
  cores: define("size", 0, "processors that one build may use; 0: all", "build-cores"),
  "keep-going": define("flag", false, "finish what does not need a build that failed"),
  "keep-failed": define("flag", false, "keep the folder of a build that failed"),
  timeout: define("size", 0, "seconds that a build may take; 0: no limit", "build-timeout"),
  "max-silent-time": define("size", 0, "seconds without output; 0: no limit", "build-max-silent-time"),
  "max-build-log-size": define("size", 0, "bytes of a build's log; 0: no limit", "build-max-log-size"),
  "log-lines": define("size", 25, "lines of its log that a failed build shows"),
  "keep-build-log": define("flag", true, "write build logs", "build-keep-log"),
  "print-missing": define("flag", true, "say what will be built and fetched"),
  "post-build-hook": define("text", "", "program to run after each build"),
  "run-diff-hook": define("flag", false, "with --check, run diff-hook on a difference"),
  "diff-hook": define("optional", null, "program that compares two outputs"),
  system: define("text", "", "the system to evaluate and build for; empty: this machine's"),
  "eval-system": define("text", "", "what builtins.currentSystem says; empty: `system`"),
  "extra-platforms": define("words", [], "other systems whose programs run here"),
  "system-features": define("set", [], "features that builds may require; empty: what this machine has"),
  "build-dir": define("optional", null, "where builds without sandbox have their folder"),
  "build-users-group": define("text", "", "group whose users run builds without sandbox, when root"),
  "impure-env": define("words", [], "NAME=VALUE for impureEnvVars"),
  "hashed-mirrors": define("words", [], "servers that have files by hash"),
  "netrc-file": define("text", "", "logins for downloads; empty: netrc beside nix.conf"),
  "ssl-cert-file": define("text", "", "authorities for TLS; empty: the system's"),
  "stalled-download-timeout": define("size", 300, "seconds without data until a download is given up"),
} as const;

const SANDBOX = {
  sandbox: define("sandbox", "true", "build apart from the machine", "build-use-chroot", "build-use-sandbox"),
  "sandbox-paths": define(
    "words",
    [],
    "INSIDE=OUTSIDE that builds see, `?` at the end: if it exists",
    "build-chroot-dirs",
    "build-sandbox-paths",
  ),
  "sandbox-fallback": define("flag", true, "build without sandbox where there can be none"),
  "sandbox-build-dir": define("text", "/build", "where the sandbox shows the build's folder"),
  "sandbox-dev-shm-size": define("text", "50%", "size of /dev/shm in the sandbox"),
  "filter-syscalls": define("flag", true, "keep builders from setting special permission bits"),
} as const;

const STORE = {
  store: define("text", "auto", "the store, by URI"),
  "keep-derivations": define("flag", true, "keep derivations of living outputs", "gc-keep-derivations"),
  "keep-outputs": define("flag", false, "keep outputs of living derivations", "gc-keep-outputs"),
  "min-free": define("size", 0, "collect during builds when less is free, in bytes"),
  "max-free": define("size", Number.MAX_SAFE_INTEGER, "stop such a collection when as much is free"),
  "min-free-check-interval": define("size", 5, "seconds between looks at free space"),
  "auto-optimise-store": define("flag", false, "hard-link files of equal contents as they come"),
  "gc-reserved-space": define("size", 8388608, "bytes that a full disk leaves to collection"),
  "use-sqlite-wal": define("flag", true, "write-ahead log for the database"),
  "fsync-metadata": define("flag", true, "let the database wait for the disk"),
  "fsync-store-paths": define("flag", false, "let new paths wait for the disk"),
  "secret-key-files": define("words", [], "keys that sign what is built"),
  "trusted-public-keys": define("words", [], "keys whose signatures count", "binary-cache-public-keys"),
} as const;

const EVALUATION = {
  "experimental-features": define("set", [], "what is not stable and wanted nevertheless"),
  "pure-eval": define("flag", false, "evaluation sees nothing but what is locked"),
  "restrict-eval": define("flag", false, "evaluation sees the search path and allowed-uris only"),
  "allowed-uris": define("words", [], "what restricted evaluation may fetch"),
  "allow-import-from-derivation": define("flag", true, "evaluation may build"),
  "nix-path": define("words", [], "the search path, NAME=PATH"),
  "max-call-depth": define("size", 10_000, "nested calls until evaluation is given up"),
  "trace-function-calls": define("flag", false, "print each call"),
  "trace-verbose": define("flag", false, "builtins.traceVerbose prints"),
  "show-trace": define("flag", false, "show all frames of an evaluation error"),
  "lint-url-literals": define("text", "ignore", "ignore, warn or fatal, for unquoted URLs"),
  "lint-absolute-path-literals": define("text", "ignore", "ignore, warn or fatal, for absolute paths"),
  "lint-short-path-literals": define("text", "ignore", "ignore, warn or fatal, for paths without ./"),
  "warn-short-path-literals": define("flag", false, "the same as lint-short-path-literals = warn"),
} as const;

const SHELLS = {
  "bash-prompt": define("text", "", "prompt of `nix develop`"),
  "bash-prompt-prefix": define("text", "", "what stands before it"),
  "bash-prompt-suffix": define("text", "", "what stands behind it"),
  "nix-shell-always-looks-for-shell-nix": define("flag", true, "shell.nix comes before default.nix"),
  "nix-shell-shebang-arguments-relative-to-script": define("flag", true, "paths in a script's own lines"),
  "json-log-path": define("optional", null, "file that gets the log as JSON"),
  "use-xdg-base-directories": define("flag", false, "profiles and channels below the XDG folders"),
} as const;

/** Accepted, shown and without effect: caches, daemons, remote builders, flakes, and what is always or never so here. */
const ACCEPTED = {
  "compress-build-log": define("flag", true, "compress build logs", "build-compress-log"),
  fallback: define("flag", false, "build what a cache failed to deliver", "build-fallback"),
  substitute: define("flag", true, "take from caches what they have", "build-use-substitutes"),
  substituters: define("words", [], "caches, by URL", "binary-caches"),
  "pre-build-hook": define("text", "", "program to ask before each build"),
  "connect-timeout": define("size", 15, "seconds to wait for a connection"),
  "download-attempts": define("size", 5, "how often a download is tried"),
  "allow-new-privileges": define("flag", false, "let builders start setuid programs"),
  "use-cgroups": define("flag", false, "a control group for each build"),
  "require-drop-supplementary-groups": define("flag", true, "builds have no further groups"),
  "keep-env-derivations": define("flag", false, "keep derivations of environments", "env-keep-derivations"),
  "require-sigs": define("flag", true, "refuse paths without a trusted signature"),
  "allow-symlinked-store": define("flag", false, "the store's folder may be reached through a link"),
  "ignored-acls": define(
    "set",
    ["security.csm", "security.selinux", "system.nfs4_acl"],
    "attributes left alone",
  ),
  "trace-import-from-derivation": define("flag", false, "warn where evaluation builds"),
  "abort-on-warn": define("flag", false, "builtins.warn ends the evaluation"),
  "eval-cache": define("flag", true, "keep results of evaluations"),
  "accept-flake-config": define("flag", false, ""),
  "access-tokens": define("words", [], ""),
  "allow-dirty": define("flag", true, ""),
  "allow-dirty-locks": define("flag", false, ""),
  "allow-unsafe-native-code-during-evaluation": define("flag", false, ""),
  "allowed-impure-host-deps": define("words", [], ""),
  "allowed-users": define("words", ["*"], ""),
  "always-allow-substitutes": define("flag", false, ""),
  "auto-allocate-uids": define("flag", false, ""),
  "build-hook": define("words", [], ""),
  "build-poll-interval": define("size", 5, ""),
  builders: define("text", "", ""),
  "builders-use-substitutes": define("flag", false, ""),
  "commit-lock-file-summary": define("text", "", "", "commit-lockfile-summary"),
  "debugger-on-trace": define("flag", false, ""),
  "debugger-on-warn": define("flag", false, ""),
  "download-buffer-size": define("size", 1048576, ""),
  "download-speed": define("size", 0, ""),
  "eval-attrset-update-layer-rhs-threshold": define("size", 16, ""),
  "eval-profile-file": define("text", "nix.profile", ""),
  "eval-profiler": define("text", "disabled", ""),
  "eval-profiler-frequency": define("size", 99, ""),
  "external-builders": define("text", "", ""),
  "flake-registry": define("text", "", ""),
  "http-connections": define("size", 25, "", "binary-caches-parallel-connections"),
  http2: define("flag", true, ""),
  "id-count": define("size", 8388608, ""),
  "ignore-try": define("flag", false, ""),
  "impersonate-linux-26": define("flag", false, "", "build-impersonate-linux-26"),
  "max-substitution-jobs": define("size", 16, "", "substitution-max-jobs"),
  "nar-buffer-size": define("size", 33554432, ""),
  "narinfo-cache-meta-ttl": define("size", 604800, ""),
  "narinfo-cache-negative-ttl": define("size", 3600, ""),
  "narinfo-cache-positive-ttl": define("size", 2592000, ""),
  "plugin-files": define("words", [], ""),
  "preallocate-contents": define("flag", false, ""),
  "start-id": define("size", 872415232, ""),
  "sync-before-registering": define("flag", false, ""),
  "tarball-ttl": define("size", 3600, ""),
  "trust-tarballs-from-git-forges": define("flag", true, ""),
  "trusted-substituters": define("words", [], "", "trusted-binary-caches"),
  "trusted-users": define("words", ["root"], ""),
  "upgrade-nix-store-path-url": define("text", "", ""),
  "use-case-hack": define("flag", false, ""),
  "use-registries": define("flag", true, ""),
  "user-agent-suffix": define("text", "", ""),
  "warn-dirty": define("flag", true, ""),
  "warn-large-path-threshold": define("size", 0, ""),
} as const;

export const SETTINGS = { ...BUILDING, ...SANDBOX, ...STORE, ...EVALUATION, ...SHELLS, ...ACCEPTED } as const;

export type SettingName = keyof typeof SETTINGS;

export type SettingValue<Name extends SettingName> = Kinds[(typeof SETTINGS)[Name]["kind"]];

export type Settings = { readonly [Name in SettingName]: SettingValue<Name> };

const BY_SPELLING: ReadonlyMap<string, SettingName> = new Map(
  (Object.keys(SETTINGS) as SettingName[]).flatMap((name) =>
    [name, ...SETTINGS[name].aliases].map((spelling) => [spelling, name] as const),
  ),
);

/** The setting of a name or an alias. */
export function settingNamed(spelling: string): SettingName | undefined {
  return BY_SPELLING.get(spelling);
}

/** Whether it changes what copse does. */
export function hasEffect(name: SettingName): boolean {
  return !Object.hasOwn(ACCEPTED, name);
}
