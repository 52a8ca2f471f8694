"""From DICOM to NIfTI with dcm2niix, checked against what pydicom reads from the same files."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import nibabel
import pydicom


@dataclass(frozen=True)
class Series:
    files: int
    manufacturer: str
    sequence: str
    repetition_ms: float
    shape: tuple[int, ...]
    voxel_mm: tuple[float, ...]


def convert(out: Path) -> Series:
    """Converts the two-volume series that nibabel ships. Raises if dcm2niix and pydicom disagree."""
    shutil.rmtree(out, ignore_errors=True)
    source = out / "source"
    source.mkdir(parents=True)
    shipped = Path(nibabel.__file__).parent / "nicom" / "tests" / "data"
    for name in ("0.dcm", "1.dcm"):
        shutil.copy(shipped / name, source / name)
    subprocess.run(
        ["dcm2niix", "-b", "y", "-z", "n", "-f", "series", "-o", str(out), str(source)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    converted = sorted(out.glob("*.nii"))
    if not converted:
        raise RuntimeError(f"dcm2niix made no image of the series in {source}")
    image = nibabel.load(converted[0])
    sidecar = json.loads(converted[0].with_suffix(".json").read_text())
    header = pydicom.dcmread(source / "0.dcm", stop_before_pixels=True)
    repetition_ms = float(header.RepetitionTime)
    if abs(sidecar["RepetitionTime"] * 1000 - repetition_ms) > 0.5:
        raise RuntimeError("dcm2niix and pydicom disagree about the repetition time")
    return Series(
        files=len(list(source.iterdir())),
        manufacturer=str(header.Manufacturer).title(),
        sequence=sidecar.get("SequenceName", str(header.get("SequenceName", "unknown"))),
        repetition_ms=repetition_ms,
        shape=image.shape,
        voxel_mm=tuple(round(float(size), 3) for size in image.header.get_zooms()[:3]),
    )
