# `<nix/fetchurl.nix>`: one file by its hash, fetched by Nix itself, so that nothing needs to be built before. With
# `executable` it is a program; with `unpack` the tree of which it is the NAR.
#
# Which variables the derivation has is part of the paths that it leads to: they are those of Nix.
{
  url,
  name ? baseNameOf (toString url),
  executable ? false,
  unpack ? false,

  # An SRI hash; or, as it used to be written, a hash by its kind.
  hash ? "",
  sha512 ? "",
  sha256 ? "",
  sha1 ? "",
  md5 ? "",
  outputHash ? null,
  outputHashAlgo ? null,

  # Accepted, and of no effect.
  system ? "",
  impure ? false,
}:

let
  # By precedence; SHA-256 is what remains.
  stated =
    if hash != "" then
      {
        algorithm = "";
        value = hash;
      }
    else if sha512 != "" then
      {
        algorithm = "sha512";
        value = sha512;
      }
    else if sha1 != "" then
      {
        algorithm = "sha1";
        value = sha1;
      }
    else if md5 != "" then
      {
        algorithm = "md5";
        value = md5;
      }
    else
      {
        algorithm = "sha256";
        value = sha256;
      };
  contents =
    if impure then
      { __impure = true; }
    else
      {
        outputHash = if outputHash != null then outputHash else stated.value;
        outputHashAlgo = if outputHashAlgo != null then outputHashAlgo else stated.algorithm;
      };
in
derivation (
  {
    inherit
      name
      url
      executable
      unpack
      ;
    builder = "builtin:fetchurl";
    system = "builtin";
    outputHashMode = if executable || unpack then "recursive" else "flat";
    preferLocalBuild = true;
    impureEnvVars = map (prefix: "${prefix}_proxy") [
      "http"
      "https"
      "ftp"
      "all"
      "no"
    ];
    urls = [ url ];
  }
  // contents
)
