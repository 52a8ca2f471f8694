"""A step of building a Python project by its own build backend (PEP 517), inside the sandbox.

    build-sdist.py unpack     the archive $sdist as a folder, $out
    build-sdist.py requires   what the backend wants beyond pyproject.toml, as JSON, in $out
    build-sdist.py metadata   METADATA alone, in the folder $out
    build-sdist.py wheel      the wheel, in the folder $out
    build-sdist.py editable   the tree of a project that stays where it is: $pathEntry on sys.path, and its metadata

The interpreter is that of an environment with the build requirements, so the backend is loaded into this process. What it prints is for the
log: hooks return values, and standard output is not theirs.
"""

import importlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import urllib.parse
import zipfile

OUT = os.environ["out"]
# 1980 in UTC: zip knows no time before, and files of the store are of 1970.
BEGINNING_OF_ZIP = 315532800


def main(step):
    if step == "unpack":
        unpack(os.environ["sdist"], os.environ["sdistName"])
        return
    if step == "editable":
        editable()
        return
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
    os.chdir(source)
    os.umask(0o022)
    for one in os.environ.get("inputs", "").split():
        add_input(one)
    if step == "wheel" and os.environ.get("preBuild"):
        run_hook(os.environ["preBuild"])
    settings = json.loads(os.environ.get("configSettings", "{}")) or None
    backend = load_backend(json.loads(os.environ["buildSystem"]), source)
    STEPS[step](backend, settings)


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
    made = os.path.join(os.path.dirname(os.getcwd()), "metadata")
    os.mkdir(made)
    hook = getattr(backend, "prepare_metadata_for_build_wheel", None)
    if hook:
        folder = quietly(hook, made, settings)
        shutil.copyfile(os.path.join(made, folder, "METADATA"), os.path.join(OUT, "METADATA"))
        return
    name = quietly(backend.build_wheel, made, settings)
    with zipfile.ZipFile(os.path.join(made, name)) as wheel:
        found = [one for one in wheel.namelist() if one.count("/") == 1 and one.endswith(".dist-info/METADATA")]
        with open(os.path.join(OUT, "METADATA"), "wb") as file:
            file.write(wheel.read(found[0]))


def wheel(backend, settings):
    os.mkdir(OUT)
    name = quietly(backend.build_wheel, OUT, settings)
    if os.listdir(OUT) != [name]:
        sys.exit("error: the backend made something else than the wheel that it names: " + name)


STEPS = {"requires": requires, "metadata": metadata, "wheel": wheel}


def editable():
    info = "%s-%s.dist-info" % (os.environ["project"].replace("-", "_"), os.environ["version"])
    files = {
        "__editable__.%s.pth" % os.environ["project"]: os.environ["pathEntry"] + "\n",
        info + "/METADATA": os.environ["metadata"],
        info + "/INSTALLER": "copse\n",
        info + "/direct_url.json": json.dumps(
            {"url": "file://" + urllib.parse.quote(os.environ["projectPath"]), "dir_info": {"editable": True}}
        ),
    }
    if os.environ["entryPoints"]:
        files[info + "/entry_points.txt"] = os.environ["entryPoints"]
    files[info + "/RECORD"] = "".join(name + ",,\n" for name in sorted([*files, info + "/RECORD"]))
    site = os.path.join(OUT, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
    os.makedirs(os.path.join(site, info))
    for name, text in files.items():
        with open(os.path.join(site, name), "w", encoding="utf-8") as file:
            file.write(text)


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
            members = []
            for one in source:
                check(one.name)
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


def check(path):
    if path.startswith("/") or ".." in path.split("/"):
        sys.exit("error: the archive has a path that leads out of it: " + path)


main(sys.argv[1])
