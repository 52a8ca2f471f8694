# Names, systems, builders, arguments, and every kind of value as an environment variable.
let
  base = { name = "basic"; builder = "/bin/sh"; system = "x86_64-linux"; };
  make = extra: derivation (base // extra);
in
{
  plain = make { };
  name-dash = make { name = "a-b-c"; };
  name-version = make { name = "hello-2.12.1"; };
  name-plus = make { name = "gtk+3"; };
  name-all = make { name = "A+z-0._?=9"; };
  name-long = make { name = builtins.concatStringsSep "" (builtins.genList (i: "n") 200); };
  system-other = make { system = "aarch64-linux"; };
  system-builtin = make { system = "builtin"; builder = "builtin:fetchurl"; };
  builder-relative = make { builder = "relative"; };
  builder-path = make { builder = ./sources/builder.sh; };
  builder-path-string = make { builder = "${./sources/builder.sh}"; };
  args-none = make { args = [ ]; };
  args-one = make { args = [ "-c" ]; };
  args-many = make { args = [ "-e" ./sources/builder.sh "x y" "" "tab\there" ]; };
  args-mixed = make { args = [ 1 true false null [ "a" [ "b" 2 ] ] ./sources/tree ]; };
  int = make { a = 1; b = -5; c = 9223372036854775807; d = 0; };
  float = make { a = 1.5; b = 0.1; c = 100000000.0; d = 0.0000001; };
  bool = make { t = true; f = false; };
  null = make { n = null; };
  empty-string = make { e = ""; };
  list = make { l = [ "a" "b" ]; };
  list-empty = make { l = [ ]; };
  list-nested = make { l = [ [ ] [ "a" ] [ [ ] "b" ] [ ] ]; };
  list-mixed = make { l = [ 1 null "x" true false 1.25 ]; };
  newline = make { s = "line\nline\n"; };
  quote = make { s = "say \"hi\""; };
  backslash = make { s = "a\\b\\n"; };
  tab = make { s = "\t"; };
  carriage = make { s = "a\r\nb"; };
  dollar = make { s = "$out \${x} $$"; };
  utf8 = make { s = "café ☕ 😀"; };
  indented = make {
    s = ''
      one
        two
      ''${three}
      ''\tfour
    '';
  };
  control = make { s = builtins.readFile ./sources/utf8.txt; };
  path = make { src = ./sources/builder.sh; };
  path-tree = make { src = ./sources/tree; };
  path-string = make { src = "${./sources/tree}/sub/b"; };
  path-twice = make { a = ./sources/tree; b = ./sources/tree; };
  path-in-list = make { srcs = [ ./sources/tree ./sources/builder.sh ]; };
  to-string-attr = make { s = { __toString = self: "made ${self.x}"; x = "up"; }; };
  out-path-attr = make { s = { outPath = "/some/path"; }; };
  out-path-path = make { s = { outPath = ./sources/builder.sh; }; };
  odd-names = make { "with space" = 1; "dot.ted" = 2; "üml" = 3; "" = 4; "a\"b" = 5; };
  upper-lower = make { B = 1; a = 2; A = 3; b = 4; "_" = 5; };
  env-out-given = make { out = "ignored"; };
  env-many = derivation (base // builtins.listToAttrs (builtins.genList (i: { name = "v${toString i}"; value = i * i; }) 50));
  big-value = make { s = builtins.concatStringsSep "," (builtins.genList toString 2000); };
  meta-like = make { passthru = "x"; preferLocalBuild = true; allowSubstitutes = false; };
  required-features = make { requiredSystemFeatures = [ "kvm" "big-parallel" ]; };
  impure-vars = make { impureEnvVars = [ "http_proxy" ]; };
  ignore-nulls = make { __ignoreNulls = true; a = null; b = 1; };
  ignore-nulls-false = make { __ignoreNulls = false; a = null; b = 1; };
  type-attr = make { type = "something"; };
  replaced = make { s = builtins.replaceStrings [ "o" ] [ "0" ] "foo boo"; };
  matched = make { s = builtins.match "([a-z]+)-(.*)" "abc-1.2"; };
  sorted = make { s = builtins.sort builtins.lessThan [ "b" "a" "C" "B" ]; };
  hashed = make { s = builtins.hashString "sha256" "x"; };
  json = make { s = builtins.toJSON { b = [ 1 2 { c = null; } ]; a = "\"\n"; }; };
  xml = make { s = builtins.toXML { a = 1; b = [ "x" true ]; }; };
  to-file = make { s = builtins.toFile "script" "echo hello\n"; };
  to-file-nested = make { s = builtins.toFile "outer" "uses ${builtins.toFile "inner" "x"}"; };
  placeholder = make { s = "--prefix=${placeholder "out"}"; };
  filter-source = make { src = builtins.filterSource (path: type: baseNameOf path != "a") ./sources/tree; };
  builtins-path = make { src = builtins.path { path = ./sources/tree; name = "renamed"; }; };
  builtins-path-flat = make { src = builtins.path { path = ./sources/builder.sh; recursive = false; }; };
  path-appended = make { src = ./sources + "/tree/run"; };
  path-interpolated = let n = "tree"; in make { src = ./sources/${n}/sub; };
  discarded = make { s = builtins.unsafeDiscardStringContext "${./sources/tree}"; };
  same-as-plain = derivation { system = "x86_64-linux"; builder = "/bin/sh"; name = "basic"; };
}
