"""Three cuts through the image with the outlines of the two classes, all at one scale.

The page is laid out in millimetres of the patient, so that a centimetre is as long in every panel: sagittal over
coronal over the histogram on the left, axial on the right.
"""

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import ndimage

from image import Image
from measure import Measurement
from segment import Segmentation

TISSUE = "#f28e2b"
BRIGHTEST = "#4fb3e8"
PAPER = "#000000"
TEXT = "#d5dce0"
FAINT = "#8b979e"
INCH_PER_MM = 1 / 33
MARGIN, GAP, HEADING, FOOT = 8.0, 14.0, 9.0, 9.0  # mm; FOOT is for the histogram's numbers
AROUND = 3  # voxels shown around the tissue


def draw(image: Image, result: Segmentation, measured: Measurement, target: Path) -> None:
    matplotlib.rcdefaults()  # not the user's own matplotlibrc
    plt.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "text.color": TEXT})
    where = [round(centre) for centre in ndimage.center_of_mass(result.tissue)]
    box = box_around(result.tissue)
    wide, deep, high = ((part.stop - part.start) * size for part, size in zip(box, image.voxel_mm))

    width = MARGIN + deep + GAP + wide + MARGIN
    height = MARGIN + HEADING + deep + MARGIN
    second = MARGIN + HEADING + high
    third = second + HEADING + high
    figure = plt.figure(figsize=(width * INCH_PER_MM, height * INCH_PER_MM), facecolor=PAPER)

    def panel(left: float, top: float, size: tuple[float, float], heading: str) -> Axes:
        """Axes below a heading, at a place in millimetres from the page's left and top."""
        bottom = height - top - HEADING - size[1]
        figure.text(left / width, (bottom + size[1] + 2.5) / height, heading, fontsize=10)
        return figure.add_axes((left / width, bottom / height, size[0] / width, size[1] / height))

    def show(axes: Axes, axis: int, sides: str) -> None:
        """A cut across `axis`. Drawn from high to low, as radiologists look at a patient: left is on the right."""
        index = tuple(where[axis] if other == axis else box[other] for other in range(3))
        white = numpy.percentile(image.data[result.tissue], 99.5)
        axes.imshow(image.data[index].T, cmap="gray", origin="lower", aspect="auto", vmin=0, vmax=white)
        for mask, colour in ((result.tissue, TISSUE), (result.brightest, BRIGHTEST)):
            axes.contour(mask[index].T.astype(float), levels=[0.5], colors=colour, linewidths=1.1)
        axes.invert_xaxis()
        axes.set_axis_off()
        for place, side in (((0, 0.5), sides[0]), ((1, 0.5), sides[1])):
            offset = (-7 if place[0] == 0 else 7, 0)
            axes.annotate(side, place, offset, "axes fraction", "offset points", color=FAINT, ha="center", va="center")

    show(panel(MARGIN, MARGIN, (deep, high), "sagittal"), 0, "AP")
    show(panel(MARGIN, second, (wide, high), "coronal"), 1, "RL")
    show(panel(MARGIN + deep + GAP, MARGIN, (wide, deep), "axial"), 2, "RL")
    rest_of_column = height - third - HEADING - FOOT - MARGIN
    histogram(panel(MARGIN, third, (deep, rest_of_column), "brightness of the tissue, its surroundings being 1"), result)
    beside_coronal = (MARGIN + wide + GAP) / width
    legend(figure, measured, (beside_coronal, 1 - (second + HEADING) / height))
    scale_bar(figure, (beside_coronal, 1 - third / height), 20 / width)
    figure.savefig(target, dpi=150, facecolor=PAPER, metadata={"Software": None})
    plt.close(figure)


def box_around(mask: numpy.ndarray) -> tuple[slice, ...]:
    (found,) = ndimage.find_objects(mask.astype(int))
    return tuple(
        slice(max(0, part.start - AROUND), min(size, part.stop + AROUND)) for part, size in zip(found, mask.shape)
    )


def histogram(axes: Axes, result: Segmentation) -> None:
    edges = result.brightest_above + numpy.arange(-60, 41) / 100
    rest = result.signal[result.tissue & ~result.brightest]
    bright = result.signal[result.brightest]
    axes.hist([rest, bright], bins=edges, stacked=True, color=[TISSUE, BRIGHTEST])
    axes.set_facecolor(PAPER)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_yticks([])
    axes.tick_params(colors=FAINT, length=2, labelsize=9)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(FAINT)


def legend(figure: Figure, measured: Measurement, corner: tuple[float, float]) -> None:
    lines = [
        plt.Line2D([], [], color=colour, label=f"{part.name}\n{part.volume_ml:.0f} mL")
        for part, colour in ((measured.tissue, TISSUE), (measured.brightest, BRIGHTEST))
    ]
    figure.legend(handles=lines, loc="upper left", bbox_to_anchor=corner, frameon=False, handlelength=1, borderpad=0, borderaxespad=0)


def scale_bar(figure: Figure, start: tuple[float, float], length: float) -> None:
    x, y = start
    figure.add_artist(plt.Line2D([x, x + length], [y + 0.01, y + 0.01], color=TEXT, linewidth=1.5))
    figure.text(x, y + 0.022, "2 cm")
