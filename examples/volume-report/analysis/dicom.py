"""From DICOM to NIfTI with dcm2niix, checked against what pydicom reads from the same files.

Scanners write a file per slice or per volume; analysis wants one image. dcm2niix makes it, with a JSON sidecar for
what NIfTI has no room for. Two independent readers that agree on the times and sizes are worth more than one.
"""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nibabel
import pydicom


@dataclass(frozen=True)
class Series:
    files: int
    manufacturer: str
    protocol: str
    repetition_ms: float
    shape: tuple[int, ...]
    voxel_mm: tuple[float, ...]


def convert() -> Series:
    """Converts the two-volume series that nibabel ships. Raises if dcm2niix and pydicom disagree."""
    shipped = Path(nibabel.__file__).parent / "nicom" / "tests" / "data"
    with TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.mkdir()
        files = [Path(shutil.copy(shipped / name, source)) for name in ("0.dcm", "1.dcm")]
        command = ["dcm2niix", "-b", "y", "-z", "n", "-f", "series", "-o", folder, str(source)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        header = nibabel.load(Path(folder) / "series.nii").header
        sidecar = json.loads((Path(folder) / "series.json").read_text())
        dataset = pydicom.dcmread(files[0], stop_before_pixels=True)

    series = Series(
        files=len(files),
        manufacturer=str(dataset.Manufacturer).title(),
        protocol=str(dataset.ProtocolName),
        repetition_ms=float(dataset.RepetitionTime),
        shape=header.get_data_shape(),
        voxel_mm=tuple(round(float(size), 3) for size in header.get_zooms()[:3]),
    )
    agree("repetition time in ms", sidecar["RepetitionTime"] * 1000, series.repetition_ms)
    agree("pixel size in mm", series.voxel_mm[0], float(dataset.PixelSpacing[0]))
    return series


def agree(what: str, dcm2niix: float, pydicom: float) -> None:
    if abs(dcm2niix - pydicom) > 0.001 * abs(pydicom):
        raise RuntimeError(f"dcm2niix and pydicom disagree about the {what}: {dcm2niix} and {pydicom}")
