/**
 * Triggers that need a program of the root itself: indexes and caches whose formats belong to that program. Each
 * runs in a view of the packages with what the other triggers made; what it writes is taken into the delta.
 *
 * None of them may bring in the time, the machine or the order of a directory: SOURCE_DATE_EPOCH is set, lists
 * are given in order, and files in views have the time 1.
 */
import type { ByteString } from "#base";
import type { RootContext } from "../compose/root-context.ts";
import { CERTIFICATES, certificateLinks } from "./certificates.ts";
import { parseLocale } from "./locales.ts";

/** A run of one program, with one writable directory. */
export interface ToolRun {
  readonly argv: readonly string[];
  /** Where the writable directory appears in the view. */
  readonly outputAt: string;
  /** Packages' files that must be in the writable directory when the program starts: name there, path. */
  readonly inputs?: ReadonlyMap<ByteString, ByteString>;
  /** Links that must be there, and are not taken into the delta again. */
  readonly links?: ReadonlyMap<ByteString, ByteString>;
  /** Takes a file that the program has written; the ones that it refuses are dropped. */
  readonly accept: (name: ByteString) => ByteString | undefined;
  /** Where the program's standard output goes, if that is what it makes. */
  readonly stdoutTo?: ByteString;
}

type ToolTrigger = (root: RootContext) => readonly ToolRun[];

const OUTPUT = "/copse/output";

/** All runs that a root needs. They do not depend on one another. */
export function planToolRuns(root: RootContext): ToolRun[] {
  return TRIGGERS.flatMap((trigger) => trigger(root));
}

const TRIGGERS: readonly ToolTrigger[] = [
  libraryCache,
  fontCache,
  certificateHashes,
  settingsSchemas,
  ioModules,
  imageLoaders,
  inputMethods,
  mimeDatabase,
  graphvizPlugins,
  locales,
  desktopDatabase,
  iconCaches,
];

/** `-X`: packages bring their libraries' links themselves. */
function libraryCache({ tree }: RootContext): ToolRun[] {
  if (!tree.lookup("/usr/sbin/ldconfig")) return [];
  const argv = ["/usr/sbin/ldconfig", "-X", "-C", `${OUTPUT}/ld.so.cache`];
  const accept = (name: ByteString) => (name === "ld.so.cache" ? "/etc/ld.so.cache" : undefined);
  return [{ argv, outputAt: OUTPUT, accept }];
}

function fontCache({ tree }: RootContext): ToolRun[] {
  if (!tree.lookup("/usr/bin/fc-cache")) return [];
  const directory = "/var/cache/fontconfig";
  const argv = ["/usr/bin/fc-cache", "--system-only", "--force"];
  return [{ argv, outputAt: directory, accept: (name) => `${directory}/${name}` }];
}

function certificateHashes(root: RootContext): ToolRun[] {
  const links = certificateLinks(root);
  if (links.size === 0 || !root.tree.lookup("/usr/bin/openssl")) return [];
  const accept = (name: ByteString) => (links.has(name) ? undefined : `${CERTIFICATES}/${name}`);
  return [{ argv: ["/usr/bin/openssl", "rehash", OUTPUT], outputAt: OUTPUT, links, accept }];
}

function settingsSchemas({ tree }: RootContext): ToolRun[] {
  const directory = "/usr/share/glib-2.0/schemas";
  if (!tree.list(directory).some((name) => name.endsWith(".xml"))) return [];
  return inEachLibraryDirectory(tree, "glib-2.0/glib-compile-schemas").map(({ program }) => ({
    argv: [program, `--targetdir=${OUTPUT}`, directory],
    outputAt: OUTPUT,
    accept: (name) => `${directory}/${name}`,
  }));
}

function ioModules({ tree }: RootContext): ToolRun[] {
  return inEachLibraryDirectory(tree, "glib-2.0/gio-querymodules").flatMap(({ program, library }) => {
    const directory = `${library}/gio/modules`;
    const modules = tree.list(directory).filter((name) => name.endsWith(".so"));
    if (modules.length === 0) return [];
    const inputs = new Map(modules.map((name) => [name, `${directory}/${name}`]));
    const accept = (name: ByteString) => (inputs.has(name) ? undefined : `${directory}/${name}`);
    return [{ argv: [program, OUTPUT], outputAt: OUTPUT, inputs, accept }];
  });
}

function imageLoaders({ tree }: RootContext): ToolRun[] {
  return inEachLibraryDirectory(tree, "gdk-pixbuf-2.0/gdk-pixbuf-query-loaders").map(
    ({ program, library }) => {
      const directory = `${library}/gdk-pixbuf-2.0/2.10.0`;
      const loaders = tree.list(`${directory}/loaders`).filter((name) => name.endsWith(".so"));
      const argv = [program, ...loaders.map((name) => `${directory}/loaders/${name}`)];
      return { argv, outputAt: OUTPUT, accept: () => undefined, stdoutTo: `${directory}/loaders.cache` };
    },
  );
}

function inputMethods({ tree }: RootContext): ToolRun[] {
  return inEachLibraryDirectory(tree, "libgtk-3-0/gtk-query-immodules-3.0").map(({ program, library }) => {
    const directory = `${library}/gtk-3.0/3.0.0`;
    const modules = tree.list(`${directory}/immodules`).filter((name) => name.endsWith(".so"));
    const argv = [program, ...modules.map((name) => `${directory}/immodules/${name}`)];
    return { argv, outputAt: OUTPUT, accept: () => undefined, stdoutTo: `${directory}/immodules.cache` };
  });
}

function mimeDatabase({ tree }: RootContext): ToolRun[] {
  const directory = "/usr/share/mime";
  const packages = tree.list(`${directory}/packages`);
  if (packages.length === 0 || !tree.lookup("/usr/bin/update-mime-database")) return [];
  const inputs = new Map(packages.map((name) => [`packages/${name}`, `${directory}/packages/${name}`]));
  const accept = (name: ByteString) => (name.startsWith("packages/") ? undefined : `${directory}/${name}`);
  return [{ argv: ["/usr/bin/update-mime-database", directory], outputAt: directory, inputs, accept }];
}

/** Its list of plugins lies among them, and is made in place. */
function graphvizPlugins({ tree }: RootContext): ToolRun[] {
  const program = "/usr/sbin/libgvc6-config-update";
  if (!tree.lookup(program)) return [];
  return libraryDirectories(tree).flatMap((library) => {
    const directory = `${library}/graphviz`;
    const plugins = tree
      .list(directory)
      .filter((name) => tree.lookup(`${directory}/${name}`)?.kind === "file");
    if (plugins.length === 0) return [];
    const inputs = new Map(plugins.map((name) => [name, `${directory}/${name}`]));
    const accept = (name: ByteString) => (/^config[0-9]+a?$/.test(name) ? `${directory}/${name}` : undefined);
    return [{ argv: [program, "-c"], outputAt: directory, inputs, accept }];
  });
}

/** Each locale a directory of its own, as `localedef --no-archive` makes them: an archive would hold them in order of making. */
function locales(root: RootContext): ToolRun[] {
  const program = "/usr/bin/localedef";
  if (!root.tree.lookup(program) || !root.tree.lookup("/usr/share/i18n/locales")) return [];
  return root.locales.map((line) => {
    const { input, charmap, directory } = parseLocale(line);
    const argv = [program, "--no-archive", "-i", input, "-f", charmap, `${OUTPUT}/${directory}`];
    return { argv, outputAt: OUTPUT, accept: (name) => `/usr/lib/locale/${name}` };
  });
}

/** `update-desktop-database`: which program opens what. */
function desktopDatabase({ tree }: RootContext): ToolRun[] {
  const directory = "/usr/share/applications";
  const entries = tree.list(directory).filter((name) => name.endsWith(".desktop"));
  if (entries.length === 0 || !tree.lookup("/usr/bin/update-desktop-database")) return [];
  const inputs = new Map(entries.map((name) => [name, `${directory}/${name}`]));
  const accept = (name: ByteString) => (name === "mimeinfo.cache" ? `${directory}/${name}` : undefined);
  return [
    { argv: ["/usr/bin/update-desktop-database", "-q", directory], outputAt: directory, inputs, accept },
  ];
}

/** A cache of each theme of icons. Views have one time for all, so that it is never older than its theme. */
function iconCaches({ tree }: RootContext): ToolRun[] {
  const program = "/usr/bin/gtk-update-icon-cache";
  if (!tree.lookup(program)) return [];
  const themes = tree
    .list("/usr/share/icons")
    .filter((name) => tree.lookup(`/usr/share/icons/${name}/index.theme`));
  return themes.map((theme) => {
    const directory = `/usr/share/icons/${theme}`;
    const inputs = new Map(filesBelow(tree, directory).map((name) => [name, `${directory}/${name}`]));
    const accept = (name: ByteString) => (name === "icon-theme.cache" ? `${directory}/${name}` : undefined);
    return { argv: [program, "--force", "--quiet", directory], outputAt: directory, inputs, accept };
  });
}

function filesBelow(tree: RootContext["tree"], directory: ByteString, prefix = ""): ByteString[] {
  return tree.list(directory).flatMap((name) => {
    const path = `${directory}/${name}`;
    if (tree.lookup(path)?.kind === "directory") return filesBelow(tree, path, `${prefix}${name}/`);
    return [prefix + name];
  });
}

/** A program that lies in the library directory of an architecture: `/usr/lib/x86_64-linux-gnu/…`. */
function inEachLibraryDirectory(
  tree: RootContext["tree"],
  program: string,
): { readonly library: string; readonly program: string }[] {
  return libraryDirectories(tree)
    .map((library) => ({ library, program: `${library}/${program}` }))
    .filter((found) => tree.lookup(found.program)?.kind === "file");
}

function libraryDirectories(tree: RootContext["tree"]): string[] {
  const names = tree.list("/usr/lib").filter((name) => /^[a-z0-9_]+-linux-gnu/.test(name));
  return names.map((name) => `/usr/lib/${name}`);
}
