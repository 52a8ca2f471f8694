"""A wheel of the package's own as a tree, in $out: install-wheel.py WHEEL INTERPRETER GENERATED

Where files belong is what src/root/python/wheel-layout.ts says of wheels from elsewhere; this one comes from the build
in whose sandbox it is unpacked, so that it is trusted with nothing but its own output. The programs of its entry points are written
twice: into $out/bin, for the phases that follow, and into the folder GENERATED, by which finish-programs.py knows them.
"""

import configparser
import os
import pathlib
import re
import sys
import zipfile

OUT = pathlib.Path(os.environ["out"])
PYTHON = "python%d.%d" % sys.version_info[:2]
SITE = OUT / "lib" / PYTHON / "site-packages"
SCRIPT = """#!%s
import sys
from %s import %s
if __name__ == "__main__":
    sys.exit(%s())
"""


def place(name, data, project):
    """The path in the output, and whether it is a program."""
    if not name.startswith(data + "/"):
        return SITE / name, False
    scheme, _, rest = name[len(data) + 1 :].partition("/")
    folders = {
        "purelib": SITE,
        "platlib": SITE,
        "scripts": OUT / "bin",
        "headers": OUT / "include" / "site" / PYTHON / project,
        "data": OUT,
    }
    if scheme not in folders or not rest:
        sys.exit("error: nobody knows where this file of the wheel belongs: " + name)
    return folders[scheme] / rest, scheme == "scripts"


def with_interpreter(contents, interpreter):
    return re.sub(rb"\A#!pythonw?(?=[\s])", b"#!" + interpreter.encode(), contents)


def programs(text):
    points = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    points.optionxform = str
    points.read_string(text)
    for group in "console_scripts", "gui_scripts":
        if points.has_section(group):
            yield from points.items(group)


def write(path, contents, executable):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(contents)
    path.chmod(0o755 if executable else 0o644)


def main(wheel_path, interpreter, generated):
    with zipfile.ZipFile(wheel_path) as wheel:
        files = [one for one in wheel.infolist() if not one.is_dir()]
        info = next((one.filename.split("/")[0] for one in files if one.filename.split("/")[0].endswith(".dist-info")), None)
        if info is None:
            sys.exit("error: the wheel has no .dist-info folder: " + wheel_path)
        stem = info[: -len(".dist-info")]
        for one in files:
            if one.filename.startswith("/") or ".." in one.filename.split("/"):
                sys.exit("error: the wheel has a path that leads out of it: " + one.filename)
            path, is_program = place(one.filename, stem + ".data", stem.split("-")[0])
            contents = wheel.read(one)
            executable = is_program or bool(one.external_attr >> 16 & 0o111)
            write(path, with_interpreter(contents, interpreter) if is_program else contents, executable)
        write(SITE / info / "INSTALLER", b"copse\n", False)
        points = SITE / info / "entry_points.txt"
        for name, target in programs(points.read_text(encoding="utf-8")) if points.exists() else []:
            if "/" in name:
                sys.exit("error: the name of a program has a path: " + name)
            module, _, attribute = target.partition("[")[0].strip().partition(":")
            text = SCRIPT % (interpreter, module.strip(), attribute.strip().split(".")[0], attribute.strip())
            for folder in OUT / "bin", pathlib.Path(generated):
                write(folder / name, text.encode(), True)


main(*sys.argv[1:])
