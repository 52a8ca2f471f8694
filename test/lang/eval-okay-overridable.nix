# callPackage and override in a few lines.
let
  makeOverridable = f: args: (f args) // {
    override = new: makeOverridable f (args // (if builtins.isFunction new then new args else new));
  };
  callPackageWith = scope: f: args:
    makeOverridable f (builtins.intersectAttrs (builtins.functionArgs f) scope // args);
  pkgs = {
    zlib = callPackage ({ version ? "1.3" }: { name = "zlib-${version}"; }) { };
    png = callPackage ({ zlib, debug ? false }: {
      name = "png" + (if debug then "-debug" else "");
      inputs = [ zlib.name ];
    }) { };
  };
  callPackage = callPackageWith pkgs;
  show = p: { inherit (p) name; inputs = p.inputs or [ ]; };
in
map show [
  pkgs.png
  (pkgs.png.override { debug = true; })
  (pkgs.png.override (old: { zlib = old.zlib.override { version = "2"; }; }))
]
