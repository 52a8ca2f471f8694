# R with packages: in mkShell, and as programs that start from anywhere.
#
# The inputs' packages are solved together. What is built from source stands in one library of links, in front of Debian's.
{
  final,
  solve,
  requirement,
  libraryPath,
}:
let
  inherit (final) lib debianTools;

  isOfR = input: input ? rDemands;

  # What R's packages among the inputs come to beyond Debian's own: null where Debian has all of them.
  compose =
    inputs:
    let
      ofR = builtins.filter isOfR inputs;
      own = map (entry: entry.value) (
        builtins.genericClosure {
          startSet = map (value: {
            key = builtins.unsafeDiscardStringContext "${value}";
            inherit value;
          }) (builtins.concatMap (input: input.rOwn) ofR);
          operator = _: [ ];
        }
      );
      demands = lib.uniqueStrings (builtins.concatMap (input: input.rDemands) ofR);
      solved =
        if demands == [ ] then
          {
            sources = [ ];
            debian = [ ];
          }
        else
          solve demands;
      library = makeLibrary (own ++ solved.sources);
      hasKernel = builtins.any (package: package.pname == "IRkernel") solved.sources;
    in
    if builtins.all (input: input.rIsBinary) ofR then
      null
    else
      {
        inherit library;
        requests = lib.uniqueStrings (
          [ "r-base-core" ] ++ solved.debian ++ builtins.concatMap (package: package.debian.requests) (own ++ solved.sources)
        );
        variables = {
          R_LIBS_SITE = libraryPath [ library ];
          # By itself it is an input, which is kept as long as the environment is.
          rLibrary = library;
        }
        // lib.optionalAttrs hasKernel { JUPYTER_PATH = "${library}/share/jupyter"; };
      };

  # One folder with all of them: of two with one name, the first counts.
  makeLibrary =
    packages:
    final.runCommandLocal "r-library" { inherit packages; } ''
      mkdir -p $out/library
      for package in $packages; do
        for folder in "$package"/library/*; do
          [ -e "$out/library/''${folder##*/}" ] || ln -s "$folder" "$out/library/"
        done
      done
      if [ -d $out/library/IRkernel/kernelspec ]; then
        mkdir -p $out/share/jupyter/kernels
        ln -s $out/library/IRkernel/kernelspec $out/share/jupyter/kernels/ir
      fi
    '';

  # A program of Debian's with these packages: `R` itself, or RStudio.
  wrapper =
    { pname, requests, programs }:
    let
      make =
        packages:
        let
          inputs = debianTools.ofOneUniverse (lib.flatten packages);
          composed = compose (builtins.filter isOfR inputs);
          passthru = {
            rDemands = lib.uniqueStrings (builtins.concatMap (input: input.rDemands or [ ]) inputs);
            rOwn = builtins.concatMap (input: input.rOwn or [ ]) inputs;
            rIsBinary = composed == null;
            override = { packages ? [ ], ... }: make packages;
            withRequirements = demands: make (map requirement demands);
          };
          plain = debianTools.package {
            inherit pname passthru;
            requests = requests ++ debianTools.requestsOf inputs;
          };
        in
        if composed == null then plain else withLibrary passthru inputs;

      # Its programs are those of an environment that knows the library.
      withLibrary =
        passthru: inputs:
        let
          environment = final.mkShell {
            name = "${pname}-environment";
            packages = [ (debianTools.package { inherit pname requests; }) ] ++ inputs;
          };
        in
        final.runCommandLocal "${pname}-with-packages" { inherit environment; } ''
          mkdir -p $out/bin
          for program in ${lib.concatStringsSep " " programs}; do
            ln -s ../../''${environment##*/}/bin/$program $out/bin/$program
          done
        ''
        // {
          inherit pname;
          debian = {
            inherit requests;
            isPackage = false;
          };
          meta = {
            mainProgram = builtins.head programs;
            available = true;
          };
        }
        // passthru;
    in
    make [ ];
in
{
  inherit compose isOfR wrapper;
}
