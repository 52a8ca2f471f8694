# Derivations that depend on derivations: chains, diamonds, contexts of all kinds.
let
  make = name: extra: derivation ({ inherit name; builder = "/bin/sh"; system = "x86_64-linux"; } // extra);
  a = make "a" { };
  b = make "b" { inherit a; };
  c = make "c" { inherit a; };
  multi = make "multi" { outputs = [ "out" "dev" ]; inherit a; };
  chain = n: if n == 0 then a else make "link-${toString n}" { previous = chain (n - 1); };
  doubling = n: if n == 0 then a else let d = doubling (n - 1); in make "double-${toString n}" { left = d; right = make "other-${toString n}" { inherit d; }; };
in
{
  inherit a b c multi;
  diamond = make "diamond" { inherit b c; };
  chain-1 = chain 1;
  chain-30 = chain 30;
  doubling-8 = doubling 8;
  in-args = make "in-args" { args = [ a "${b}/bin" ]; };
  in-builder = make "in-builder" { builder = "${a}/bin/sh"; };
  in-list = make "in-list" { l = [ a b [ c ] ]; };
  in-name-of-file = make "in-file" { s = "${a}/share/${b.name}"; };
  out-path = make "out-path" { s = a.outPath; };
  drv-path = make "drv-path" { s = a.drvPath; };
  drv-path-of-chain = make "drv-path-chain" { s = (chain 3).drvPath; };
  drv-path-of-multi = make "drv-path-multi" { s = multi.drvPath; };
  drv-path-and-output = make "drv-path-and-output" { s = multi.drvPath; d = multi.dev; };
  drv-file-only = make "drv-file-only" { s = builtins.unsafeDiscardOutputDependency a.drvPath; };
  discarded = make "discarded" { s = builtins.unsafeDiscardStringContext a.outPath; };
  twice = make "twice" { x = a; y = "${a}"; };
  self-by-update = make "updated" (removeAttrs a [ "drvAttrs" ] // { name = "other"; });
  derivation-attrs = make "attrs" { inherit (b) name; dep = b.a; };
  substring-keeps = make "substring" { s = builtins.substring 0 5 "${a}"; };
  replace-keeps = make "replace" { s = builtins.replaceStrings [ "X" ] [ "${a}" ] "aXb"; };
  concat-keeps = make "concat" { s = builtins.concatStringsSep ":" [ a b c ]; };
  base-name-keeps = make "base" { s = baseNameOf a; };
  dir-keeps = make "dir" { s = dirOf "${a}/bin/x"; };
  to-string-keeps = make "tostring" { s = toString [ a b ]; };
  to-json-keeps = make "tojson" { s = builtins.toJSON { inherit a b; p = ./sources/tree; }; };
  to-xml-keeps = make "toxml" { s = builtins.toXML [ a.outPath ]; };
  appended-path = make "appended" { s = builtins.appendContext "x" { "${builtins.unsafeDiscardStringContext a.drvPath}" = { outputs = [ "out" ]; }; }; };
  appended-all = make "appended-all" { s = builtins.appendContext "x" (builtins.getContext multi.drvPath); };
  source-and-drv = make "source-and-drv" { src = ./sources/tree; inherit a; f = builtins.toFile "f" "x"; };
  with-functor = make "functor" { s = { __toString = self: "${a}"; }; };
  override-like = let f = args: make "f" args // { override = new: f (args // new); }; in (f { x = 1; }).override { y = b; };
  all-outputs = make "all-outputs" { s = map (o: multi.${o}) multi.outputs; };
  env-of-same-name = make "a" { a = a; };
  recursive-set = rec { x = make "x" { y = "${a}"; }; z = make "z" { inherit x; }; }.z;
  hundred-inputs = make "hundred" { l = builtins.genList (i: make "i${toString i}" { }) 100; };
}
