"""Byte code of an unpacked wheel, as a tree of its own that has nothing but `__pycache__` folders.

The files are unchecked-hash ones (PEP 552): the same on every machine, and taken as they are. Sources that are not valid
for this interpreter, as templates often are, are passed over; tests, which no program imports, are compiled when they are
run.
"""

import sys

# The script's own folder.
del sys.path[0]

import os
import py_compile
import warnings
from importlib.util import cache_from_source

warnings.simplefilter("ignore")
# What is compiled tells where its source is: relative to the top of its package, as the store's path is no part of it.
package, output = os.environ["package"], os.environ["out"]
library = "python%d.%d" % sys.version_info[:2]

os.mkdir(output)
for folder, subfolders, names in os.walk(os.path.join(package, "lib", library)):
    subfolders[:] = sorted(name for name in subfolders if name not in ("test", "tests", "__pycache__"))
    for name in sorted(names):
        source = os.path.join(folder, name)
        if not name.endswith(".py") or os.path.islink(source):
            continue
        seen = source[len(package) :]
        target = output + cache_from_source(seen)
        try:
            py_compile.compile(
                source, target, seen, doraise=True, optimize=0, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
            )
        except (py_compile.PyCompileError, ValueError, RecursionError, MemoryError):
            pass
