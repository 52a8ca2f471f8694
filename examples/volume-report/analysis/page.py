"""The report: one HTML page that carries its pictures, so that it can be sent as a file."""

import base64
from html import escape
from pathlib import Path

from dicom import Series
from identity import Identity
from measure import Image, Segmentation

STYLE = """
:root { color-scheme: light; --ink: #1f2a30; --faint: #66757f; --line: #dfe5e8; --mark: #c8690f; }
body { margin: 0 auto; max-width: 56rem; padding: 2.5rem 1.5rem 4rem; color: var(--ink);
  font: 16px/1.55 system-ui, "DejaVu Sans", sans-serif; background: #fff; }
h1 { font-size: 1.9rem; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 0.6rem; }
.lead { color: var(--faint); margin: 0.3rem 0 1.6rem; }
.figure { font-size: 2.6rem; font-weight: 650; color: var(--mark); line-height: 1.1; }
img { width: 100%; height: auto; display: block; }
figure { margin: 1rem 0; }
figcaption, small { color: var(--faint); font-size: 0.88rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.8rem 0.35rem 0; border-bottom: 1px solid var(--line); text-align: left; }
td.number, th.number { text-align: right; }
code { font: 0.86rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem 1.2rem; margin: 0; }
dt { color: var(--faint); }
dd { margin: 0; min-width: 0; }
"""


def picture(path: Path, alt: str) -> str:
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}">'


def segment_rows(result: Segmentation) -> str:
    return "\n".join(
        f'<tr><td>{number}</td><td class="number">{part.voxels:,}</td>'
        f'<td class="number">{part.volume_ml:.1f}</td><td class="number">{part.mean:.0f}</td></tr>'
        for number, part in enumerate(result.segments, 1)
    )


def size(values: tuple[float, ...]) -> str:
    return " × ".join(f"{value:g}" for value in values)


def write(out: Path, image: Image, result: Segmentation, series: Series, identity: Identity) -> Path:
    versions = "\n".join(f"<tr><td>{escape(n)}</td><td>{escape(v)}</td></tr>" for n, v in identity.versions.items())
    page = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Volume report: {escape(image.name)}</title>
<style>{STYLE}</style>
<h1>Volume report</h1>
<p class="lead">{escape(image.name)}: MR image of a head, {size(image.data.shape)} voxels of
{size(tuple(round(v, 2) for v in image.voxel_mm))} mm, mean of {image.frames} frames</p>
<div class="figure">{result.volume_ml:.1f} mL</div>
<small>tissue above Otsu's threshold ({result.threshold:.1f}), closed, holes filled</small>
<figure>{picture(out / "views.png", "Three cuts through the image with the outline of the segmentation")}
<figcaption>Centre of the segmentation; the outline is what was measured. Drawn by matplotlib.</figcaption></figure>
<h2>Segments</h2>
<table><tr><th>segment</th><th class="number">voxels</th><th class="number">volume (mL)</th>
<th class="number">mean signal</th></tr>
{segment_rows(result)}</table>
<h2>Slice by slice</h2>
<figure>{picture(out / "slices.png", "Area of tissue in each slice")}
<figcaption>Area of the segmentation in each slice. Drawn by ggplot2.</figcaption></figure>
<h2>DICOM series</h2>
<p>{series.files} files by {escape(series.manufacturer)}, converted by dcm2niix to {size(series.shape)} voxels of
{size(series.voxel_mm)} mm; repetition time {series.repetition_ms:g} ms, as pydicom reads it.</p>
<h2>Environment</h2>
<dl>
<dt>derivation</dt><dd><code>{escape(identity.derivation)}</code></dd>
<dt>root</dt><dd><code>{escape(identity.root)}</code></dd>
<dt>lock, SHA-256</dt><dd><code>{identity.lock_sha256}</code></dd>
<dt>packages</dt><dd>{identity.packages} from Debian</dd>
</dl>
<table><tr><th>program</th><th>version</th></tr>
{versions}</table>
</html>
"""
    target = out / "report.html"
    target.write_text(page, encoding="utf-8")
    return target
