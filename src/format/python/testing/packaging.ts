/**
 * For tests: Python's `packaging`, the library that pip and most other tools use, as a judge.
 *
 * The interpreter is $COPSE_PYTHON_PACKAGING, or python3. It must be a packaging that takes specifiers for intervals and
 * gives text in markers no order; older ones differ in corners (`>1.0.dev1` and `1.0+local`). All questions of one task go
 * to one process.
 */
import { spawnSync } from "node:child_process";

const WANTED = [26, 3] as const;

const PROGRAM = `
import json, sys
from packaging.version import Version, InvalidVersion
from packaging.specifiers import SpecifierSet, InvalidSpecifier
from packaging.requirements import Requirement, InvalidRequirement
from packaging.markers import Marker, InvalidMarker, UndefinedComparison, UndefinedEnvironmentName
from packaging import tags, utils, metadata, _manylinux, _musllinux

def canonical_tags(python, abis, platforms):
    found = list(tags.cpython_tags(python, abis, platforms))
    found += tags.compatible_tags(python, "cp%d%d" % tuple(python), platforms)
    return [str(tag) for tag in found]

def version(text):
    try: v = Version(text)
    except (InvalidVersion, ValueError): return None
    return [str(v), v.is_prerelease, v.public, v.base_version]

def compare(pair):
    a, b = map(Version, pair)
    return (a > b) - (a < b)

def contains(pair):
    try: s = SpecifierSet(pair[0])
    except InvalidSpecifier: return None
    v = Version(pair[1])
    return [s.contains(v), s.contains(v, prereleases=False), s.prereleases is True, str(s)]

def requirement(text):
    try: r = Requirement(text)
    except InvalidRequirement: return None
    extras = sorted({utils.canonicalize_name(e) for e in r.extras})
    return [utils.canonicalize_name(r.name), extras, str(r.specifier), r.url, r.marker is not None]

def marker(question):
    text, environment, extra = question
    try: m = Marker(text)
    except InvalidMarker: return None
    try: return m.evaluate({**environment, "extra": extra})
    except (UndefinedComparison, UndefinedEnvironmentName): return "undefined"

def linux(question):
    python, arch, libc, release, threaded = question
    _manylinux._get_glibc_version = lambda: tuple(release) if libc == "glibc" else (-1, -1)
    _manylinux._have_compatible_abi = lambda executable, archs: True
    _musllinux._get_musl_version = lambda executable: _musllinux._MuslVersion(*release) if libc == "musl" else None
    tags.sysconfig.get_platform = lambda: "linux-" + arch
    _manylinux._get_glibc_version()
    class GLibC(tuple):
        major = property(lambda self: self[0]); minor = property(lambda self: self[1])
    if libc == "musl": _manylinux._have_compatible_abi = lambda executable, archs: False
    platforms = list(tags._linux_platforms(is_32bit=False))
    return canonical_tags(python, ["cp%d%d%s" % (*python, "t" if threaded else "")], platforms)

def wheel(name):
    try: n, v, b, t = utils.parse_wheel_filename(name)
    except utils.InvalidWheelFilename: return None
    return [n, str(v), [str(b[0]), b[1]] if b else None, sorted(map(str, t))]

def sdist(name):
    try: n, v = utils.parse_sdist_filename(name)
    except utils.InvalidSdistFilename: return None
    return [n, str(v)]

task = globals()[sys.argv[1]]
json.dump([task(item) for item in json.load(sys.stdin)], sys.stdout)
`;

export type PackagingTask =
  | "version"
  | "compare"
  | "contains"
  | "requirement"
  | "marker"
  | "linux"
  | "wheel"
  | "sdist";

type Finding =
  | { readonly ask: (task: PackagingTask, items: readonly unknown[]) => unknown[]; readonly reason: false }
  | { readonly ask: undefined; readonly reason: string };

/** `reason` is for `test(..., { skip: reason })`. */
export function findPackaging(): Finding {
  const python = process.env["COPSE_PYTHON_PACKAGING"] || "python3";
  const probe = spawnSync(python, ["-c", "import packaging; print(packaging.__version__)"]);
  if (probe.status !== 0) return { ask: undefined, reason: `${python} has no packaging` };
  const [major = 0, minor = 0] = probe.stdout.toString().split(".").map(Number);
  if (major < WANTED[0] || (major === WANTED[0] && minor < WANTED[1]))
    return { ask: undefined, reason: `packaging of ${python} is older than ${WANTED.join(".")}` };
  return { ask: (task, items) => ask(python, task, items), reason: false };
}

function ask(python: string, task: PackagingTask, items: readonly unknown[]): unknown[] {
  const result = spawnSync(python, ["-W", "ignore", "-c", PROGRAM, task], {
    input: JSON.stringify(items),
    maxBuffer: 1 << 30,
  });
  if (result.status !== 0) throw new Error(`packaging: ${result.stderr?.toString() ?? result.error}`);
  return JSON.parse(result.stdout.toString()) as unknown[];
}
