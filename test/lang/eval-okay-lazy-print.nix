# lazy: printed without --strict, so that what is unevaluated shows.
let
  shared = [ 1 (1 + 1) ];
  number = 40 + 2;
  forced = builtins.seq number { };
in
{
  int = 1;
  string = "s";
  path = /p;
  null' = null;
  true' = true;
  float = 1.5;
  emptyList = [ ];
  emptySet = { };
  list = [ 1 ];
  set = { a = 1; };
  lambda = x: x;
  call = shared;
  again = shared;
  sum = 1 + 1;
  negative = -1;
  template = "a${"b"}";
  condition = if true then 1 else 2;
  variable = number;
  builtin = builtins.map;
  global = map;
  nested = rec { a = 1; b = a; };
}
