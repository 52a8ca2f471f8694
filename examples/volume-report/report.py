"""The main job: from medical images to a one-page report.

    copse run -f shell.nix -- python3 report.py [OUTPUT FOLDER]

Each step is a file in analysis/: read the image (image.py), find tissue in it (segment.py), measure it (measure.py),
draw it with matplotlib (draw.py), plot its slices with R and ggplot2 (slices.R), convert a DICOM series with dcm2niix
(dicom.py), and put all of it on a page (page.py) with the identity of the environment (identity.py).

The same environment makes the same report, byte for byte.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
if "COPSE_ROOT" not in os.environ:
    sys.exit(f"This runs in its environment: copse run -f {HERE}/shell.nix -- python3 {HERE}/report.py")
sys.path.insert(0, str(HERE / "analysis"))

import dicom
import draw
import identity
import image
import measure
import page
import segment


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else HERE / "out").resolve()
    out.mkdir(parents=True, exist_ok=True)

    head = image.load()
    result = segment.segment(head)
    measured = measure.measure(head, result)
    measure.write_tables(measured, out)
    draw.draw(head, result, measured, out / "views.png")
    slices = [HERE / "analysis" / "slices.R", out / "slices.csv", out / "slices.png"]
    subprocess.run(["Rscript", "--vanilla", *slices], check=True)
    series = dicom.convert()
    report = page.write(out, head, result, measured, series, identity.describe(HERE / "copse.lock"))

    print(f"{measured.tissue.volume_ml:.1f} mL of tissue, {measured.brightest.volume_ml:.1f} mL of it the brightest")
    print(f"The report is at {report}")


if __name__ == "__main__":
    main()
