# Debian's source packages: what a package was built from, as a folder with the distribution's patches applied.
#
#   pkgs.debianSource "hello"
#   pkgs.debianSource { name = "hello"; version = "2.10-3"; }
#
# The .dsc and the archives that it names are fetched by the hashes of the signed index. They are unpacked by Debian's
# own dpkg-source, which holds each archive against the .dsc once more. `files` are the fetched files.
final: prev:
let
  inherit (final) lib system engine debianTools debianUniverse;

  fetchFile =
    file:
    derivation {
      name = lib.sanitizeDerivationName file.name;
      system = "builtin";
      builder = "builtin:fetchurl";
      url = builtins.head file.urls;
      urls = builtins.tail file.urls;
      inherit (file) sizeBytes;
      outputHash = file.sha256;
      outputHashAlgo = "sha256";
      outputHashMode = "flat";
      preferLocalBuild = true;
    };

  unpackerRoot = debianTools.makeRoot {
    name = "source-unpacker";
    packages = [
      "dpkg-dev"
      "bzip2"
      "xz-utils"
    ];
  };
in
{
  debianSource =
    request:
    let
      wanted = if builtins.isString request then { name = request; } else request;
      found = engine.debianSource (
        wanted
        // {
          inherit system;
          source = debianUniverse;
        }
      );
      files = map fetchFile found.files;
    in
    derivation {
      name = lib.sanitizeDerivationName "${found.name}-${found.version}-source";
      inherit system files;
      fileNames = map (file: file.name) found.files;
      builder = "/bin/bash";
      args = [
        "-e"
        ./unpack-source.sh
      ];
      sandboxRoot = unpackerRoot;
      requiredSystemFeatures = [ "copse-root" ];
    }
    // {
      pname = found.name;
      inherit (found) version format;
      inherit files;
    };
}
