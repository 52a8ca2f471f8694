# Strings.
{ lib }:
rec {
  inherit (builtins)
    stringLength
    substring
    replaceStrings
    split
    match
    compareVersions
    concatStringsSep
    isString
    toJSON
    fromJSON
    unsafeDiscardStringContext
    ;
  concatStrings = concatStringsSep "";
  concatMapStrings = f: list: concatStrings (map f list);
  concatMapStringsSep =
    sep: f: list:
    concatStringsSep sep (map f list);
  concatImapStrings = f: list: concatStrings (lib.imap1 f list);
  concatLines = concatMapStrings (line: line + "\n");
  intersperse =
    sep: list:
    if list == [ ] || builtins.length list == 1 then
      list
    else
      builtins.tail (builtins.concatMap (x: [ sep x ]) list);
  optionalString = condition: text: if condition then text else "";
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix =
    suffix: text:
    let
      lenText = stringLength text;
      lenSuffix = stringLength suffix;
    in
    lenText >= lenSuffix && substring (lenText - lenSuffix) lenText text == suffix;
  hasInfix = infix: text: replaceStrings [ infix ] [ "" ] text != text;
  removePrefix =
    prefix: text: if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  removeSuffix =
    suffix: text:
    if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
  splitString = sep: text: builtins.filter isString (split (escapeRegex sep) text);
  stringToCharacters = text: builtins.genList (n: substring n 1 text) (stringLength text);
  stringAsChars = f: text: concatStrings (map f (stringToCharacters text));
  escape = chars: replaceStrings chars (map (c: "\\${c}") chars);
  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escapeShellArg =
    arg:
    let
      text = toString arg;
    in
    if match "[[:alnum:],._+:@%/-]+" text == null then "'${replaceStrings [ "'" ] [ "'\\''" ] text}'" else text;
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  toLower = replaceStrings upperChars lowerChars;
  toUpper = replaceStrings lowerChars upperChars;
  lowerChars = stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperChars = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  trim =
    text:
    let
      found = match "[ \t\r\n]*(.*[^ \t\r\n])[ \t\r\n]*" text;
    in
    if found == null then "" else builtins.head found;
  versionOlder = a: b: compareVersions b a == 1;
  versionAtLeast = a: b: !(versionOlder a b);
  getName =
    x: if isString x then (builtins.parseDrvName x).name else x.pname or (builtins.parseDrvName x.name).name;
  getVersion =
    x: if isString x then (builtins.parseDrvName x).version else x.version or (builtins.parseDrvName x.name).version;
  makeSearchPath = sub: paths: concatStringsSep ":" (map (path: "${path}/${sub}") (builtins.filter (x: x != null) paths));
  makeSearchPathOutput = output: sub: pkgs: makeSearchPath sub (map (lib.getOutput output) pkgs);
  makeBinPath = makeSearchPathOutput "bin" "bin";
  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";
  toInt =
    text:
    let
      parsed = fromJSON text;
    in
    if builtins.isInt parsed then parsed else throw "toInt: could not convert `${text}` to an integer";
  fixedWidthString =
    width: filler: text:
    if stringLength text >= width then text else fixedWidthString width filler (filler + text);
  # A string that may name a store path: what the store refuses becomes `-`.
  sanitizeDerivationName =
    text:
    let
      clean = concatStrings (
        map (part: if builtins.isList part then "-" else part) (split "[^[:alnum:]+._?=-]+" text)
      );
    in
    if clean == "" then "unknown" else if hasPrefix "." clean then "_${clean}" else clean;
}
