let
  name = "copse";
  indented = ''
    #!/bin/sh
    for x in "$@"; do
      echo "''${x} in ${name}"
    done
      deeper ''\t tab
    quotes '''two''' dollar $ $$ ''$
  '';
  nested = "a${"b${"c${toString (1 + 2)}"}"}";
in
{
  inherit indented nested;
  empty = '''';
  oneLine = ''  kept  '';
  trailing = ''
    x
   y'';
  escaped = "\"quoted\" \\ \${no} \t\r\n";
  list = builtins.concatStringsSep ", " (map (x: "<${x}>") [ "a" "b" "c" ]);
  set = "${{ outPath = "out"; }}/${{ __toString = self: self.v; v = "v"; }}";
}
