"""Writes phantom.nii.gz and truth.nii.gz: a ball in noise, with voxels of 2 mm."""

import nibabel
import numpy

SIZE, RADIUS, SPACING = 48, 12, 2.0

centre = (SIZE - 1) / 2
x, y, z = numpy.ogrid[:SIZE, :SIZE, :SIZE]
truth = (x - centre) ** 2 + (y - centre) ** 2 + (z - centre) ** 2 <= RADIUS**2
noise = numpy.random.default_rng(1).normal(0, 0.2, truth.shape)
affine = numpy.diag([SPACING, SPACING, SPACING, 1])

nibabel.save(nibabel.Nifti1Image((truth + noise).astype("float32"), affine), "phantom.nii.gz")
nibabel.save(nibabel.Nifti1Image(truth.astype("uint8"), affine), "truth.nii.gz")
