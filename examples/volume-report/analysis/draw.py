"""Three orthogonal cuts through the image, with the outline of the segmentation."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy

from measure import Image, Segmentation

TITLES = ("sagittal", "coronal", "axial")
INK = "#1f2a30"
OUTLINE = "#f28e2b"


def draw_views(image: Image, result: Segmentation, target: Path) -> None:
    centre = [int(round(c)) for c in numpy.argwhere(result.mask).mean(axis=0)]
    x, y, z = image.voxel_mm
    # (cut, aspect of a pixel: height over width)
    cuts = [
        (lambda volume: volume[centre[0], :, :].T, z / y),
        (lambda volume: volume[:, centre[1], :].T, z / x),
        (lambda volume: volume[:, :, centre[2]].T, y / x),
    ]
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.6), facecolor="white", layout="constrained")
    high = float(numpy.percentile(image.data, 99.5))
    for axis, (cut, aspect), title, index in zip(axes, cuts, TITLES, centre):
        axis.imshow(cut(image.data), cmap="gray", origin="lower", aspect=aspect, vmin=0, vmax=high)
        axis.contour(cut(result.mask).astype(float), levels=[0.5], colors=OUTLINE, linewidths=1.2)
        axis.set_title(f"{title}, slice {index + 1}", color=INK, fontsize=11)
        axis.set_xticks([])
        axis.set_yticks([])
        for spine in axis.spines.values():
            spine.set_visible(False)
    figure.savefig(target, dpi=150, metadata={"Software": None})
    plt.close(figure)
