# From a locked package to its tree in the store: fetched by hash, unpacked, compiled to byte code; each once, whatever
# environment it is for.
{
  final,
  # python3.11
  executable,
  # Of an sdist, what `sdists.nix` builds.
  sdists,
}:
let
  inherit (final)
    lib
    system
    debianTools
    ;

  fetchFile =
    file:
    derivation (
      {
        name = lib.sanitizeDerivationName file.file;
        system = "builtin";
        builder = "builtin:fetchurl";
        url = builtins.head file.urls;
        urls = builtins.tail file.urls;
        outputHash = file.sha256;
        outputHashAlgo = "sha256";
        outputHashMode = "flat";
        preferLocalBuild = true;
      }
      // lib.optionalAttrs (file.sizeBytes != null) { inherit (file) sizeBytes; }
    );

  # One for all packages: an expression of its own for each would be evaluated for each.
  compilerRoot = debianTools.compilerRoot executable;

  unpackWheel =
    { name, version, ... }@args:
    debianTools.native (
      {
        inherit system;
        builder = "builtin:copse-wheel";
        python = executable;
      }
      // removeAttrs args [ "version" ]
      // {
        name = lib.sanitizeDerivationName "${executable}-${name}-${version}";
      }
    );
in
{
  inherit fetchFile unpackWheel;

  treeOf =
    wanted: one:
    unpackWheel (
      {
        inherit (one) name version;
      }
      // (
        if one.isWheel then
          {
            inherit (one) file;
            wheel = fetchFile one;
          }
        else
          { wheel = sdists.wheelOf wanted one (fetchFile one); }
      )
    );

  metadataOf = wanted: sdist: sdists.metadataOf wanted sdist (fetchFile sdist);

  bytecodeOf =
    tree:
    debianTools.native {
      name = "${tree.name}-bytecode";
      inherit system;
      python = executable;
      root = compilerRoot;
      builder = "builtin:copse-bytecode";
      package = tree;
    };
}
