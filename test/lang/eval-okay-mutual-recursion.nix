let
  isEven = n: n == 0 || isOdd (n - 1);
  isOdd = n: n != 0 && isEven (n - 1);
  graph = rec {
    a = { name = "a"; next = [ b c ]; };
    b = { name = "b"; next = [ c ]; };
    c = { name = "c"; next = [ a ]; };
  };
  walk = n: node: if n == 0 then node.name else node.name + walk (n - 1) (builtins.head node.next);
  parser = rec {
    expr = s: let t = term s; in if t.rest != [ ] && builtins.head t.rest == "+" then
      let e = expr (builtins.tail t.rest); in { value = t.value + e.value; inherit (e) rest; } else t;
    term = s: let f = factor s; in if f.rest != [ ] && builtins.head f.rest == "*" then
      let t = term (builtins.tail f.rest); in { value = f.value * t.value; inherit (t) rest; } else f;
    factor = s: if builtins.head s == "(" then
      let e = expr (builtins.tail s); in { inherit (e) value; rest = builtins.tail e.rest; }
      else { value = builtins.head s; rest = builtins.tail s; };
  };
in
{
  even = isEven 100;
  odd = isOdd 100;
  walk = walk 7 graph.a;
  parsed = (parser.expr [ 2 "*" "(" 3 "+" 4 "*" 5 ")" "+" 1 ]).value;
}
