# What python3Packages.callPackage looks among: the set's own names, what the package set names, then PyPI, then Debian.
#
# A name that both worlds have means the Python package, as in Nixpkgs, unless its set of Python packages leaves it to the
# system: nobody who takes `git` as an argument wants what somebody has called so on PyPI.
{ final, pythonPackages }:
let
  inherit (final) lib engine;

  # Keep them sorted.
  ofSystem = lib.genAttrs [
    "bash"
    "bubblewrap"
    "bzip2"
    "cacert"
    "cargo"
    "cmake"
    "coreutils"
    "dbus"
    "file"
    "findutils"
    "gdb"
    "ghostscript"
    "git"
    "git-lfs"
    "gnuplot"
    "graphviz-nox"
    "hwloc"
    "jdk"
    "less"
    "lsof"
    "mercurial"
    "nodejs"
    "pandoc"
    "patchelf"
    "perl"
    "poppler"
    "procps"
    "qt5"
    "qt6"
    "rsync"
    "ruby"
    "rustc"
    "snappy"
    "sox"
    "strace"
    "subversion"
    "swig"
    "tesseract"
    "tree"
    "unzip"
    "wget"
    "yarn"
    "zip"
    "zsh"
  ] (_: null);
  # ... and what the package set names, though Python's package is meant.
  ofPython = lib.genAttrs [
    "itk"
    "protobuf"
    "vtk"
    "zstd"
  ] (name: pythonPackages.${name});

  isSystems = name: ofSystem ? ${name} && final ? ${name};
in
engine.openSet {
  set = final // builtins.mapAttrs (name: _: pythonPackages.${name}) (pythonPackages // { }) // ofPython;
  has = name: isSystems name || pythonPackages ? ${name} || final ? ${name};
  get = name: if !(isSystems name) && pythonPackages ? ${name} then pythonPackages.${name} else final.${name};
  nearest = _: [ ];
}
