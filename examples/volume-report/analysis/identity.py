"""Which environment this is: what it would take to make the same figures again.

copse tells a process where it runs: COPSE_DERIVATION is the recipe of the environment, COPSE_ROOT the name of the
root file system that was made from it, and /etc/copse/trees lists the store paths that the root consists of.
"""

import hashlib
import os
import platform
import re
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PYTHON_PACKAGES = ("numpy", "scipy", "nibabel", "pydicom", "matplotlib")


@dataclass(frozen=True)
class Identity:
    derivation: str
    root: str
    lock_sha256: str
    debian_packages: int
    versions: dict[str, str]


def describe(lock: Path) -> Identity:
    trees = Path("/etc/copse/trees").read_text().split()
    return Identity(
        derivation=os.environ["COPSE_DERIVATION"],
        root=f"/nix/store/{os.environ['COPSE_ROOT']}",
        lock_sha256=hashlib.sha256(lock.read_bytes()).hexdigest(),
        debian_packages=sum(not tree.endswith("-bytecode") for tree in trees),
        versions={"Python": platform.python_version()}
        | {name: metadata.version(name) for name in PYTHON_PACKAGES}
        | program_versions(),
    )


def program_versions() -> dict[str, str]:
    r_code = 'cat(as.character(getRversion()), as.character(packageVersion("ggplot2")))'
    r, ggplot2 = output("Rscript", "--vanilla", "-e", r_code).split()
    # dcm2niix prints its version and exits with a code of its own.
    dcm2niix = re.search(r"v(\d+\.\d+\.\d+)", output("dcm2niix", "--version"))
    return {"R": r, "ggplot2": ggplot2, "dcm2niix": dcm2niix.group(1) if dcm2niix else "unknown"}


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
