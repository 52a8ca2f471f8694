# Which interpreter a version means.
#
#   3.13     the suite's, if it has one; else that of a suite that has, with a root of its own; else from source
#   3.13.2   the same where that is exactly what the suite has; else from source
#
# A version that is built is built for this suite, so it goes into one root with everything else.
final:
{
  # What ../interpreter.nix makes of one of ./from-debian.nix or ./from-source.nix
  makeInterpreter,
  # The suite's own
  python3,
}:
let
  inherit (final)
    lib
    engine
    suite
    system
    config
    ;

  seriesOf = version: lib.concatStringsSep "." (lib.take 2 (lib.splitString "." version));

  fromSource =
    version:
    makeInterpreter (
      import ./from-source.nix final {
        source = engine.cpythonSource { inherit system version; };
      }
    );

  # A version of another suite brings that suite's root with it.
  elsewhere =
    suites:
    import ../../. {
      inherit system;
      suite = builtins.head suites;
      config = removeAttrs config [ "debian" ];
    };

  ofSuite =
    series:
    if python3.pythonVersion == series then
      python3
    else
      makeInterpreter (import ./from-debian.nix final { request = "python${series}"; });

  ofSeries =
    series:
    let
      suites = engine.pythonSuites series;
    in
    if suites == [ ] then
      fromSource series
    else if builtins.elem suite suites then
      ofSuite series
    else
      (elsewhere suites).pythonOfVersion series;
in
version:
let
  series = seriesOf version;
  suites = engine.pythonSuites version;
in
if version == series then
  ofSeries series
else if builtins.elem suite suites && (ofSuite series).fullVersion == version then
  ofSuite series
else
  fromSource version
