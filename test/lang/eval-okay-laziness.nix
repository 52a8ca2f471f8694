# What is never evaluated, and what is evaluated once.
let
  undefined = throw "evaluated";
  const = x: y: x;
  ones = [ 1 ] ++ [ 1 ];
  tree = n: if n == 0 then null else { left = tree (n - 1); right = undefined; };
  fibs = builtins.genList (i: if i < 2 then i else builtins.elemAt fibs (i - 1) + builtins.elemAt fibs (i - 2)) 80;
in
{
  argument = const 1 undefined;
  attribute = { a = 1; b = undefined; }.a;
  binding = let x = undefined; in 2;
  condition = if true then 3 else undefined;
  conjunction = false && undefined;
  default = ({ a ? undefined }: 4) { };
  element = builtins.elemAt [ undefined 5 ] 1;
  length = builtins.length [ undefined undefined ];
  names = builtins.attrNames { z = undefined; a = undefined; };
  nested = (tree 3).left.left.left;
  present = { a = undefined; } ? a;
  shared = builtins.elemAt fibs 79;
  updated = ({ a = undefined; } // { a = 6; }).a;
  with' = with undefined; 7;
  inherit ones;
}
