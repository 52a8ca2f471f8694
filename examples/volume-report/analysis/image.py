"""The image: echo-planar MR of a head, two frames in time, that nibabel ships for its own tests.

A NIfTI file holds voxels and an affine that maps voxel indices to millimetres in the scanner. The axes may run in
any direction; `as_closest_canonical` turns them so that they run to the patient's right, front and top. What is
drawn and measured can then rely on that order.
"""

from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy


@dataclass(frozen=True)
class Image:
    name: str
    data: numpy.ndarray  # float64, mean over time; axes run to the right, anterior, superior
    voxel_mm: tuple[float, float, float]
    frames: int
    tilt_degrees: float  # the largest angle between an axis of the image and its axis of the scanner

    @property
    def voxel_ml(self) -> float:
        return float(numpy.prod(self.voxel_mm)) / 1000


def load() -> Image:
    path = Path(nibabel.__file__).parent / "tests" / "data" / "example4d.nii.gz"
    image = nibabel.as_closest_canonical(nibabel.load(path))
    frames = numpy.asarray(image.dataobj, dtype=numpy.float64)
    return Image(
        name=path.name,
        data=frames.mean(axis=3),
        voxel_mm=tuple(float(size) for size in image.header.get_zooms()[:3]),
        frames=frames.shape[3],
        tilt_degrees=float(numpy.degrees(nibabel.affines.obliquity(image.affine)).max()),
    )
