"""Segments phantom.nii.gz by Otsu's threshold, and compares with truth.nii.gz."""

import SimpleITK as sitk
import torch
from monai.metrics import compute_dice

image = sitk.ReadImage("phantom.nii.gz")
smooth = sitk.DiscreteGaussian(image, variance=4.0)
mask = sitk.OtsuThreshold(smooth, 0, 1)
sitk.WriteImage(mask, "mask.nii.gz")

truth = sitk.GetArrayFromImage(sitk.ReadImage("truth.nii.gz"))
found = sitk.GetArrayFromImage(mask)
dice = compute_dice(torch.from_numpy(found)[None, None], torch.from_numpy(truth)[None, None])
volume = found.sum() * 8 / 1000
print(f"volume {volume:.1f} ml, Dice {dice.item():.3f}")
