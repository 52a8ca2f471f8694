"""Takes demands of a package out of its METADATA, or their versions: $removed and $relaxed are names, or `*` for all."""

import os
import pathlib
import re
import sys

# The name, its extras, what is said of versions, the marker.
DEMAND = re.compile(r"Requires-Dist:\s*([A-Za-z0-9._-]+)\s*(\[[^]]*\])?\s*([^;]*?)\s*(;.*)?$")


def names(variable):
    words = os.environ[variable].split()
    return lambda name: words == ["*"] or re.sub(r"[-_.]+", "-", name).lower() in words


def changed(line):
    demand = DEMAND.match(line)
    if not demand:
        return [line]
    name, extras, versions, marker = (part or "" for part in demand.groups())
    if names("removed")(name):
        return []
    if names("relaxed")(name) and not versions.startswith("@"):
        return [" ".join(filter(None, ["Requires-Dist: " + name + extras, marker]))]
    return [line]


for path in pathlib.Path(sys.argv[1]).glob("*.dist-info/METADATA"):
    # The description, behind the first empty line, is no field.
    fields, blank, description = path.read_text(encoding="utf-8").partition("\n\n")
    lines = [line for field in fields.split("\n") for line in changed(field)]
    path.write_text("\n".join(lines) + blank + description, encoding="utf-8")
