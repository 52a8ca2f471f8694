# pythonRelaxDeps and pythonRemoveDeps: demands of a package that are wrong. Each is `true` for all, or a list of names.
{ lib, engine }:
{
  # Requirements: "numpy<2" without its versions where it is to be relaxed, and nothing where it is to be removed.
  changed =
    { relaxed, removed, ... }:
    builtins.concatMap (
      text:
      let
        one = engine.pythonRequirement text;
        extras = if one.extras == [ ] then "" else "[${lib.concatStringsSep "," one.extras}]";
        names = stated: stated == true || builtins.elem one.name stated;
      in
      if names removed then
        [ ]
      else if names relaxed && one.url == null then
        [ "${one.name}${extras}" ]
      else
        [ text ]
    );

  # As phases/change-metadata.py reads them.
  words = stated: if stated == true then "*" else lib.concatStringsSep " " stated;
}
