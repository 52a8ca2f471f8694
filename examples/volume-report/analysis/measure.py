"""From classes of voxels to volumes, and to the area of each class in each slice."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy

from image import Image
from segment import Segmentation


@dataclass(frozen=True)
class Volume:
    name: str
    voxels: int
    volume_ml: float
    mean: float  # of the image's own values, which have no unit


@dataclass(frozen=True)
class Measurement:
    tissue: Volume
    brightest: Volume
    rest: Volume  # tissue that is not in the brightest class
    slice_mm: list[float]  # height of each slice's centre over that of the lowest
    brightest_cm2: list[float]  # in each slice
    rest_cm2: list[float]


def measure(image: Image, result: Segmentation) -> Measurement:
    def volume(name: str, mask: numpy.ndarray) -> Volume:
        voxels = int(mask.sum())
        return Volume(name, voxels, voxels * image.voxel_ml, float(image.data[mask].mean()))

    def areas(mask: numpy.ndarray) -> list[float]:
        pixel_cm2 = image.voxel_mm[0] * image.voxel_mm[1] / 100
        return [float(count * pixel_cm2) for count in mask.sum(axis=(0, 1))]

    rest = result.tissue & ~result.brightest
    return Measurement(
        tissue=volume("all tissue", result.tissue),
        brightest=volume("brightest", result.brightest),
        rest=volume("rest", rest),
        slice_mm=[index * image.voxel_mm[2] for index in range(image.data.shape[2])],
        brightest_cm2=areas(result.brightest),
        rest_cm2=areas(rest),
    )


def write_tables(measured: Measurement, out: Path) -> None:
    """Writes volumes.csv, a row per class, and slices.csv, a row per slice and class."""
    with open(out / "volumes.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["class", "voxels", "volume_ml", "mean_signal"])
        for part in (measured.tissue, measured.rest, measured.brightest):
            table.writerow([part.name, part.voxels, f"{part.volume_ml:.3f}", f"{part.mean:.2f}"])
    with open(out / "slices.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["position_mm", "class", "area_cm2"])
        for part, areas in ((measured.rest, measured.rest_cm2), (measured.brightest, measured.brightest_cm2)):
            for position, area in zip(measured.slice_mm, areas):
                table.writerow([f"{position:.3f}", part.name, f"{area:.3f}"])
