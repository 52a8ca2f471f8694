# Several outputs, in all orders, and derivations that use them.
let
  base = { name = "outputs"; builder = "/bin/sh"; system = "x86_64-linux"; };
  make = extra: derivation (base // extra);
  multi = make { outputs = [ "out" "dev" "lib" ]; };
in
{
  one = make { outputs = [ "out" ]; };
  two = make { outputs = [ "out" "dev" ]; };
  two-reversed = make { outputs = [ "dev" "out" ]; };
  three = multi;
  no-out = make { outputs = [ "bin" "doc" ]; };
  only-lib = make { outputs = [ "lib" ]; };
  many = make { outputs = [ "out" "bin" "dev" "lib" "man" "doc" "info" "debug" "static" ]; };
  odd-output = make { outputs = [ "out" "a-b_c.d+e" ]; };
  use-out = make { dep = multi; };
  use-dev = make { dep = multi.dev; };
  use-both = make { a = multi.dev; b = multi.out; };
  use-all = make { deps = multi.all; };
  use-output-name = make { n = multi.dev.outputName; };
  use-lib-in-string = make { s = "-L${multi.lib}/lib -I${multi.dev}/include"; };
  use-dev-dev = make { s = multi.dev.dev; };
  use-dev-out-lib = make { s = multi.dev.out.lib; };
  nested-multi = make { outputs = [ "out" "dev" ]; dep = multi.lib; name = "nested"; };
  placeholders = make { outputs = [ "out" "dev" ]; s = "${placeholder "out"} ${placeholder "dev"}"; };
  env-named-as-output = make { outputs = [ "out" "dev" ]; dev = "overwritten"; };
  first-not-out = (make { outputs = [ "dev" "out" ]; }).out;
}
