/**
 * Ways into a root that leave a process in between: setuid or otherwise privileged bwrap, and a tracer (proot) that
 * needs nothing but ptrace(2). Both are run by supervise.pl, which passes signals on and ends as the command does.
 *
 * perl, and the tracer, run straight from where they were unpacked: through the loader of a root, which is told
 * where the libraries are. So nothing of it needs to be installed on the machine, or to be of one age with it.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CopseError, installedPath } from "#base";
import type { EntryPlan, EntrySpec } from "../entry.ts";
import { findHostProgram } from "../host-programs.ts";
import { readProcessStatus } from "../process-status.ts";
import { type EntryLayout, layOutEntry } from "./entry-binds.ts";
import type { Tracer } from "./tracer.ts";

export interface SupervisedOptions {
  /** For what is written down about root and user. */
  readonly scratch: string;
  /** Where the tracer unpacks its loader: programs in it must be executable. */
  readonly temporary: string;
}

/** What the shell in between does: says who it is and how the command ended, and no remarks about signals. */
const INNER =
  "echo $$ >&9; exec 8>&2 2> /dev/null; trap : INT QUIT TERM HUP USR1 USR2; " +
  '"$@" 2>&8 8>&- 9>&-; code=$?; echo $code >&9; exit $code';

/** Into the root by bwrap, which this machine gives the right to. */
export function planBubblewrap(spec: EntrySpec, options: SupervisedOptions): EntryPlan {
  const layout = layOutEntry(spec, options.scratch);
  const binds = layout.binds.flatMap(({ source, target, isWritable }) =>
    isWritable ? ["--dev-bind", source, target] : ["--ro-bind", source, target],
  );
  const links = layout.links.flatMap(({ target, text }) => ["--symlink", text, target]);
  const bwrap = [findHostProgram("bwrap"), ...links, ...binds, "--chdir", spec.cwd, "--"];
  return supervise(spec, { personality: "plain", words: bwrap });
}

/** Into the root by a tracer, which turns every path that a program names into the one that it means here. */
export function planTraced(
  spec: EntrySpec,
  options: SupervisedOptions & { readonly tracer: Tracer },
): EntryPlan {
  return planTracedIn(spec, {
    ...options,
    layout: layOutEntry(spec, options.scratch),
    personality: "traced",
  });
}

/** The same with mounts of one's own. `build`: what is still running when the command ends is ended, too. */
export function planTracedIn(
  spec: Pick<EntrySpec, "viewDir" | "cwd" | "env" | "argv">,
  options: Omit<SupervisedOptions, "scratch"> & {
    readonly tracer: Tracer;
    readonly layout: EntryLayout;
    readonly personality: "traced" | "build";
  },
): EntryPlan {
  const { tracer, temporary, layout, personality } = options;
  const binds = layout.binds.flatMap(({ source, target }) => ["-b", `${checked(source)}:${checked(target)}`]);
  const loader = loaderOf(spec.viewDir, tracer.libraries);
  const proot = [...loader, tracer.proot, "-v", "-1", "-r", spec.viewDir, ...binds, "-w", spec.cwd];
  return supervise(spec, { personality, words: proot, env: { PROOT_TMP_DIR: temporary } });
}

/** The tracer's own syntax leaves no room for it. */
function checked(path: string): string {
  if (!path.includes(":")) return path;
  throw new CopseError("sandbox-path", `A path with a colon cannot be shown by the tracer: \`${path}\``);
}

/**
 * Root may write to what is read-only for everybody else, a view and with it the store included, and a tracer has no
 * read-only mounts: so root goes without that power there.
 */
function withoutOverride(personality: string): string[] {
  const status = readProcessStatus();
  const canDrop = status.uid === 0 && ((status.capabilities >> 8n) & 1n) === 1n;
  if (personality === "plain" || !canDrop) return [];
  return [findHostProgram("setpriv"), "--bounding-set=-dac_override", "--inh-caps=-dac_override", "--"];
}

function supervise(
  spec: Pick<EntrySpec, "viewDir" | "env" | "argv">,
  way: {
    readonly personality: "plain" | "traced" | "build";
    readonly words: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  },
): EntryPlan {
  const [file, ...loader] = loaderOf(spec.viewDir, []) as [string, ...string[]];
  const { COPSE_STACK_LIMIT: _, ...env } = spec.env;
  const perl = [join(spec.viewDir, "usr/bin/perl"), installedPath("src/sandbox/fallback/supervise.pl")];
  // Variables by which loaders find libraries are for the command alone.
  const late = Object.entries(env).filter(([name]) => /^(LD_|PERL|BASH_ENV$|ENV$|PROOT_)/.test(name));
  const early = Object.entries(env).filter(([name]) => !/^(LD_|PERL|BASH_ENV$|ENV$|PROOT_)/.test(name));
  const command = [
    ...["/bin/sh", "-c", INNER, "sh", "/usr/bin/env"],
    ...Object.keys(way.env ?? {}).map((name) => `--unset=${name}`),
    ...late.map(([name, value]) => `${name}=${value}`),
    ...spec.argv,
  ];
  const words = [
    ...withoutOverride(way.personality),
    file,
    ...loader,
    ...perl,
    way.personality,
    ...way.words,
    ...command,
  ];
  return {
    file: words[0] as string,
    args: words,
    env: { ...Object.fromEntries(early), ...way.env },
  };
}

/**
 * The words that start a program of the view outside of it. The loader is named where it really lies: the link that
 * programs name leads, seen from outside, to the host's. CopseError "sandbox-root-missing".
 */
function loaderOf(viewDir: string, libraries: readonly string[]): string[] {
  for (const triplet of ["x86_64-linux-gnu", "aarch64-linux-gnu"]) {
    const place = join(viewDir, "usr/lib", triplet);
    if (!existsSync(place)) continue;
    const loader = readdirSync(place).find((name) => /^ld-linux-.*\.so\.\d$/.test(name));
    if (loader) return [join(place, loader), "--library-path", [...libraries, place].join(":")];
  }
  throw new CopseError("sandbox-root-missing", `The root has no loader: \`${viewDir}\``);
}
