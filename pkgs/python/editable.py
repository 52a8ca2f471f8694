"""The tree of a project that stays where it is: its folder on sys.path, its metadata and commands.

What the folder does not have is built from it: extension modules, and files that a build writes. They lie in a folder of
their own beside the metadata, and a finder behind all others imports them from there. So the project's own modules are
always those of its folder, and are changed at once; what is compiled changes with the next start of the environment.
"""

import json
import os
import sys
import urllib.parse
import zipfile

FINDER = '''"""Finds what %(project)s's folder does not have, but a build of it."""
import importlib.machinery
import os
import sys

BUILT = os.path.join(os.path.dirname(os.path.abspath(__file__)), %(folder)r)


class BuiltParts:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return importlib.machinery.PathFinder.find_spec(name, [os.path.join(BUILT, *name.split(".")[:-1])])


sys.meta_path.append(BuiltParts)
'''


def main():
    project = os.environ["project"]
    called = project.replace("-", "_")
    info = "%s-%s.dist-info" % (called, os.environ["version"])
    lines = os.environ["pathEntry"] + "\n"
    files = {
        info + "/METADATA": os.environ["metadata"].encode(),
        info + "/INSTALLER": b"copse\n",
        info + "/direct_url.json": json.dumps(
            {"url": "file://" + urllib.parse.quote(os.environ["projectPath"]), "dir_info": {"editable": True}}
        ).encode(),
    }
    if os.environ["entryPoints"]:
        files[info + "/entry_points.txt"] = os.environ["entryPoints"].encode()
    if os.environ.get("built"):
        # With a dot in its name, no import finds the folder.
        folder = "__editable__." + called
        files.update(("%s/%s" % (folder, name), contents) for name, contents in modules(os.environ["built"]))
        files["__editable___%s_built.py" % called] = (FINDER % {"project": project, "folder": folder}).encode()
        lines += "import __editable___%s_built\n" % called
    files["__editable__.%s.pth" % project] = lines.encode()
    files[info + "/RECORD"] = "".join(name + ",,\n" for name in sorted([*files, info + "/RECORD"])).encode()
    site = os.path.join(os.environ["out"], "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
    for name, contents in files.items():
        path = os.path.join(site, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(contents)


def modules(folder):
    """What a wheel has for site-packages, its metadata aside."""
    (name,) = os.listdir(folder)
    with zipfile.ZipFile(os.path.join(folder, name)) as wheel:
        for one in wheel.infolist():
            path = one.filename
            top, _, rest = path.partition("/")
            if top.endswith(".data"):
                scheme, _, path = rest.partition("/")
                if scheme not in ("purelib", "platlib"):
                    continue
            if one.is_dir() or top.endswith(".dist-info"):
                continue
            if path.startswith("/") or ".." in path.split("/"):
                sys.exit("error: the wheel has a path that leads out of it: " + path)
            yield path, wheel.read(one)


main()
