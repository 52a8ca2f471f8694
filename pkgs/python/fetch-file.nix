# A locked file: { file; urls; sha256; sizeBytes }, of which only the size may be unknown (null).
final:
let
  inherit (final) lib;
in
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
)
