"""Which environment this is: what it would take to make the same figures again."""

import hashlib
import os
import platform
import re
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class Identity:
    derivation: str
    root: str
    lock_sha256: str
    packages: int
    versions: dict[str, str]


def describe() -> Identity:
    lock = Path(__file__).resolve().parent.parent / "copse.lock"
    trees = Path("/etc/copse/trees").read_text().split()
    return Identity(
        derivation=os.environ.get("COPSE_DERIVATION", "not entered through copse"),
        root=os.environ.get("COPSE_ROOT", "not entered through copse"),
        lock_sha256=hashlib.sha256(lock.read_bytes()).hexdigest(),
        packages=sum(not tree.endswith("-bytecode") for tree in trees),
        versions={"Python": platform.python_version(), **python_versions(), **program_versions()},
    )


def python_versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("numpy", "scipy", "nibabel", "pydicom", "matplotlib")}


def program_versions() -> dict[str, str]:
    r_code = 'cat(as.character(getRversion()), as.character(packageVersion("ggplot2")))'
    r, ggplot2 = output("Rscript", "--vanilla", "-e", r_code).split()
    # dcm2niix prints its version and exits with a code of its own.
    dcm2niix = re.search(r"v(\d+\.\d+\.\d+)", output("dcm2niix", "--version"))
    return {"R": r, "ggplot2": ggplot2, "dcm2niix": dcm2niix.group(1) if dcm2niix else "unknown"}


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
