"""Images of a trial that never took place: 16 patients, scanned 4 times in a year, half of them treated.

Each patient has one lesion, which grows exponentially at a rate of its own; treatment halves the mean rate. An image
is noisy and unevenly bright, as a scanner would make it. The same images come out on every run.
"""

import csv
from pathlib import Path

import nibabel as nib
import numpy as np

SHAPE = (60, 60, 36)
VOXEL_MM = (1.0, 1.0, 1.5)
MONTHS = (0, 4, 8, 12)
PATIENTS = 16


def lesion(points, centre, radius_mm, bumps):
    """Where the lesion is: a ball whose radius differs by direction."""
    offset = points - centre
    distance = np.linalg.norm(offset, axis=-1)
    direction = offset / np.maximum(distance, 1e-6)[..., None]
    return distance < radius_mm * (1 + 0.12 * np.sin(direction @ bumps).sum(-1))


def head(points, centre):
    return (((points - centre) / (26.0, 29.0, 26.0)) ** 2).sum(-1) < 1


def image(rng, inside, ill, shading):
    brightness = np.where(ill, 190.0, np.where(inside, 110.0, 8.0))
    return brightness * shading + rng.normal(0, 16, brightness.shape)


def main():
    rng = np.random.default_rng(2026)
    out = Path("out/images")
    out.mkdir(parents=True, exist_ok=True)
    points = np.stack(np.meshgrid(*map(np.arange, SHAPE), indexing="ij"), axis=-1) * VOXEL_MM
    middle = np.array(SHAPE) * VOXEL_MM / 2
    inside = head(points, middle)
    affine = np.diag((*VOXEL_MM, 1.0))

    with open("out/patients.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["patient", "treatment"])
        for number in range(1, PATIENTS + 1):
            patient, treated = f"P{number:02}", number % 2 == 0
            table.writerow([patient, "treated" if treated else "control"])
            centre = middle + rng.uniform(-8, 8, 3)
            bumps = rng.normal(0, 2.5, (3, 3))
            volume_ml = rng.lognormal(np.log(1.2), 0.35)
            rate = rng.normal(0.04 if treated else 0.08, 0.02)
            for month in MONTHS:
                radius_mm = (3 * 1000 * volume_ml * np.exp(rate * month) / (4 * np.pi)) ** (1 / 3)
                ill = lesion(points, centre, radius_mm, bumps)
                shading = 1 + 0.1 * np.tanh((points - middle) @ rng.normal(0, 0.03, 3))
                voxels = image(rng, inside, ill, shading).round().astype(np.int16)
                nib.save(nib.Nifti1Image(voxels, affine), out / f"{patient}-month{month:02}.nii.gz")


main()
