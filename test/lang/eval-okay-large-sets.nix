# Large enough for layered updates, look-up tables and sorting that small sets never reach.
let
  range = n: builtins.genList (x: x) n;
  named = n: f: builtins.listToAttrs (map (i: { name = "k${toString i}"; value = f i; }) (range n));
  big = named 500 (i: i);
  grown = builtins.foldl' (acc: i: acc // { "k${toString (i * 7)}" = -i; "n${toString i}" = i; }) big (range 100);
  twice = grown // named 50 (i: "s${toString i}") // { last = true; };
in
{
  count = builtins.length (builtins.attrNames twice);
  firstNames = builtins.genList (builtins.elemAt (builtins.attrNames twice)) 12;
  picked = [ twice.k0 twice.k49 twice.k50 twice.k56 twice.k499 twice.n99 twice.last (twice.nothing or "none") ];
  sum = builtins.foldl' (a: n: if builtins.isInt twice.${n} then a + twice.${n} else a) 0 (builtins.attrNames twice);
  same = grown == builtins.foldl' (a: n: a // { ${n} = grown.${n}; }) { } (builtins.attrNames grown);
  removed = builtins.length (builtins.attrNames (removeAttrs twice (builtins.attrNames big)));
}
