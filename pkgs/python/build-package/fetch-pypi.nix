# A file of PyPI by its hash: { pname; version; hash; format ? "setuptools"; extension ? "tar.gz"; }, and for a
# wheel also `dist`, `python`, `abi` and `platform`, the parts of its name. Whichever index is configured has it.
{ lib, engine }:
{
  pname,
  version,
  format ? "setuptools",
  extension ? "tar.gz",
  python ? "py2.py3",
  dist ? python,
  abi ? "none",
  platform ? "any",
  hash ? "",
  sha256 ? "",
}:
let
  file =
    if format == "wheel" then
      "${pname}-${version}-${dist}-${abi}-${platform}.whl"
    else
      "${pname}-${version}.${extension}";
  stated = if hash != "" then hash else sha256;
in
if stated == "" then
  throw "fetchPypi needs the hash of the file: `${file}`"
else
  derivation (
    {
      name = lib.sanitizeDerivationName file;
      system = "builtin";
      builder = "builtin:fetchurl";
      url = "pypi:${engine.pythonName pname}/${file}";
      urls = [ ];
      outputHash = stated;
      outputHashMode = "flat";
      preferLocalBuild = true;
    }
    # An SRI hash tells its kind itself.
    // lib.optionalAttrs (hash == "") { outputHashAlgo = "sha256"; }
  )
