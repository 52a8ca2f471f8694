# lazy: printed without --strict.
let
  x = 1 + 1;
  f = y: y;
  evaluated = { a = 1; };
  list = [ x f evaluated [ ] [ 1 ] { } { a = 1; } (f 1) "s" 2 map (map f) true evaluated.a ];
in
builtins.seq x (builtins.seq evaluated list)
