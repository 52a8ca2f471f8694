"""The programs in $out/bin as environments take them: finish-programs.py GENERATED

An environment writes the programs of entry_points.txt itself, and gives those that begin with `#!python` its own interpreter. So those that
were only generated go; of one that a phase has changed, wrapped or removed, the entry point goes.
"""

import os
import pathlib
import re
import sys

OUT = pathlib.Path(os.environ["out"])
BIN = OUT / "bin"
# Any interpreter: that of the build's environment, /usr/bin/env python3.
FIRST_LINE = re.compile(rb"\A#![ \t]*(?:/usr/bin/env[ \t]+(?:-S[ \t]+)?|/\S*/)python[0-9.]*([ \t][^\n]*)?\n")


def drop_entry_points(names):
    for path in (OUT / os.environ["sitePackages"]).glob("*.dist-info/entry_points.txt"):
        section, kept = "", []
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.strip().startswith("["):
                section = line.strip()
            name = line.partition("=")[0].strip()
            if not (section in ("[console_scripts]", "[gui_scripts]") and name in names):
                kept.append(line)
        path.write_text("".join(kept), encoding="utf-8")


def main(generated):
    changed = set()
    for made in sorted(pathlib.Path(generated).glob("*")):
        program = BIN / made.name
        if program.is_file() and not program.is_symlink() and program.read_bytes() == made.read_bytes():
            program.unlink()
        else:
            changed.add(made.name)
    if changed:
        drop_entry_points(changed)
    if not BIN.is_dir():
        return
    for program in BIN.iterdir():
        if program.is_symlink() or not program.is_file():
            continue
        contents = program.read_bytes()
        mended = FIRST_LINE.sub(lambda line: b"#!python" + (line[1] or b"") + b"\n", contents)
        # A wrapper and what it wraps stand beside each other in an environment, too, and there the latter has its interpreter.
        wrapped = b'"%s/.%s-wrapped"' % (os.fsencode(BIN), os.fsencode(program.name))
        mended = mended.replace(wrapped, b'"${0%%/*}/.%s-wrapped"' % os.fsencode(program.name))
        if mended != contents:
            program.write_bytes(mended)
    if not any(BIN.iterdir()):
        BIN.rmdir()


main(*sys.argv[1:])
