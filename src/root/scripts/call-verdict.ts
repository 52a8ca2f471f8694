/**
 * What a call in a maintainer script means for a root: nothing, something that copse does by itself, a small effect
 * that is done in its place, or something that only running it would do.
 *
 * "Nothing" holds for what reads, prints or asks; for services, as none runs in a root; for owners and modes beyond
 * the one executable bit, as a store has neither; and for what is written below /run, /tmp and /var/log.
 */
import type { ByteString } from "#base";
import { isAccountCall } from "./account-calls.ts";
import type { ScriptCall } from "./script-call.ts";
import type { ScriptName } from "./script-name.ts";
import type { ScriptWorld } from "./shell/shell-conditions.ts";
import type { ScriptWord } from "./shell/shell-values.ts";

export type RootEffect =
  | { readonly kind: "directory"; readonly path: ByteString }
  | { readonly kind: "file"; readonly path: ByteString; readonly contents: ByteString }
  | { readonly kind: "link"; readonly path: ByteString; readonly target: ByteString }
  | { readonly kind: "copy"; readonly from: ByteString; readonly to: ByteString };

export type Verdict =
  | { readonly kind: "nothing" }
  /** A trigger of copse does it. */
  | { readonly kind: "native" }
  | { readonly kind: "effects"; readonly effects: readonly RootEffect[] }
  | { readonly kind: "unread" };

const NOTHING: Verdict = { kind: "nothing" };
const NATIVE: Verdict = { kind: "native" };
const UNREAD: Verdict = { kind: "unread" };

const READING = words(
  "awk basename cat cd cmp command comm cut date diff dirname dpkg-architecture dpkg-query dpkg-realpath",
  "echo egrep expr fgrep getent getopt grep gawk hash head hostname id ischroot locale logger ls mawk md5sum",
  "mktemp mountpoint nproc pgrep pidof printf pwd readlink realpath runlevel seq sha1sum sha256sum sleep sort",
  "stat sync tac tail tr trap tty type ucfq umask uname uniq wait wc which whoami zgrep",
);
const OF_SERVICES = words(
  "apparmor_parser dbus-send deb-systemd-helper deb-systemd-invoke depmod initctl invoke-rc.d journalctl kill",
  "killall modprobe pkill rc-service service start-stop-daemon sysctl systemctl systemd-tmpfiles telinit udevadm",
  "update-initramfs update-rc.d runit-helper update-inetd",
);
const OF_OWNERS = words("chgrp chmod chown dpkg-statoverride restorecon setcap setfacl");
const OF_TRIGGERS = words(
  "dpkg-trigger fc-cache gdk-pixbuf-query-loaders gio-querymodules glib-compile-schemas",
  "gtk-query-immodules-3.0 gtk-update-icon-cache install-info ldconfig libgvc6-config-update mandb py3clean",
  "py3compile pyclean pycompile pypy3clean pypy3compile systemd-sysusers update-ca-certificates",
  "update-desktop-database update-gsfontmap update-icon-caches update-info-dir update-mime-database",
  "update-shells add-shell remove-shell",
);
/** Menus, formats of foreign programs, lists of the X server's own fonts: for machines, not for roots. */
const OF_MACHINES = words(
  "update-binfmts update-fonts-alias update-fonts-dir update-fonts-scale update-menus update-mime update-pciids",
  "update-usbids selinux_compile_fcontexts semodule",
);
const OF_UPGRADES = words("dpkg-maintscript-helper");
/** What may be sourced: it sets variables and functions, and those are unknown then. */
const SOURCED =
  /^\/(?:usr\/share\/(?:debconf\/confmodule|dpkg\/)|etc\/(?:default\/|os-release$|lsb-release$)|usr\/lib\/os-release$)/;
const PASSING = /^\/(?:run|tmp|var\/run|var\/tmp|var\/log|var\/lock|dev|proc|sys)(?:\/|$)/;
const OF_ROOT = /^\/(?:etc|opt|srv|usr|var|bin|sbin|lib[^/]*)\//;

/** Names of a script's own functions, or of what it sources, that only print. */
const PRINTING = words("warning error info setup_colors badusage");

/** `scriptName`: before its package is unpacked, a `preinst` has nothing to tidy up but what older releases left. */
export function verdictOf(call: ScriptCall, world: ScriptWorld, scriptName: ScriptName): Verdict {
  const document = documentWritten(call, world);
  if (document) return document;
  if (!call.writes.every((path) => path !== undefined && PASSING.test(path))) return UNREAD;
  const [path, ...args] = call.words;
  if (call.words.length === 0) return NOTHING;
  if (path === undefined) return UNREAD;
  const program = path.slice(path.lastIndexOf("/") + 1);
  if (program.startsWith("db_")) return NOTHING;
  for (const known of [READING, OF_SERVICES, OF_OWNERS, OF_MACHINES, OF_UPGRADES, PRINTING])
    if (known.has(program)) return NOTHING;
  if (OF_TRIGGERS.has(program)) return NATIVE;
  if (/^python3\.[0-9]+$/.test(program) && args.some((arg) => arg?.endsWith("/py_compile.py"))) return NATIVE;
  if (scriptName === "preinst" && /^(?:rm|rmdir|mv)$/.test(program)) return NOTHING;
  if (isAccountCall(program)) return args.includes(undefined) ? UNREAD : NATIVE;
  const judge = JUDGES[program];
  return judge ? judge(args, { call, world }) : UNREAD;
}

/** `cat >/etc/hosts.allow <<EOF`. */
function documentWritten(call: ScriptCall, world: ScriptWorld): Verdict | undefined {
  const [path, ...more] = call.writes;
  if (call.words.length !== 1 || call.words[0] !== "cat" || call.input === undefined) return undefined;
  if (path === undefined || more.length > 0 || !call.isCertain) return undefined;
  if (!OF_ROOT.test(path) || path.includes("/../") || world.kindOf(path) !== undefined) return undefined;
  return { kind: "effects", effects: [{ kind: "file", path, contents: call.input }] };
}

interface CallContext {
  readonly call: ScriptCall;
  readonly world: ScriptWorld;
}

type Judge = (args: readonly ScriptWord[], context: CallContext) => Verdict;

const JUDGES: Readonly<Record<string, Judge>> = {
  ".": ([file]) => (file !== undefined && SOURCED.test(file) ? NOTHING : UNREAD),
  dpkg: ([option]) =>
    option !== undefined && /^(?:-[lLsSpWV]|--(?:compare|print|list|status|search|assert|valid))/.test(option)
      ? NOTHING
      : UNREAD,
  // Without `--rename` it moves no file: it only keeps dpkg's books.
  "dpkg-divert": (args) => {
    const isBookkeeping = !args.includes("--rename") || args.includes("--remove");
    return isBookkeeping ? NOTHING : args.includes(undefined) ? UNREAD : NATIVE;
  },
  sed: (args) =>
    args.some((arg) => arg === undefined || /^(?:-[a-z]*i|--in-place)/.test(arg)) ? inPlace(args) : NOTHING,
  find: (args) =>
    args.some((arg) => arg === undefined || /^-(?:delete|exec|ok|fprint|fls)/.test(arg)) ? UNREAD : NOTHING,
  "update-alternatives": updateAlternatives,
  ucf: (args) =>
    args.includes(undefined) || args.includes("--purge") || args.includes("-p") ? UNREAD : NATIVE,
  ucfr: () => NOTHING,
  "update-locale": () => NOTHING,
  mkdir: (args, context) =>
    effects(context, args, operands(args, ["-m", "--mode"]), (path) => ({ kind: "directory", path })),
  install: (args, context) =>
    args.includes("-d")
      ? effects(context, args, operands(args, ["-m", "-o", "-g"]), (path) => ({ kind: "directory", path }))
      : UNREAD,
  touch: (args, context) =>
    effects(context, args, operands(args, ["-d", "-r", "-t"]), (path) => ({
      kind: "file",
      path,
      contents: "",
    })),
  rm: removal,
  rmdir: removal,
  ln: linking,
  cp: copying,
};

/** A call that changes files in place harms nothing where they pass. */
function inPlace(args: readonly ScriptWord[]): Verdict {
  const last = args.at(-1);
  return last !== undefined && PASSING.test(last) ? NOTHING : UNREAD;
}

function updateAlternatives(args: readonly ScriptWord[]): Verdict {
  if (args.includes("--install")) return args.includes(undefined) ? UNREAD : NATIVE;
  const isSetting = args.some((arg) => arg === undefined || /^--(?:set|set-selections|config)$/.test(arg));
  return isSetting ? UNREAD : NOTHING;
}

/** The words that are no options nor belong to one of `withValue`. */
function operands(args: readonly ScriptWord[], withValue: readonly string[] = []): ScriptWord[] {
  const found: ScriptWord[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at];
    if (arg !== undefined && withValue.includes(arg)) at++;
    else if (arg === undefined || !arg.startsWith("-") || arg === "-") found.push(arg);
  }
  return found;
}

function effects(
  { call, world }: CallContext,
  args: readonly ScriptWord[],
  paths: readonly ScriptWord[],
  effect: (path: ByteString) => RootEffect,
): Verdict {
  const made: RootEffect[] = [];
  if (args.includes(undefined)) return UNREAD;
  for (const path of paths) {
    if (path === undefined || path.includes("*") || path.includes("/../")) return UNREAD;
    if (PASSING.test(path) || world.kindOf(path) !== undefined) continue;
    if (!OF_ROOT.test(path) || !call.isCertain) return UNREAD;
    made.push(effect(path));
  }
  return made.length === 0 ? NOTHING : { kind: "effects", effects: made };
}

/** What is not there need not be removed. */
function removal(args: readonly ScriptWord[], { world }: CallContext): Verdict {
  const isDone = operands(args).every(
    (path) => path !== undefined && (PASSING.test(path) || path.endsWith(".pyc") || isAbsent(path, world)),
  );
  return isDone ? NOTHING : UNREAD;
}

function isAbsent(path: ByteString, world: ScriptWorld): boolean {
  if (!path.startsWith("/")) return false;
  const pattern = path.search(/[*?[]/);
  if (pattern < 0) return world.kindOf(path) === undefined && !world.isLink(path);
  return world.kindOf(path.slice(0, path.lastIndexOf("/", pattern))) === undefined;
}

function linking(args: readonly ScriptWord[], { call, world }: CallContext): Verdict {
  const [target, path, ...more] = operands(args);
  const isSymbolic = args.some((arg) => arg !== undefined && /^(?:-[a-z]*s|--symbolic)/.test(arg));
  if (target === undefined || path === undefined || more.length > 0 || !isSymbolic) return UNREAD;
  if (PASSING.test(path)) return NOTHING;
  if (!call.isCertain || !OF_ROOT.test(path) || path.includes("/../") || path.endsWith("/")) return UNREAD;
  // Into a directory, or over something: what comes of that depends on more than is looked at here.
  if (world.kindOf(path) !== undefined || world.isLink(path)) return UNREAD;
  return { kind: "effects", effects: [{ kind: "link", path, target }] };
}

function copying(args: readonly ScriptWord[], { call, world }: CallContext): Verdict {
  const [from, to, ...more] = operands(args);
  if (from === undefined || to === undefined || more.length > 0) return UNREAD;
  if (PASSING.test(to)) return NOTHING;
  const isTemplate = from.startsWith("/usr/") && world.kindOf(from) === "file";
  if (!call.isCertain || !isTemplate || !OF_ROOT.test(to) || to.includes("/../") || to.endsWith("/"))
    return UNREAD;
  if (world.kindOf(to) !== undefined) return UNREAD;
  return { kind: "effects", effects: [{ kind: "copy", from, to }] };
}

function words(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.join(" ").split(" "));
}
