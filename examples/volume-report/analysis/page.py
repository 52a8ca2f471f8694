"""The report: one HTML page that carries its pictures and its style, so that it can be sent as a file."""

import base64
from html import escape
from pathlib import Path

from dicom import Series
from identity import Identity
from image import Image
from measure import Measurement
from segment import Segmentation


def write(
    out: Path, image: Image, result: Segmentation, measured: Measurement, series: Series, identity: Identity
) -> Path:
    """Writes report.html beside the pictures in `out`."""
    tissue, brightest = measured.tissue, measured.brightest
    height_cm = image.data.shape[2] * image.voxel_mm[2] / 10
    rows = [
        (part.name, f"{part.voxels:,}", f"{part.volume_ml:.1f}", f"{part.mean:.0f}")
        for part in (tissue, measured.rest, brightest)
    ]
    versions = "".join(f"<li>{escape(name)} <b>{escape(text)}</b></li>" for name, text in identity.versions.items())
    page = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Volume report: {escape(image.name)}</title>
<style>{STYLE}</style>
<header>
<h1>Volume report</h1>
<p>MR image of a head, <code>{escape(image.name)}</code>: {times(image.data.shape)} voxels of
{times(tuple(round(size, 2) for size in image.voxel_mm))} mm, mean of {image.frames} frames.</p>
</header>

<div class="numbers">
<p><strong class="tissue">{tissue.volume_ml:.1f} <small>mL</small></strong>
all tissue in the image, which covers {height_cm:.1f} cm of the head’s height</p>
<p><strong class="brightest">{brightest.volume_ml:.1f} <small>mL</small></strong>
the brightest of it, such as the fluid in the ventricles</p>
</div>

<figure class="dark">
{picture(out / "views.png", "Three cuts through the image with the outlines of both classes")}</figure>
<p class="caption">Cuts through the centre of the tissue, all at one scale. The slices are tilted by
{image.tilt_degrees:.0f}° against the scanner’s axes. Drawn by matplotlib.</p>

<h2>Volumes</h2>
{table(("class", "voxels", "volume (mL)", "mean signal"), rows)}
<p class="caption">Tissue is the largest connected part above Otsu’s threshold, its gaps closed and its holes
filled. For the second class each voxel is compared with the mean of its surroundings; the brightest exceed it by more than
{100 * (result.brightest_above - 1):.0f} %, Otsu’s threshold of the brighter half. It is a class of brightness, not of
anatomy: some bright cortex near the coil is in it.</p>

<h2>Slice by slice</h2>
<figure>{picture(out / "slices.png", "Area of both classes in each slice")}</figure>
<p class="caption">Area of each class in each of the {image.data.shape[2]} slices; the scales differ. Drawn by
R with ggplot2.</p>

<h2>A DICOM series</h2>
<p>{series.files} files of a {escape(series.manufacturer)} scanner, protocol <code>{escape(series.protocol)}</code>,
converted by dcm2niix to {times(series.shape)} voxels of {times(series.voxel_mm)} mm. It and pydicom agree on the repetition time,
{series.repetition_ms:g} ms, and on the size of the pixels.</p>

<h2>The environment of this report</h2>
<dl>
<dt>derivation</dt><dd><code>{escape(identity.derivation)}</code></dd>
<dt>root</dt><dd><code>{escape(identity.root)}</code></dd>
<dt>copse.lock</dt><dd><code>sha256 {identity.lock_sha256}</code></dd>
<dt>packages</dt><dd>{identity.debian_packages} of Debian, among them</dd>
</dl>
<ul class="versions">{versions}</ul>
</html>
"""
    target = out / "report.html"
    target.write_text(page, encoding="utf-8")
    return target


def picture(path: Path, alt: str) -> str:
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}">'


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def times(values: tuple[float, ...]) -> str:
    return "\u00a0×\u00a0".join(f"{value:g}" for value in values)


STYLE = """
:root { --ink: #1f2a30; --faint: #66757f; --line: #e1e6e9; --tissue: #c96f12; --brightest: #1f83b8; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 54rem; padding: 3.5rem 1.5rem 5rem; background: #fff; color: var(--ink);
  font: 1rem/1.55 system-ui, "DejaVu Sans", sans-serif; }
h1 { margin: 0; font-size: 2rem; letter-spacing: -0.02em; line-height: 1.2; }
h2 { margin: 3.2rem 0 0.8rem; font-size: 1.15rem; }
p { margin: 0; max-width: 44rem; text-wrap: pretty; }
header p { margin-top: 0.4rem; color: var(--faint); }
.numbers { display: flex; flex-wrap: wrap; gap: 1.2rem 3.5rem; margin: 2rem 0; }
.numbers p { max-width: 18rem; text-wrap: balance; color: var(--faint); font-size: 0.92rem; line-height: 1.4; }
.numbers strong { display: block; font-size: 2.5rem; font-weight: 600; letter-spacing: -0.02em; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.numbers strong small { font-size: 0.5em; font-weight: 400; letter-spacing: 0; }
.tissue { color: var(--tissue); }
.brightest { color: var(--brightest); }
figure { margin: 0; }
figure.dark { padding: 0.4rem; border-radius: 0.6rem; background: #000; }
img { display: block; width: 100%; height: auto; }
.caption { margin-top: 0.7rem; color: var(--faint); font-size: 0.88rem; line-height: 1.5; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.45rem 0 0.45rem 1rem; border-bottom: 1px solid var(--line); text-align: right; }
th { color: var(--faint); font-size: 0.88rem; font-weight: 400; vertical-align: bottom; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
tbody tr:first-child td { font-weight: 600; }
code { font: 0.86em/1.5 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 1.4rem; margin: 0; }
dt { color: var(--faint); }
dd { margin: 0; }
.versions { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.2rem, 1fr)); gap: 0.3rem 1.2rem;
  margin: 0.8rem 0 0; padding: 0; color: var(--faint); list-style: none; font-variant-numeric: tabular-nums; }
.versions li { white-space: nowrap; }
.versions b { color: var(--ink); font-weight: 400; }
@media (max-width: 30rem) {
  body { padding: 1.8rem 1rem 3rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.7rem; }
}
"""
