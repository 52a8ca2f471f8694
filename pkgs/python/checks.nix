# Tests of packages on request: `build.NAME.check`, with `checkRequires`. They run in the package's own sources, in the sandbox
# and without network, in an environment of the very versions that were solved; where they fail, so does the environment
# that asked for them.
{
  lib,
  engine,
  sdists,
  wheels,
  atHand,
  environmentWith,
}:
wanted: packages:
let
  asked = lib.filterAttrs (_: own: own ? check) wanted.build;

  # What was solved stays as it is: the tests may add packages and move none.
  pinned = map (one: "${one.name}==${one.version}") (builtins.filter (one: one.origin == null) packages);
  testedWith = requirements: environmentWith [
    (
      wanted
      // {
        requirements = wanted.requirements ++ requirements;
        settings = wanted.settings // {
          constraints = wanted.settings.constraints or [ ] ++ pinned;
        };
        build = lib.mapAttrs (_: own: removeAttrs own [ "check" ]) wanted.build;
      }
    )
  ];

  refuse = name: why: engine.pythonError "python-check" "Package cannot be tested, ${why}: `${name}`";

  # { source; subdirectory; variables; version } of a package that is at hand, or was locked.
  sourcesOf =
    name:
    let
      project = wanted.projects.${name};
      one = lib.findFirst (each: each.name == name) null packages;
    in
    if wanted.projects ? ${name} then
      if project ? path && builtins.pathExists project.path && builtins.readFileType project.path == "directory" then
        {
          source = atHand.sourceOf name project.path;
          version = "0";
        }
      else
        refuse name "as only folders have sources at hand"
    else if one == null then
      refuse name "as the environment does not have it"
    else if one.isWheel then
      refuse name "as it comes as a wheel, which has no sources (no-binary takes the source archive)"
    else
      { inherit (one) version; } // sdists.sourcesOf one (wheels.fetchFile one);

  test =
    name: own:
    let
      sources = sourcesOf name;
      environment = testedWith (own.checkRequires or [ ]);
      subdirectory = sources.subdirectory or null;
    in
    sdists.step (
      own.variables or { }
      // {
        mode = "check";
        name = "${name}-${sources.version}-check";
        inherit (sources) source;
        command = own.check;
        python = "${environment.environment}/bin/python3";
        root = sdists.pythonRoot (environment.requests ++ own.packages or [ ]);
      }
      // lib.optionalAttrs (subdirectory != null) { inherit subdirectory; }
    );
in
lib.mapAttrsToList test asked
