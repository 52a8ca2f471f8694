# An interpreter that no suite of Debian's has: CPython from its source archive, built in the sandbox.
#
# It is a store path with its own prefix, and what it links to (OpenSSL, zlib, SQLite, ...) is Debian's, in the root that
# it is used in. tkinter is left out, as it is in Debian's python3.
final:
{
  # What copse.lock has for the wanted version: { version; file; urls; sha256; sizeBytes }
  source,
}:
let
  inherit (final) lib system debianTools;

  fullVersion = source.version;
  pythonVersion = lib.concatStringsSep "." (lib.take 2 (lib.splitString "." fullVersion));
  executable = "python${pythonVersion}";

  # The -dev packages, and by what name the library of each is called.
  libraries = {
    libbz2-dev = "libbz2-[0-9].*";
    libffi-dev = "libffi[0-9].*";
    liblzma-dev = "liblzma[0-9].*";
    libncurses-dev = "lib(ncursesw|tinfo)[0-9].*";
    libreadline-dev = "libreadline[0-9].*";
    libsqlite3-dev = "libsqlite3-[0-9].*";
    libssl-dev = "libssl[0-9].*";
    uuid-dev = "libuuid1.*";
    zlib1g-dev = "zlib1g";
  }
  // lib.optionalAttrs (builtins.compareVersions pythonVersion "3.14" >= 0) { libzstd-dev = "libzstd[0-9].*"; };

  toolchain = [
    "gcc"
    "libc6-dev"
    "make"
    "pkg-config"
    "xz-utils"
  ];
  buildRequests = toolchain ++ builtins.attrNames libraries;

  # A library's package has another name in every suite: it is what its -dev package brings.
  isLibrary = deb: builtins.any (pattern: builtins.match pattern deb.name != null) (builtins.attrValues libraries);
  isDevelopment = deb: lib.hasSuffix "-dev" deb.name;
  runtimeLibraries = map (deb: deb.name) (
    builtins.filter (deb: isLibrary deb && !isDevelopment deb) (debianTools.resolve (debianTools.basePackages ++ buildRequests))
  );
  rootRequests = runtimeLibraries ++ [
    "libstdc++6"
    "media-types"
    "tzdata"
  ];
  closure = debianTools.resolve (debianTools.basePackages ++ rootRequests);

  cpython = derivation {
    name = "cpython-${fullVersion}";
    inherit system executable;
    src = import ../fetch-file.nix final source;
    # What would be missing if a library above was.
    modules = [
      "_bz2"
      "_ctypes"
      "_curses"
      "_hashlib"
      "_lzma"
      "_sqlite3"
      "_ssl"
      "_uuid"
      "readline"
      "zlib"
    ]
    ++ lib.optional (libraries ? libzstd-dev) "_zstd";
    builder = "/bin/bash";
    args = [
      "-e"
      ./build-cpython.sh
    ];
    sandboxRoot = debianTools.makeRoot {
      name = "cpython-build";
      packages = buildRequests;
    };
    requiredSystemFeatures = [ "copse-root" ];
  };
  program = "${cpython}/bin/${executable}";

  # One for all packages: an expression of its own for each would be evaluated for each.
  compilerRoot = debianTools.makeRoot {
    name = "python-compiler";
    packages = rootRequests;
  };
in
{
  inherit
    executable
    pythonVersion
    fullVersion
    rootRequests
    program
    closure
    ;

  headers = [ ];

  bytecodeOf =
    tree:
    derivation {
      name = "${tree.name}-bytecode";
      inherit system;
      package = tree;
      builder = program;
      args = [
        # Not -I, which would ignore the seed of hashes.
        "-s"
        "-S"
        "${./compile-bytecode.py}"
      ];
      sandboxRoot = compilerRoot;
      PYTHONHASHSEED = "0";
      requiredSystemFeatures = [ "copse-root" ];
    };
}
