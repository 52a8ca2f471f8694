"""Segmentation by thresholds that the image itself gives (Otsu 1979).

The first threshold divides air from tissue. The second divides the brightest voxels from the rest of the tissue. On
this image the fluid in the ventricles is among them, but what is measured is brightness, and the class is called so.
"""

from dataclasses import dataclass

import numpy
from scipy import ndimage

from image import Image

SMOOTH_MM = 2.0  # standard deviation of the filter that quiets noise
COIL_MM = 15.0  # and of the one that leaves only the slow change of brightness
CLOSE_VOXELS = 2  # gaps up to twice this width are closed


@dataclass(frozen=True)
class Segmentation:
    tissue: numpy.ndarray  # bool, the image's shape
    brightest: numpy.ndarray  # bool, within `tissue`
    signal: numpy.ndarray  # what `brightest` was decided on: 1 is the mean of the surroundings
    brightest_above: float  # in units of `signal`


def segment(image: Image) -> Segmentation:
    tissue = find_tissue(image)
    signal = even_out(image, tissue)
    # Otsu's threshold of the tissue divides its darker half from its brighter one; that of the brighter half
    # takes off what stands out there.
    brighter = signal[tissue & (signal > otsu_threshold(signal[tissue]))]
    threshold = otsu_threshold(brighter)
    return Segmentation(tissue, tissue & (signal > threshold), signal, threshold)


def otsu_threshold(values: numpy.ndarray, bins: int = 256) -> float:
    """The threshold that puts most variance between the two classes it makes, and so least within them."""
    counts, edges = numpy.histogram(values, bins=bins)
    centres = (edges[:-1] + edges[1:]) / 2
    below = numpy.cumsum(counts)
    above = below[-1] - below
    sum_below = numpy.cumsum(counts * centres)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        mean_below = sum_below / below
        mean_above = (sum_below[-1] - sum_below) / above
        between = below * above * (mean_below - mean_above) ** 2
    return float(edges[1 + numpy.nanargmax(between)])


def find_tissue(image: Image) -> numpy.ndarray:
    """The largest connected part above Otsu's threshold, its gaps closed and its holes filled."""
    smooth = ndimage.gaussian_filter(image.data, sigma_voxels(image, SMOOTH_MM), mode="nearest")
    mask = smooth > otsu_threshold(smooth)
    # The head goes on above and below the image. Without repeating the outermost slices, closing would take what
    # lies beyond them for air and eat into them.
    padded = numpy.pad(mask, CLOSE_VOXELS, mode="edge")
    inner = (slice(CLOSE_VOXELS, -CLOSE_VOXELS),) * 3
    mask = ndimage.binary_closing(padded, iterations=CLOSE_VOXELS)[inner]
    # Slice by slice, for the same reason: a hole that runs out of the image at the top is still one.
    mask = ndimage.binary_fill_holes(mask, structure=numpy.ones((3, 3, 1)))
    labels, _ = ndimage.label(mask)
    sizes = numpy.bincount(labels[mask])
    return labels == sizes.argmax()


def even_out(image: Image, mask: numpy.ndarray) -> numpy.ndarray:
    """The image over its own surroundings, so that tissue near the receiving coil is not bright for that alone.

    Both averages are taken over the mask only: a plain filter would mix in the dark air at the edge.
    """
    near = masked_mean(image, mask, SMOOTH_MM)
    around = masked_mean(image, mask, COIL_MM)
    return numpy.divide(near, around, out=numpy.zeros_like(near), where=mask)


def masked_mean(image: Image, mask: numpy.ndarray, sigma_mm: float) -> numpy.ndarray:
    sigma = sigma_voxels(image, sigma_mm)
    weight = ndimage.gaussian_filter(mask.astype(float), sigma, mode="nearest")
    total = ndimage.gaussian_filter(numpy.where(mask, image.data, 0.0), sigma, mode="nearest")
    return numpy.divide(total, weight, out=numpy.zeros_like(total), where=mask)


def sigma_voxels(image: Image, sigma_mm: float) -> list[float]:
    return [sigma_mm / size for size in image.voxel_mm]
