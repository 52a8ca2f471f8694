"""Three cuts through the image with the outlines of the two classes, all at one scale.

The page is laid out in millimetres of the patient, so that a centimetre is as long in every panel: sagittal over
coronal over the histogram on the left, axial on the right.
"""

from dataclasses import dataclass
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

Box = tuple[slice, ...]
Cut = tuple[int | slice, ...]


@dataclass(frozen=True)
class Sheet:
    """A figure whose places are given in millimetres from its left and its top."""

    figure: Figure
    width: float
    height: float

    def at(self, left: float, top: float) -> tuple[float, float]:
        return left / self.width, 1 - top / self.height

    def panel(self, left: float, top: float, size: tuple[float, float], heading: str) -> Axes:
        """Axes with a heading above them; `top` is the heading's."""
        self.figure.text(*self.at(left, top + HEADING - 2.5), heading, fontsize=10)
        x, y = self.at(left, top + HEADING + size[1])
        return self.figure.add_axes((x, y, size[0] / self.width, size[1] / self.height))


def draw(image: Image, result: Segmentation, measured: Measurement, target: Path) -> None:
    matplotlib.rcdefaults()  # not the user's own matplotlibrc
    plt.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "text.color": TEXT})
    box = box_around(result.tissue)
    wide, deep, high = ((part.stop - part.start) * size for part, size in zip(box, image.voxel_mm))
    width = MARGIN + deep + GAP + wide + MARGIN
    height = MARGIN + HEADING + deep + MARGIN
    figure = plt.figure(figsize=(width * INCH_PER_MM, height * INCH_PER_MM), facecolor=PAPER)
    sheet = Sheet(figure, width, height)

    second = MARGIN + HEADING + high
    third = second + HEADING + high
    panels = (
        (sheet.panel(MARGIN, MARGIN, (deep, high), "sagittal"), "AP"),
        (sheet.panel(MARGIN, second, (wide, high), "coronal"), "RL"),
        (sheet.panel(width - MARGIN - wide, MARGIN, (wide, deep), "axial"), "RL"),
    )
    for axis, (axes, sides) in enumerate(panels):
        show(axes, image, result, cut_across(axis, result, box), sides)
    below = (deep, height - third - HEADING - FOOT - MARGIN)
    histogram(sheet.panel(MARGIN, third, below, "brightness of the tissue, its surroundings being 1"), result)
    legend(sheet, measured, left=MARGIN + wide + GAP, top=second + HEADING)
    scale_bar(sheet, left=MARGIN + wide + GAP, top=third - 2)
    figure.savefig(target, dpi=150, facecolor=PAPER, metadata={"Software": None})
    plt.close(figure)


def box_around(mask: numpy.ndarray) -> Box:
    (found,) = ndimage.find_objects(mask.astype(int))
    return tuple(
        slice(max(0, part.start - AROUND), min(size, part.stop + AROUND)) for part, size in zip(found, mask.shape)
    )


def cut_across(axis: int, result: Segmentation, box: Box) -> Cut:
    """An index that cuts a volume through the centre of the tissue."""
    centre = round(ndimage.center_of_mass(result.tissue)[axis])
    return tuple(centre if other == axis else part for other, part in enumerate(box))


def show(axes: Axes, image: Image, result: Segmentation, cut: Cut, sides: str) -> None:
    """Drawn from high to low, as radiologists look at a patient: the left of the head is on the right."""
    white = numpy.percentile(image.data[result.tissue], 99.5)
    axes.imshow(image.data[cut].T, cmap="gray", origin="lower", aspect="auto", vmin=0, vmax=white)
    for mask, colour in ((result.tissue, TISSUE), (result.brightest, BRIGHTEST)):
        axes.contour(mask[cut].T.astype(float), levels=[0.5], colors=colour, linewidths=1.1)
    axes.invert_xaxis()
    axes.set_axis_off()
    for side, x, offset in zip(sides, (0, 1), (-7, 7)):
        axes.annotate(
            side, (x, 0.5), (offset, 0), "axes fraction", "offset points", color=FAINT, ha="center", va="center"
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


def legend(sheet: Sheet, measured: Measurement, *, left: float, top: float) -> None:
    lines = [
        plt.Line2D([], [], color=colour, label=f"{part.name}\n{part.volume_ml:.0f} mL")
        for part, colour in ((measured.tissue, TISSUE), (measured.brightest, BRIGHTEST))
    ]
    sheet.figure.legend(
        handles=lines,
        loc="upper left",
        bbox_to_anchor=sheet.at(left, top),
        frameon=False,
        handlelength=1,
        borderpad=0,
        borderaxespad=0,
    )


def scale_bar(sheet: Sheet, *, left: float, top: float) -> None:
    (start, y), (end, _) = sheet.at(left, top), sheet.at(left + 20, top)
    sheet.figure.add_artist(plt.Line2D([start, end], [y, y], color=TEXT, linewidth=1.5))
    sheet.figure.text(*sheet.at(left, top - 3), "2 cm")
