/**
 * Which variables of the caller's environment reach an environment, and why the others do not.
 *
 * A shell that conda, a virtual environment, ROS, an HPC module or a desktop has prepared is full of
 * variables that point programs to libraries of the host. Inside a root those are other versions of the same
 * libraries, and what comes of it is a crash far from its cause. So every variable by which a language or
 * the loader finds code is taken away or set to a harmless value. `pure` instead keeps only a short list.
 */

export interface NeutraliseOptions {
  /** Keep only what `nix-shell --pure` keeps. */
  readonly pure: boolean;
  /** Names that are kept whatever this file says. */
  readonly keep?: readonly string[];
  /** PATH inside. Default: the root's own directories. */
  readonly path?: string;
}

interface EnvironmentRule {
  /** A name, or a beginning of names if it ends in `*`. */
  readonly name: string;
  /** What it is set to; without, it is removed. */
  readonly value?: string;
  readonly reason: string;
}

export const environmentRules: readonly EnvironmentRule[] = [
  { name: "LD_PRELOAD", reason: "a library of the host, loaded into every program of the root" },
  { name: "LD_LIBRARY_PATH", reason: "goes before the root's own libraries" },
  { name: "LD_AUDIT", reason: "a library of the host, loaded into the loader" },
  { name: "GCONV_PATH", reason: "character set modules belong to one libc" },
  { name: "LOCPATH", reason: "compiled locales belong to one libc" },
  { name: "NLSPATH", reason: "message catalogues of the host" },
  { name: "PYTHONPATH", reason: "goes before the environment's own packages" },
  { name: "PYTHONHOME", reason: "makes Python take its standard library elsewhere" },
  { name: "PYTHONEXECUTABLE", reason: "makes Python take another prefix" },
  { name: "PYTHONPLATLIBDIR", reason: "changes where Python looks for its packages" },
  { name: "PYTHONUSERBASE", reason: "where pip install --user puts packages" },
  { name: "PYTHONPYCACHEPREFIX", reason: "byte code of the host's Python" },
  {
    name: "PYTHONNOUSERSITE",
    value: "1",
    reason: "~/.local/lib/python* goes before the environment's packages",
  },
  { name: "VIRTUAL_ENV*", reason: "tools look for packages in the virtual environment it names" },
  { name: "CONDA_*", reason: "tools take conda's prefix for theirs" },
  { name: "_CE_*", reason: "conda's own" },
  { name: "_CONDA_*", reason: "conda's own" },
  { name: "MAMBA_*", reason: "tools take mamba's prefix for theirs" },
  { name: "PIXI_*", reason: "tools take pixi's prefix for theirs" },
  { name: "PYENV_*", reason: "chooses a Python that is not the environment's" },
  { name: "R_HOME", reason: "another R's own files" },
  { name: "R_LIBS", reason: "R packages built for another R" },
  { name: "R_LIBS_SITE", reason: "R packages built for another R" },
  // Unset, R would take ~/R/...; a directory that is not there is left out of .libPaths().
  { name: "R_LIBS_USER", value: "/nonexistent/R", reason: "R packages in the home were built for another R" },
  // ~/.Renviron usually exists to set R_LIBS_USER. ~/.Rprofile and a project's .Rprofile stay: they are code
  // that somebody wrote to be run (renv is started there).
  { name: "R_ENVIRON_USER", value: "/dev/null", reason: "~/.Renviron could set R_LIBS_USER back" },
  { name: "R_ENVIRON", reason: "another R's settings" },
  { name: "R_PROFILE", reason: "another R's settings" },
  { name: "PERL5LIB", reason: "modules built for another Perl" },
  { name: "PERLLIB", reason: "modules built for another Perl" },
  { name: "PERL5OPT", reason: "loads modules into every Perl" },
  { name: "PERL_LOCAL_LIB_ROOT", reason: "modules built for another Perl" },
  { name: "RUBYLIB", reason: "goes before Ruby's own library" },
  { name: "RUBYOPT", reason: "loads code into every Ruby" },
  { name: "GEM_*", reason: "gems built for another Ruby" },
  { name: "BUNDLE_*", reason: "gems built for another Ruby" },
  { name: "NODE_PATH", reason: "goes before the environment's modules" },
  { name: "NODE_OPTIONS", reason: "may load code into every Node" },
  { name: "LUA_PATH*", reason: "modules of another Lua" },
  { name: "LUA_CPATH*", reason: "modules of another Lua" },
  { name: "JULIA_LOAD_PATH", reason: "packages of another Julia" },
  { name: "OCTAVE_PATH", reason: "functions of another Octave" },
  { name: "TCLLIBPATH", reason: "packages of another Tcl" },
  { name: "GUILE_LOAD_*", reason: "modules of another Guile" },
  { name: "CLASSPATH", reason: "goes before a Java program's own classes" },
  { name: "JAVA_HOME", reason: "another Java" },
  { name: "JAVA_TOOL_OPTIONS", reason: "may load agents into every Java program" },
  { name: "_JAVA_OPTIONS", reason: "may load agents into every Java program" },
  { name: "GTK_PATH*", reason: "modules are loaded into the process" },
  { name: "GTK_MODULES", reason: "modules are loaded into the process" },
  { name: "GTK_EXE_PREFIX", reason: "another GTK" },
  { name: "GTK_DATA_PREFIX", reason: "another GTK" },
  { name: "GTK_IM_MODULE_FILE", reason: "modules are loaded into the process" },
  { name: "GDK_PIXBUF_MODULE_FILE", reason: "image loaders are loaded into the process" },
  { name: "GDK_PIXBUF_MODULEDIR", reason: "image loaders are loaded into the process" },
  { name: "GIO_MODULE_DIR", reason: "modules are loaded into the process" },
  { name: "GIO_EXTRA_MODULES", reason: "modules are loaded into the process" },
  { name: "GI_TYPELIB_PATH", reason: "interfaces of the host's libraries" },
  { name: "GSETTINGS_SCHEMA_DIR", reason: "schemas of the host's libraries" },
  { name: "QT_PLUGIN_PATH", reason: "plugins are loaded into the process" },
  { name: "QT_QPA_PLATFORM_PLUGIN_PATH", reason: "plugins are loaded into the process" },
  { name: "QML_IMPORT_PATH", reason: "plugins are loaded into the process" },
  { name: "QML2_IMPORT_PATH", reason: "plugins are loaded into the process" },
  { name: "GST_PLUGIN_*", reason: "plugins are loaded into the process" },
  { name: "LIBGL_DRIVERS_PATH", reason: "drivers are loaded into the process" },
  { name: "VTK_DIR", reason: "makes CMake take the host's library" },
  { name: "ITK_DIR", reason: "makes CMake take the host's library" },
  { name: "CMAKE_PREFIX_PATH", reason: "makes CMake take the host's libraries" },
  { name: "PKG_CONFIG_PATH", reason: "makes builds take the host's libraries" },
  { name: "PKG_CONFIG_LIBDIR", reason: "makes builds take the host's libraries" },
  { name: "CPATH", reason: "headers of the host's libraries" },
  { name: "C_INCLUDE_PATH", reason: "headers of the host's libraries" },
  { name: "CPLUS_INCLUDE_PATH", reason: "headers of the host's libraries" },
  { name: "LIBRARY_PATH", reason: "makes the linker take the host's libraries" },
  { name: "LD_RUN_PATH", reason: "is written into what is linked" },
  { name: "ACLOCAL_PATH", reason: "macros of the host" },
  { name: "MANPATH", reason: "manual pages of other versions" },
  { name: "INFOPATH", reason: "manuals of other versions" },
  { name: "BASH_ENV", reason: "is run by every bash script" },
  { name: "ENV", reason: "is run by every interactive sh" },
  { name: "TERMINFO", reason: "terminal descriptions of another place" },
];

/** Kept by nix-shell --pure, and what X programs need besides. */
const pureNames = new Set([
  ...[
    "HOME",
    "XDG_RUNTIME_DIR",
    "USER",
    "LOGNAME",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "WAYLAND_SOCKET",
    "XAUTHORITY",
  ],
  ...[
    "TERM",
    "COLORTERM",
    "IN_NIX_SHELL",
    "NIX_SHELL_PRESERVE_PROMPT",
    "NIX_BUILD_SHELL",
    "TZ",
    "PAGER",
    "SHLVL",
  ],
  ...["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"],
]);

const rootPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games:/usr/local/sbin:/usr/sbin:/sbin";

const byName = new Map(
  environmentRules.filter((rule) => !rule.name.endsWith("*")).map((rule) => [rule.name, rule]),
);
const byPrefix = environmentRules.filter((rule) => rule.name.endsWith("*"));

/** Why a variable does not reach the environment; undefined if it does. */
export function environmentRule(name: string): EnvironmentRule | undefined {
  return byName.get(name) ?? byPrefix.find((rule) => name.startsWith(rule.name.slice(0, -1)));
}

/** A new environment; the one that is given stays as it is. */
export function neutraliseEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  options: NeutraliseOptions,
): Record<string, string> {
  const keep = new Set(options.keep);
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    const kept = options.pure ? pureNames.has(name) : environmentRule(name) === undefined;
    if (kept || keep.has(name)) result[name] = value;
  }
  for (const { name, value } of environmentRules) {
    if (value !== undefined && !keep.has(name)) result[name] = value;
  }
  if (!keep.has("PATH") || result["PATH"] === undefined) result["PATH"] = options.path ?? rootPath;
  return result;
}
