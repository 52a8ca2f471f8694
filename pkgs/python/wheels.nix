# From a locked package to its tree in the store: fetched by hash, unpacked; each once, whatever environment it
# is for.
{
  final,
  # ./interpreter/from-debian.nix or ./interpreter/from-source.nix
  interpreter,
  # Of an sdist, what `sdists.nix` builds.
  sdists,
}:
let
  inherit (final)
    lib
    system
    debianTools
    ;
  inherit (interpreter) executable;

  fetchFile = import ./fetch-file.nix final;

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
      // lib.optionalAttrs (one.origin != null) { inherit (one.origin) directUrl; }
    );

  metadataOf = wanted: sdist: sdists.metadataOf wanted sdist (fetchFile sdist);
}
