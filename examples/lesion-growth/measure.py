"""Finds the lesion in each image: smooths, tells the head from the background, and takes the largest piece in it that is
brighter than the head's tissue by a third.

Writes a table of volumes; and through each lesion one cut, at first sight, with the outlines of all visits.
"""

import csv
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK as sitk
from skimage import filters, measure, morphology


def segment(voxels):
    smooth = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(voxels), 1.0))
    head = smooth[smooth > filters.threshold_otsu(smooth)]
    bright = smooth > 1.33 * np.median(head)
    pieces = measure.label(morphology.opening(bright, morphology.ball(1)))
    largest = max(measure.regionprops(pieces), key=lambda piece: piece.area)
    return pieces == largest.label


def outline(cut):
    """The border of a cut through the lesion as lines, rounded off as the voxels' corners are not the lesion's."""
    for number, line in enumerate(measure.find_contours(filters.gaussian(cut.astype(float), 0.8), 0.5)):
        for x, y in line.round(2):
            yield number, x, y


def around(centre, size=17):
    return [slice(max(0, round(at) - size), round(at) + size + 1) for at in centre]


def main():
    with (
        open("out/volumes.csv", "w", newline="") as volumes,
        open("out/outlines.csv", "w", newline="") as outlines,
        open("out/cuts.csv", "w", newline="") as cuts,
    ):
        volume, border, cut = csv.writer(volumes), csv.writer(outlines), csv.writer(cuts)
        volume.writerow(["patient", "month", "volume_ml"])
        border.writerow(["patient", "month", "line", "x", "y"])
        cut.writerow(["patient", "x", "y", "brightness"])
        for path in sorted(Path("out/images").glob("*.nii.gz")):
            patient, month = path.name.removesuffix(".nii.gz").split("-month")
            image = nib.load(path)
            voxels = image.get_fdata(dtype=np.float32)
            mask = segment(voxels)
            volume.writerow([patient, int(month), round(mask.sum() * np.prod(image.header.get_zooms()) / 1000, 3)])
            if month == "00":
                plane = int(mask.sum(axis=(0, 1)).argmax())
                shown = around(measure.centroid(mask[:, :, plane]))
                for x, y in np.argwhere(np.ones_like(mask[:, :, plane])[tuple(shown)]) + [s.start for s in shown]:
                    cut.writerow([patient, x, y, int(voxels[x, y, plane])])
            border.writerows([patient, int(month), *point] for point in outline(mask[:, :, plane]))


main()
