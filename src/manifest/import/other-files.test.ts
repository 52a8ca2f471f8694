import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { importProject } from "./mod.ts";
import { imported } from "./testing.ts";

test("conda: names, versions, builds, pip's list, what is Debian's and R's", () => {
  const { data, lost, unreproducible, result } = imported({
    "environment.yml": `name: seg
channels: [conda-forge, pytorch]
dependencies:
  - python=3.9
  - pytorch::pytorch=2.1.2=py3.9_cuda12.1_0
  - pytorch-cuda=12.1
  - numpy=1.26
  - pandas=2.1.4
  - scikit-image>=0.20,<0.22
  - tqdm 4.66.*
  - "monai[version='>=1.3,<2']"
  - alternatives=1.0|2.0
  - git
  - r-base=4.3
  - r-rcpp>=1.0
  - pip
  - pip:
      - nibabel==5.2.1
      - -r more/requirements.txt
variables:
  THREADS: 4
`,
    "more/requirements.txt": "pydicom\n",
  });
  assert.equal(data.name, "seg");
  assert.equal(data.python?.version, "3.9");
  assert.deepEqual(data.python?.packages, [
    "torch==2.1.2",
    "numpy==1.26.*",
    "pandas==2.1.4",
    "scikit-image>=0.20,<0.22",
    "tqdm==4.66.*",
    "monai>=1.3,<2",
    "alternatives",
    "nibabel==5.2.1",
    "pydicom",
  ]);
  assert.deepEqual(data.system?.packages, ["git"]);
  assert.deepEqual(data.r?.packages, ["Rcpp (>= 1.0)"]);
  assert.deepEqual(data.variables, new Map([["THREADS", "4"]]));
  assert.match(lost.join("\n"), /environment\.yml:6: .*CUDA/);
  assert.match(lost.join("\n"), /environment\.yml:12: `alternatives`: its version/);
  assert.match(unreproducible.join("\n"), /environment\.yml:2: channels have no date/);
  assert.deepEqual(result.guessed.slice(0, 2), ["numpy", "pandas"]);
});

test("a Dockerfile: image, apt, pip, R, variables, files that COPY puts somewhere, what is started", () => {
  const { data, lost, unreproducible } = imported({
    Dockerfile: `ARG PY=3.11
FROM python:$PY-slim-bookworm AS base
ENV A=1 B="two words" PATH=/x:$PATH
ENV DEBIAN_FRONTEND noninteractive
ENV HF_TOKEN=abc
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends \\
    git libgl1 python3-dev \\
    # a comment in between
    ffmpeg=7:5.1.* && rm -rf /var/lib/apt/lists/*
RUN curl -sSL http://127.0.0.1:9/install.sh | bash
COPY reqs/*.txt /tmp/reqs/
COPY . .
RUN --mount=type=bind,source=extra.txt,target=/mnt/x.txt pip install -r /mnt/x.txt
RUN pip3 install --no-cache-dir -r /tmp/reqs/base.txt "monai[all]>=1.3" -e .
FROM ubuntu:22.04 AS unused
RUN pip install unused
FROM base
RUN ["python", "-m", "pip", "install", "six==1.16"]
RUN <<EOF
set -e
pip install 'polars==1.0' # why
Rscript -e 'install.packages(c("lme4", "data.table"), repos="http://127.0.0.1:9/2024-03-01")'
make all
EOF
ADD http://127.0.0.1:9/w.bin /w.bin
EXPOSE 80
CMD ["python", "train.py"]
`,
    "reqs/base.txt": "nibabel\n",
    "extra.txt": "tqdm\n",
    "setup.py": "setup(name='study')",
  });
  assert.deepEqual(data.system?.packages, ["ffmpeg", "git", "libgl1"]);
  assert.deepEqual(data.system?.pins, [{ package: "ffmpeg", pin: "version 7:5.1.*", priority: 1001 }]);
  assert.equal(data.system?.suite, "bookworm");
  assert.equal(data.python?.version, "3.11");
  assert.deepEqual(data.python?.packages, [
    "tqdm",
    "nibabel",
    { name: "study", path: ".", editable: true },
    "monai[all]>=1.3",
    "six==1.16",
    "polars==1.0",
  ]);
  assert.deepEqual(data.r, { snapshot: "2024-03-01", packages: ["lme4", "data.table"] });
  assert.deepEqual(
    data.variables,
    new Map([
      ["A", "1"],
      ["B", "two words"],
    ]),
  );
  assert.deepEqual(data.tasks?.get("start"), { run: ["python", "train.py"] });
  for (const line of [
    /:5: the variable `HF_TOKEN`, which looks like a secret/,
    /:11: `curl/,
    /:16: the stage `unused`/,
    /: `make all`/,
    /w\.bin/,
    /EXPOSE/,
  ])
    assert.match(lost.join("\n"), line);
  for (const line of [
    /:2: .*a tag can move/,
    /:7: apt without a version: git, libgl1/,
    /:11: `curl \| bash`/,
    /R packages without a version/,
  ])
    assert.match(unreproducible.join("\n"), line);
  assert.equal(
    lost.some((line) => line.includes("abc")),
    false,
  );
});

test("renv.lock and DESCRIPTION", () => {
  const lock = (repository: string) =>
    JSON.stringify({
      R: { Version: "4.3.1", Repositories: [{ Name: "CRAN", URL: repository }] },
      Packages: {
        lme4: { Package: "lme4", Version: "1.1-35", Source: "Repository", Requirements: ["Matrix", "R"] },
        Matrix: { Package: "Matrix", Version: "1.6-1", Source: "Repository" },
        mine: {
          Package: "mine",
          Version: "0.1",
          Source: "GitHub",
          RemoteUsername: "lab",
          RemoteRepo: "mine",
        },
      },
    });
  const dated = imported({ "renv.lock": lock("http://127.0.0.1:9/cran/2024-03-01") });
  assert.deepEqual(dated.data.r, { snapshot: "2024-03-01", packages: ["lme4 (== 1.1-35)"] });
  assert.match(dated.lost.join("\n"), /`mine` from GitHub \(lab\/mine\)/);
  assert.deepEqual(imported({ "renv.lock": lock("http://127.0.0.1:9") }).data.r?.packages, [
    "lme4 (>= 1.1-35)",
  ]);
  const both = imported({
    "renv.lock": lock("http://127.0.0.1:9"),
    DESCRIPTION:
      "Package: study\nVersion: 1\nDepends: R (>= 4.1), methods\nImports: lme4 (>= 1.0),\n    ggplot2\nSystemRequirements: GDAL (>= 2), a telescope\nSuggests: testthat\n",
  });
  assert.deepEqual(both.data.r?.packages, ["lme4 (>= 1.1-35)", "ggplot2"]);
  assert.deepEqual(both.data.system?.packages, ["libgdal-dev"]);
  assert.match(both.lost.join("\n"), /DESCRIPTION:6: the requirement of the system `a telescope`/);
});

test("a file is known by what stands in it", () => {
  const { result } = imported(
    { "list.txt": "numpy\n", "x.yaml": "dependencies:\n  - numpy\n" },
    { named: ["list.txt", "x.yaml"] },
  );
  assert.deepEqual(
    result.files.map(({ kind }) => kind),
    ["requirements", "conda"],
  );
  assert.throws(() => imported({ "x.bin": "\u0001\u0002" }, { named: ["x.bin"] }), {
    code: "import-kind-unknown",
  });
});

test("YAML bombs, depth and broken files are refused", () => {
  const yaml = (text: string) => () => imported({ "environment.yml": text });
  assert.throws(yaml("a: &a [x]\ndependencies: [*a, *a]\n"), { code: "import-syntax" });
  assert.throws(yaml(`dependencies: ${"[".repeat(100_000)}`), { code: "import-syntax" });
  assert.throws(yaml(`${"- ".repeat(20_000)}x`), { code: "import-syntax" });
  assert.throws(yaml("a: b: c:\n- {"), { code: "import-syntax" });
  assert.throws(() => imported({ "pyproject.toml": "[project\n" }), { code: "import-syntax" });
  assert.throws(() => imported({ "Pipfile.lock": '{"default": ' }), { code: "import-syntax" });
  assert.throws(() => imported({ "requirements.txt": Buffer.alloc(33 << 20, "a\n") }), {
    code: "import-too-large",
  });
});

test("links and pipes lead nowhere", () => {
  const folder = mkdtempSync(join(tmpdir(), "copse-import-"));
  try {
    mkdirSync(join(folder, "project"));
    symlinkSync("/etc/passwd", join(folder, "project/requirements.txt"));
    spawnSync("mkfifo", [join(folder, "project/Pipfile")]);
    const { files } = importProject({ folder: join(folder, "project"), files: [], knownIndexes: [] });
    assert.deepEqual(files, []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
