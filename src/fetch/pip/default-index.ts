/**
 * The index that pip asks when nobody has configured one: it is written in pip itself, so it is read from there.
 *
 * First the file of a pip that lies where Debian, a virtual environment or a Python on the PATH has it, which takes a
 * millisecond. Else (pyenv's shims, pip inside of a wheel) a Python on the PATH is asked, once: its answer is kept in the
 * cache directory for as long as that program stays the same.
 */
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { PipEnvironment } from "./config-files.ts";

export interface DefaultIndexOptions {
  readonly env: PipEnvironment;
  readonly cacheDir: string;
  /** Stands for `/` where a pip is looked for. */
  readonly root?: string | undefined;
}

/** The URL, or undefined where no pip is found. */
export function pipDefaultIndex(options: DefaultIndexOptions): string | undefined {
  for (const folder of packageFolders(options)) {
    const url = indexInSource(readText(join(folder, "pip/_internal/models/index.py")));
    if (url !== undefined) return url;
  }
  return askPython(options);
}

/** What `pip/_internal/models/index.py` says of the index that it is named for. */
export function indexInSource(source: string | undefined): string | undefined {
  const address = /^PyPI = PackageIndex\(\s*["']([^"']+)["']/m.exec(source ?? "")?.[1];
  return address === undefined ? undefined : URL.parse("simple", address)?.href;
}

/** Folders in which Pythons of this machine have their packages. */
function packageFolders({ env, root = "/" }: DefaultIndexOptions): string[] {
  const prefixes = [env["VIRTUAL_ENV"] ?? "", ...programs(env, root).map((file) => dirname(dirname(file)))];
  const folders = prefixes
    .filter((prefix) => prefix !== "")
    .flatMap((prefix) => [
      ...pythonFolders(join(prefix, "lib")).map((folder) => join(folder, "site-packages")),
      ...pythonFolders(join(prefix, "local/lib")).map((folder) => join(folder, "dist-packages")),
    ]);
  const local = pythonFolders(join(root, "usr/local/lib")).flatMap((folder) => [
    join(folder, "dist-packages"),
    join(folder, "site-packages"),
  ]);
  return [...folders, ...local, join(root, "usr/lib/python3/dist-packages")];
}

function pythonFolders(lib: string): string[] {
  try {
    return readdirSync(lib)
      .filter((name) => /^python3\.\d+$/.test(name))
      .sort((a, b) => Number(b.slice(8)) - Number(a.slice(8)))
      .map((name) => join(lib, name));
  } catch {
    return [];
  }
}

/** Programs named python3 on the PATH, links followed. Another root has no PATH of its own. */
function programs(env: PipEnvironment, root: string): string[] {
  if (root !== "/") return [];
  const found = (env["PATH"] ?? "").split(delimiter).flatMap((folder) => {
    try {
      return folder.startsWith("/") ? [realpathSync(join(folder, "python3"))] : [];
    } catch {
      return [];
    }
  });
  return [...new Set(found)];
}

const QUESTION = `
import sys, glob, os
def ask():
    from pip._internal.models.index import PyPI
    print(PyPI.simple_url)
try:
    ask()
except ImportError:
    try:
        import ensurepip
        bundled = glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl"))
    except ImportError:
        bundled = []
    for wheel in sorted(bundled + glob.glob("/usr/share/python-wheels/pip-*.whl")):
        sys.path.insert(0, wheel)
    ask()
`;

function askPython({ env, cacheDir, root = "/" }: DefaultIndexOptions): string | undefined {
  const kept = join(cacheDir, "python", "default-index.json");
  for (const program of programs(env, root)) {
    const info = statSync(program);
    const stamp = `${program} ${info.mtimeMs} ${info.size} ${env["PYENV_VERSION"] ?? ""}`;
    const before = readAnswer(kept);
    if (before?.stamp === stamp) return before.url;
    const run = spawnSync(program, ["-c", QUESTION], {
      encoding: "utf8",
      timeout: 20_000,
      maxBuffer: 65_536,
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...env, PYTHONWARNINGS: "ignore" },
    });
    const url = run.status === 0 ? URL.parse(run.stdout.trim())?.href : undefined;
    if (url === undefined) continue;
    keepAnswer(kept, { stamp, url });
    return url;
  }
  return undefined;
}

interface Answer {
  readonly stamp: string;
  readonly url: string;
}

function readAnswer(file: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(readText(file) ?? "null");
    if (typeof value !== "object" || value === null || !("stamp" in value) || !("url" in value))
      return undefined;
    const { stamp, url } = value;
    return typeof stamp === "string" && typeof url === "string" && URL.canParse(url)
      ? { stamp, url }
      : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written costs time, and nothing else. */
function keepAnswer(file: string, answer: Answer): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(answer));
    renameSync(`${file}.${process.pid}`, file);
  } catch {}
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
