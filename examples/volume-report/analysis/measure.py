"""Segmentation by threshold, and volumes.

The image is a human head (echo-planar MR, two volumes) that nibabel ships for its own tests. Voxel values have
no unit; the voxels' sizes come from the image's affine, in millimetres.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy
from scipy import ndimage


@dataclass(frozen=True)
class Image:
    name: str
    data: numpy.ndarray  # float64, (x, y, z), mean over time
    voxel_mm: tuple[float, float, float]
    frames: int


@dataclass(frozen=True)
class Segment:
    label: int
    voxels: int
    volume_ml: float
    mean: float
    centre_mm: tuple[float, float, float]


@dataclass(frozen=True)
class Segmentation:
    threshold: float
    mask: numpy.ndarray  # bool, the image's shape
    segments: list[Segment]
    slice_area_cm2: list[float]
    slice_position_mm: list[float]

    @property
    def volume_ml(self) -> float:
        return sum(segment.volume_ml for segment in self.segments)


def load_image() -> Image:
    path = Path(nibabel.__file__).parent / "tests" / "data" / "example4d.nii.gz"
    image = nibabel.load(path)
    data = numpy.asarray(image.dataobj, dtype=numpy.float64)
    voxel_mm = tuple(float(size) for size in image.header.get_zooms()[:3])
    return Image(path.name, data.mean(axis=3), voxel_mm, data.shape[3])


def otsu_threshold(values: numpy.ndarray, bins: int = 256) -> float:
    """The threshold that maximises the variance between the two classes it makes (Otsu 1979)."""
    counts, edges = numpy.histogram(values, bins=bins)
    centres = (edges[:-1] + edges[1:]) / 2
    below = numpy.cumsum(counts)
    above = below[-1] - below
    sum_below = numpy.cumsum(counts * centres)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        mean_below = sum_below / below
        mean_above = (sum_below[-1] - sum_below) / above
        between = below * above * (mean_below - mean_above) ** 2
    return float(centres[numpy.nanargmax(between)])


def segment(image: Image, smallest_ml: float = 1.0) -> Segmentation:
    """Tissue: above Otsu's threshold, closed, holes filled; components below `smallest_ml` are dropped."""
    smooth = ndimage.gaussian_filter(image.data, sigma=1)
    threshold = otsu_threshold(smooth)
    mask = ndimage.binary_closing(smooth > threshold, iterations=2)
    mask = ndimage.binary_fill_holes(mask)
    voxel_ml = float(numpy.prod(image.voxel_mm)) / 1000
    labels, count = ndimage.label(mask)
    segments = []
    for label in range(1, count + 1):
        inside = labels == label
        voxels = int(inside.sum())
        if voxels * voxel_ml < smallest_ml:
            mask[inside] = False
            continue
        centre = ndimage.center_of_mass(inside)
        centre_mm = tuple(float(c * size) for c, size in zip(centre, image.voxel_mm))
        segments.append(Segment(label, voxels, voxels * voxel_ml, float(image.data[inside].mean()), centre_mm))
    segments.sort(key=lambda part: -part.volume_ml)
    pixel_cm2 = image.voxel_mm[0] * image.voxel_mm[1] / 100
    areas = (mask.sum(axis=(0, 1)) * pixel_cm2).tolist()
    positions = [index * image.voxel_mm[2] for index in range(mask.shape[2])]
    return Segmentation(threshold, mask, segments, areas, positions)


def write_tables(result: Segmentation, out: Path) -> None:
    with open(out / "segments.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["segment", "voxels", "volume_ml", "mean_signal"])
        for number, part in enumerate(result.segments, 1):
            table.writerow([number, part.voxels, f"{part.volume_ml:.3f}", f"{part.mean:.2f}"])
    with open(out / "slices.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["position_mm", "area_cm2"])
        table.writerows(
            [f"{position:.3f}", f"{area:.3f}"]
            for position, area in zip(result.slice_position_mm, result.slice_area_cm2)
        )
