# Parts of a folder as a source: which files of it are copied to the store.
{ lib }:
rec {
  # Version control's, editors' and builds' leavings.
  cleanSourceFilter =
    name: type:
    let
      base = baseNameOf (toString name);
    in
    !(
      builtins.elem base [
        ".git"
        ".hg"
        ".svn"
        "CVS"
      ]
      || lib.hasSuffix "~" base
      || builtins.match "[.]sw[a-z]|[.].*[.]sw[a-z]" base != null
      || type == "unknown"
      || type == "symlink" && lib.hasPrefix "result" base
      || lib.hasSuffix ".o" base
      || lib.hasSuffix ".so" base
    );
  # Filters one after another keep what all of them keep.
  cleanSourceWith =
    {
      src,
      filter ? _: _: true,
      name ? null,
    }:
    let
      origin = src.origSrc or src;
      both = path: type: filter path type && (src.filter or (_: _: true)) path type;
      stated = if name != null then name else src.name or "source";
    in
    {
      origSrc = origin;
      filter = both;
      name = stated;
      outPath = builtins.path {
        name = stated;
        path = origin;
        filter = both;
      };
    };
  cleanSource = src: cleanSourceWith { inherit src; filter = cleanSourceFilter; };
  sourceByRegex =
    src: regexes:
    cleanSourceWith {
      inherit src;
      filter =
        path: type:
        let
          inside = lib.removePrefix "${toString (src.origSrc or src)}/" (toString path);
        in
        builtins.any (regex: builtins.match regex inside != null) regexes;
    };
  sourceFilesBySuffices =
    src: endings:
    cleanSourceWith {
      inherit src;
      filter = path: type: type == "directory" || builtins.any (ending: lib.hasSuffix ending path) endings;
    };
}
