/**
 * Python byte code for a package, as a tree of its own: nothing but `__pycache__` directories, at the places
 * where the interpreter looks for them next to the sources.
 *
 * The files are `unchecked-hash` ones (PEP 552): they hold the source's hash instead of its time, and are taken as
 * they are. That makes them the same on every machine, and starting Python spares a `stat` per module. One process
 * compiles a whole package: starting Python costs as much as compiling many files.
 */
import { mkdir } from "node:fs/promises";
import { byteStringFromText } from "#base";
import { readDirectory } from "./byte-path.ts";
import { BIND_DIRECTORY, BUILD_ENVIRONMENT, type RunInView, runOrThrow } from "./run-in-view.ts";
import { COPSE_DIRECTORY } from "./unpacking/deb-member-path.ts";

export interface CompileBytecodeOptions {
  /** Where the unpacked package really lies. */
  readonly packageTree: string;
  /** A directory that does not exist yet: becomes the tree of byte code. */
  readonly target: string;
  /** The interpreter's name in `/usr/bin`: `python3.11`. */
  readonly python: string;
  /** A view that has the interpreter. */
  readonly viewDir: string;
  readonly runInView: RunInView;
  readonly signal?: AbortSignal | undefined;
}

const PACKAGE = `${BIND_DIRECTORY}/package`;
const OUTPUT = `${BIND_DIRECTORY}/output`;

/**
 * Finds the sources that this interpreter would import and compiles them one by one. Sources that are not valid
 * for it, as templates and tests often are, are passed over.
 */
const COMPILE_SCRIPT = `
import sys
# The folder that this was started in.
del sys.path[0]
import os, py_compile, warnings
from importlib.util import cache_from_source
warnings.simplefilter("ignore")
package, output = sys.argv[1:3]
libraries = {"python3", "python%d.%d" % sys.version_info[:2]}
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
def wanted(parent, name):
    # A Debian package has its files below usr, an unpacked wheel has lib itself.
    if parent == "":
        return name in ("usr", "opt", "lib")
    if parent == "/usr/share":
        return name not in ("doc", "man", "locale")
    # Tests are a third of all code and never imported by a program; Python compiles them when they are run.
    if name in ("test", "tests", "__pycache__"):
        return False
    # Another interpreter's library is none of ours.
    return parent not in ("/usr/lib", "/lib") or not name.startswith("python") or name in libraries
for directory, subdirectories, names in os.walk(package):
    inside = directory[len(package):]
    subdirectories[:] = sorted(name for name in subdirectories if wanted(inside, name))
    for name in sorted(names):
        source = directory + "/" + name
        if not name.endswith(".py") or os.path.islink(source):
            continue
        seen = inside + "/" + name
        try:
            py_compile.compile(source, output + cache_from_source(seen), seen, True, 0, mode)
        except (py_compile.PyCompileError, ValueError, RecursionError, MemoryError):
            pass
`;

/** Whether a package has Python sources at all; most have none, and need no process to know that. */
export function hasPythonSources(packageTree: string): boolean {
  const visit = (path: string): boolean =>
    readDirectory(path).some((entry) => {
      if (entry.isDirectory()) return entry.name !== COPSE_DIRECTORY && visit(`${path}/${entry.name}`);
      return entry.isFile() && entry.name.endsWith(".py");
    });
  return visit(byteStringFromText(packageTree));
}

/** Writes the byte code of a package to `target`, which stays empty where there are no sources. */
export async function compileBytecode(options: CompileBytecodeOptions): Promise<void> {
  const { packageTree, target, python, viewDir, runInView, signal } = options;
  await mkdir(target, { mode: 0o755 });
  if (!hasPythonSources(packageTree)) return;
  await runOrThrow(runInView, viewDir, {
    // -S: no site-packages, of which the script needs none. Not -I, which would ignore the seed of hashes: before Python
    // 3.11, the order of a set in byte code follows from it.
    argv: [`/usr/bin/${python}`, "-s", "-S", "-X", "utf8", "-c", COMPILE_SCRIPT, PACKAGE, OUTPUT],
    env: { ...BUILD_ENVIRONMENT, PYTHONDONTWRITEBYTECODE: "1" },
    binds: [
      { source: packageTree, target: PACKAGE, isWritable: false },
      { source: target, target: OUTPUT, isWritable: true },
    ],
    signal,
  });
}
