"""The main job: from medical images to a one-page report.

Run inside the environment of shell.nix:

    copse run -f shell.nix -- python3 report.py [OUTPUT FOLDER]

Steps, each in a file of its own in analysis/: load, segment and measure an MR image (measure.py), convert a
DICOM series with dcm2niix (dicom.py), draw it with matplotlib (draw.py), plot its slices with R and ggplot2
(slices.R), and put all of it on a page together with the identity of the environment (page.py).
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "analysis"))

import dicom
import draw
import identity
import measure
import page


def main() -> None:
    here = Path(__file__).resolve().parent
    out = Path(sys.argv[1] if len(sys.argv) > 1 else here / "out").resolve()
    out.mkdir(parents=True, exist_ok=True)

    image = measure.load_image()
    result = measure.segment(image)
    measure.write_tables(result, out)
    series = dicom.convert(out / "dicom")
    draw.draw_views(image, result, out / "views.png")
    subprocess.run(
        ["Rscript", "--vanilla", str(here / "analysis" / "slices.R"), str(out / "slices.csv"), str(out / "slices.png")],
        check=True,
    )
    report = page.write(out, image, result, series, identity.describe())
    print(f"{result.volume_ml:.1f} mL of tissue in {image.name}")
    print(f"The report is at {report}")


if __name__ == "__main__":
    main()
