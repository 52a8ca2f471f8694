# Overlays as Nixpkgs has them: each sees the final set and the one below it.
let
  fix = f: let x = f x; in x;
  extends = overlay: f: final: let prev = f final; in prev // overlay final prev;
  composeMany = builtins.foldl' (f: o: extends o f);
  base = final: {
    a = 1;
    b = final.a + 1;
    c = [ final.a final.b ];
  };
  overlays = [
    (final: prev: { a = prev.a * 10; })
    (final: prev: { d = prev.c ++ [ final.e ]; e = "e${toString final.a}"; })
    (final: prev: { b = prev.b + 100; })
  ];
in
fix (composeMany base overlays)
