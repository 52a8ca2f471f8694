# __structuredAttrs: the attributes as one JSON text.
let
  make = extra: derivation ({ name = "structured"; builder = "/bin/sh"; system = "x86_64-linux"; __structuredAttrs = true; } // extra);
  dep = derivation { name = "dep"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = [ "out" "dev" ]; };
in
{
  plain = make { };
  scalars = make { i = 1; t = true; f = false; n = null; s = "text"; };
  nested = make { a = { b = { c = [ 1 2 [ "x" { } ] ]; }; }; e = [ ]; };
  strings = make { s = "quote \" backslash \\ newline \n tab \t utf8 é"; };
  slash = make { s = "a/b"; };
  deps = make { d = dep; l = [ dep.dev "${dep}/bin" ]; };
  paths = make { src = ./sources/tree; files = [ ./sources/builder.sh ]; };
  args = make { args = [ "-c" "echo" 1 ]; };
  outputs = make { outputs = [ "out" "lib" ]; };
  outputs-reversed = make { outputs = [ "lib" "out" ]; x = 1; };
  fixed = make { outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; outputHashMode = "recursive"; };
  fixed-algo = make { outputHash = "d41d8cd98f00b204e9800998ecf8427e"; outputHashAlgo = "md5"; };
  ignore-nulls = make { __ignoreNulls = true; n = null; l = [ null ]; };
  to-string-attr = make { s = { __toString = self: "x"; }; };
  env-attr = make { env = { A = "1"; B = "two"; }; };
  checks = make { outputChecks.out.allowedReferences = [ "out" ]; };
  builder-dep = make { builder = "${dep}/bin/sh"; };
  user = derivation { name = "user"; builder = "/bin/sh"; system = "x86_64-linux"; d = make { x = 1; }; };
  structured-false = make { __structuredAttrs = false; a = 1; };
  odd-names = make { "a b" = 1; "" = 2; "é" = 3; };
}
