"""A step of building a Python project by its own build backend (PEP 517), inside the sandbox.

    build-sdist.py unpack     the archive $sdist as a folder, $out
    build-sdist.py requires   what the backend wants beyond pyproject.toml, as JSON, in $out
    build-sdist.py metadata   METADATA and entry_points.txt, in the folder $out
    build-sdist.py wheel [FOLDER]   the wheel, in the folder $out, or in an existing one
    build-sdist.py check      runs $command, and makes $out, an empty folder, if it succeeds

Sources are $source, copied; without it they are the current folder, as stdenv's phases have left it.

The interpreter is that of an environment with the build requirements, so the backend is loaded into this process. What it prints is for the
log: hooks return values, and standard output is not theirs.
"""

import sys

if not sys.flags.isolated:
    # The script's own folder.
    del sys.path[0]

import importlib
import json
import os
import shutil
import stat
import subprocess
import tarfile
import tempfile
import zipfile

OUT = os.environ["out"]
# 1980 in UTC: zip knows no time before, and files of the store are of 1970.
BEGINNING_OF_ZIP = 315532800
METADATA_FILES = ("METADATA", "entry_points.txt")


def main(step):
    if step == "unpack":
        unpack(os.environ["sdist"], os.environ["sdistName"])
        return
    if "source" in os.environ:
        prepare(step)
    if step == "check":
        run_tests(os.environ["command"])
        return
    settings = json.loads(os.environ.get("configSettings", "{}")) or None
    backend = load_backend(json.loads(os.environ["buildSystem"]), os.getcwd())
    STEPS[step](backend, settings)


def prepare(step):
    os.environ["PATH"] = os.path.dirname(sys.executable) + ":/usr/local/bin:/usr/bin:/bin"
    os.environ.setdefault("HOME", os.path.join(os.getcwd(), "home"))
    os.environ["SOURCE_DATE_EPOCH"] = str(BEGINNING_OF_ZIP)
    source = os.path.join(os.getcwd(), "source")
    shutil.copytree(os.environ["source"], source, symlinks=True)
    for folder, folders, files in os.walk(source):
        for name in folders + files:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                os.chmod(path, os.stat(path).st_mode | stat.S_IWUSR)
                os.utime(path, (BEGINNING_OF_ZIP, BEGINNING_OF_ZIP))
    os.chmod(source, 0o755)
    os.chdir(os.path.join(source, os.environ.get("subdirectory", "")))
    os.umask(0o022)
    for one in os.environ.get("inputs", "").split():
        add_input(one)
    if step == "wheel" and os.environ.get("preBuild"):
        run_hook(os.environ["preBuild"])


def add_input(folder):
    """A folder of the store beside the root: its programs, headers and libraries are found, the latter at run time, too."""
    found = [
        ("PATH", ":", folder + "/bin"),
        ("CPATH", ":", folder + "/include"),
        ("LIBRARY_PATH", ":", folder + "/lib"),
        ("PKG_CONFIG_PATH", ":", folder + "/lib/pkgconfig"),
        ("PKG_CONFIG_PATH", ":", folder + "/share/pkgconfig"),
    ]
    if os.path.isdir(folder + "/lib"):
        found.append(("LDFLAGS", " ", "-Wl,-rpath," + folder + "/lib"))
    for name, separator, value in found:
        if name == "LDFLAGS" or os.path.isdir(value):
            os.environ[name] = separator.join(filter(None, [value, os.environ.get(name)]))


def run_hook(code):
    """Shell code before the backend is called, in the sources; what it exports holds for the backend."""
    kept = os.path.join(os.path.dirname(os.getcwd()), "exported")
    shell = 'eval "$1"; env -0 >"$2"'
    subprocess.run(["/bin/bash", "-e", "-c", shell, "bash", code, kept], check=True, stdout=2)
    with open(kept, encoding="utf-8", errors="surrogateescape") as file:
        os.environ.update(one.split("=", 1) for one in file.read().split("\0") if "=" in one)


def run_tests(command):
    run = ["/bin/bash", "--norc", "-eo", "pipefail", "-c", command]
    status = subprocess.run(run, stdin=subprocess.DEVNULL, check=False).returncode
    if status != 0:
        sys.exit("error: the tests have failed (%d): %s" % (status, command))
    os.mkdir(OUT)


def load_backend(system, source):
    paths = [os.path.normpath(os.path.join(source, path)) for path in system["path"]]
    for path in paths:
        if path != source and not path.startswith(source + os.sep):
            sys.exit("error: backend-path leads out of the project: " + path)
    sys.path[:0] = paths
    module, _, attributes = system["backend"].partition(":")
    backend = importlib.import_module(module)
    for attribute in filter(None, attributes.split(".")):
        backend = getattr(backend, attribute)
    return backend


def requires(backend, settings):
    hook = getattr(backend, "get_requires_for_build_wheel", None)
    found = quietly(hook, settings) if hook else []
    with open(OUT, "w", encoding="utf-8") as file:
        json.dump([str(one) for one in found], file)


def metadata(backend, settings):
    os.mkdir(OUT)
    made = tempfile.mkdtemp()
    hook = getattr(backend, "prepare_metadata_for_build_wheel", None)
    if hook:
        folder = os.path.join(made, quietly(hook, made, settings))
        for one in METADATA_FILES:
            if os.path.exists(os.path.join(folder, one)):
                shutil.copyfile(os.path.join(folder, one), os.path.join(OUT, one))
        return
    name = quietly(backend.build_wheel, made, settings)
    with zipfile.ZipFile(os.path.join(made, name)) as wheel:
        for path in wheel.namelist():
            folder, _, one = path.partition("/")
            if folder.endswith(".dist-info") and one in METADATA_FILES:
                with open(os.path.join(OUT, one), "wb") as file:
                    file.write(wheel.read(path))


def wheel(backend, settings):
    folder = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else OUT
    if folder == OUT:
        os.mkdir(OUT)
    name = quietly(backend.build_wheel, folder, settings)
    if folder == OUT and os.listdir(OUT) != [name]:
        sys.exit("error: the backend made something else than the wheel that it names: " + name)


STEPS = {"requires": requires, "metadata": metadata, "wheel": wheel}


def quietly(hook, *arguments):
    """Calls a hook with standard output, that of the processes it starts too, sent to the log."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        return hook(*arguments)
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def unpack(archive, name):
    made = os.path.join(os.getcwd(), "unpacked")
    os.mkdir(made)
    if name.endswith(".zip"):
        with zipfile.ZipFile(archive) as source:
            for one in source.infolist():
                check(one.filename)
            source.extractall(made)
    else:
        with tarfile.open(archive) as source:
            members, links = [], set()
            for one in source:
                check(one.name)
                check_above(os.path.normpath(one.name), links)
                if one.issym():
                    links.add(os.path.normpath(one.name))
                if one.issym() or one.islnk():
                    within = os.path.dirname(one.name) if one.issym() else ""
                    check(os.path.normpath(os.path.join(within, one.linkname)))
                elif not (one.isfile() or one.isdir()):
                    continue
                one.mode = 0o755 if one.isdir() or one.mode & 0o100 else 0o644
                members.append(one)
            source.extractall(made, members)
    names = os.listdir(made)
    top = os.path.join(made, names[0]) if len(names) == 1 else made
    shutil.move(top if os.path.isdir(top) else made, OUT)


def check_above(path, links):
    # Each link leads to somewhere within, as it is written; through another one it need not.
    parts = path.split("/")
    if any("/".join(parts[:count]) in links for count in range(1, len(parts))):
        sys.exit("error: the archive has a path below a link, which leads out of it: " + path)


def check(path):
    if path.startswith("/") or ".." in path.split("/"):
        sys.exit("error: the archive has a path that leads out of it: " + path)


main(sys.argv[1])
