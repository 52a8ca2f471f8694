# What Nixpkgs calls interpreters and their packages: python312, python312Packages. A release has no name of its own.
{ lib }:
let
  attributeOf = version: "python${builtins.replaceStrings [ "." ] [ "" ] version}";
  versions = map (minor: "3.${toString minor}") (lib.range 8 15);
in
{
  of =
    pythonOfVersion:
    builtins.listToAttrs (
      builtins.concatMap (version: [
        {
          name = attributeOf version;
          value = pythonOfVersion version;
        }
        {
          name = "${attributeOf version}Packages";
          value = (pythonOfVersion version).pkgs;
        }
      ]) versions
    );
}
