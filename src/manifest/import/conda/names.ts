/**
 * What packages of conda are called here. Most packages of Python have PyPI's name; these tables have those that do not, and
 * what is no Python at all but a program or a library of Debian. A name that stands in none of them is taken for PyPI's, and
 * the report says that nobody has looked.
 */

/** conda's name to PyPI's. */
export const PYPI_NAMES: Readonly<Record<string, string>> = {
  "brotli-python": "brotli",
  "dask-core": "dask",
  "faiss-cpu": "faiss-cpu",
  importlib_metadata: "importlib-metadata",
  jupyterlab_widgets: "jupyterlab-widgets",
  "keras-gpu": "keras",
  libsvm: "libsvm-official",
  "matplotlib-base": "matplotlib",
  "msgpack-python": "msgpack",
  opencv: "opencv-python-headless",
  "py-opencv": "opencv-python-headless",
  "py-xgboost": "xgboost",
  "pybind11-abi": "pybind11",
  pyqt: "PyQt5",
  pyside2: "PySide2",
  pytables: "tables",
  "python-blosc": "blosc",
  "python-dateutil": "python-dateutil",
  "python-flatbuffers": "flatbuffers",
  "python-graphviz": "graphviz",
  "python-tzdata": "tzdata",
  pytorch: "torch",
  "pytorch-cpu": "torch",
  "pytorch-gpu": "torch",
  pyyaml: "PyYAML",
  "seaborn-base": "seaborn",
  shapely: "shapely",
  "tensorflow-base": "tensorflow",
  "tensorflow-gpu": "tensorflow",
  torchdata: "torchdata",
};

/** conda's name to Debian's. */
export const DEBIAN_NAMES: Readonly<Record<string, readonly string[]>> = {
  ants: ["ants"],
  autoconf: ["autoconf"],
  automake: ["automake"],
  bedtools: ["bedtools"],
  binutils: ["binutils"],
  blast: ["ncbi-blast+"],
  "boost-cpp": ["libboost-all-dev"],
  bwa: ["bwa"],
  bzip2: ["libbz2-dev"],
  "c-compiler": ["gcc"],
  cmake: ["cmake"],
  compilers: ["build-essential", "gfortran"],
  curl: ["curl"],
  "cxx-compiler": ["g++"],
  dcm2niix: ["dcm2niix"],
  dcmtk: ["dcmtk"],
  eigen: ["libeigen3-dev"],
  expat: ["libexpat1-dev"],
  ffmpeg: ["ffmpeg"],
  fftw: ["libfftw3-dev"],
  "fortran-compiler": ["gfortran"],
  freetype: ["libfreetype-dev"],
  gcc: ["gcc"],
  "gcc_linux-64": ["gcc"],
  "gfortran_linux-64": ["gfortran"],
  git: ["git"],
  "git-lfs": ["git-lfs"],
  glib: ["libglib2.0-0"],
  gmp: ["libgmp-dev"],
  graphviz: ["graphviz"],
  gsl: ["libgsl-dev"],
  gxx: ["g++"],
  "gxx_linux-64": ["g++"],
  hdf5: ["libhdf5-dev"],
  htop: ["htop"],
  imagemagick: ["imagemagick"],
  jq: ["jq"],
  libgdal: ["libgdal-dev"],
  libgl: ["libgl1"],
  libnetcdf: ["libnetcdf-dev"],
  libsndfile: ["libsndfile1"],
  make: ["make"],
  ncurses: ["libncurses-dev"],
  ninja: ["ninja-build"],
  nodejs: ["nodejs"],
  openblas: ["libopenblas-dev"],
  openjdk: ["default-jdk-headless"],
  openmpi: ["openmpi-bin", "libopenmpi-dev"],
  openssl: ["openssl"],
  pandoc: ["pandoc"],
  parallel: ["parallel"],
  perl: ["perl"],
  "pkg-config": ["pkg-config"],
  pigz: ["pigz"],
  poppler: ["poppler-utils"],
  postgresql: ["postgresql"],
  proj: ["libproj-dev"],
  rsync: ["rsync"],
  rust: ["rustc", "cargo"],
  samtools: ["samtools"],
  sox: ["sox"],
  sqlite: ["sqlite3"],
  swig: ["swig"],
  tesseract: ["tesseract-ocr"],
  tree: ["tree"],
  unzip: ["unzip"],
  wget: ["wget"],
  zip: ["zip"],
  zlib: ["zlib1g-dev"],
};

/** What an environment has anyway, or wheels bring with them: conda alone needs a name for it. */
const IN_EVERY_ENVIRONMENT =
  /^(?:python_abi|pip|ca-certificates|certifi-base|_libgcc_mutex|_openmp_mutex|libgcc(?:-ng)?|libstdcxx(?:-ng)?|libgomp|libgfortran.*|ld_impl_linux-64|libffi|readline|tk|xz|tzdata|libblas|libcblas|liblapack|libopenblas|mkl|mkl-service|blas|intel-openmp|llvm-openmp|nomkl|libuuid|libzlib|libsqlite|libexpat|libnsl|libxcrypt|bzip2|ncurses|lz4-c|zstd|sysroot_linux-64|kernel-headers_linux-64)$/;

/** Which of CUDA's libraries a wheel needs, it says itself. */
const CUDA = /^(?:pytorch-cuda|cudatoolkit(?:-dev)?|cuda(?:-.*)?|cudnn|nccl|libcu[a-z]+.*|pytorch-mutex)$/;

/** R's names are told apart by capitals, which conda's names have lost. */
const R_NAMES: readonly string[] = [
  ..."BH Biobase BiocGenerics BiocManager Biostrings Cairo DBI DESeq2 DT FNN FactoMineR GGally GenomicRanges".split(
    " ",
  ),
  ..."Hmisc IRanges IRdisplay IRkernel KernSmooth MASS Matrix ModelMetrics RANN RColorBrewer RCurl RMySQL".split(
    " ",
  ),
  ..."ROCR RPostgres RSQLite Rcpp RcppArmadillo RcppEigen RcppParallel Rtsne S4Vectors SQUAREM Seurat".split(
    " ",
  ),
  ..."SummarizedExperiment TH.data TTR V8 VGAM VIM XML XVector edgeR ggExtra lmerTest lubridate mgcv rJava tidyverse".split(
    " ",
  ),
];

const R_BY_LOWER_CASE = new Map(R_NAMES.map((name) => [name.toLowerCase(), name]));

export type CondaMeaning =
  | { readonly kind: "python" }
  | { readonly kind: "pypi"; readonly name: string; readonly isKnown: boolean }
  | { readonly kind: "debian"; readonly names: readonly string[] }
  | { readonly kind: "r"; readonly name: string; readonly isKnown: boolean }
  | { readonly kind: "r-itself" | "cuda" | "implied" };

/** What a package of conda is here. The first table that has the name counts. */
export function meaningOf(name: string): CondaMeaning {
  if (name === "python") return { kind: "python" };
  if (name === "r-base" || name === "r-essentials") return { kind: "r-itself" };
  if (IN_EVERY_ENVIRONMENT.test(name)) return { kind: "implied" };
  if (CUDA.test(name)) return { kind: "cuda" };
  const r = /^(?:r|bioconductor)-(.+)$/.exec(name)?.[1];
  if (r !== undefined) {
    const known = R_BY_LOWER_CASE.get(r);
    return { kind: "r", name: known ?? r, isKnown: known !== undefined };
  }
  const debian = Object.hasOwn(DEBIAN_NAMES, name) ? DEBIAN_NAMES[name] : undefined;
  if (debian) return { kind: "debian", names: debian };
  const pypi = Object.hasOwn(PYPI_NAMES, name) ? PYPI_NAMES[name] : undefined;
  return { kind: "pypi", name: pypi ?? name, isKnown: pypi !== undefined };
}
