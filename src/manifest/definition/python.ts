/** `[python]`: packages from PyPI, or from Debian, and how they are chosen and built. */
import { choice, either, flag, list, record, required, table, text } from "../schema/shapes.ts";
import { address, day, indexName, plainName, pythonName, pythonVersion, variableName } from "./rules.ts";
import { systemPackages } from "./system.ts";

const requirement = text(
  "A requirement as of PEP 508: `torch>=2`, `monai[all]`, `numpy<2; python_version < '3.12'`.",
);

const sourceFields = {
  version: text("Which versions will do, as of PEP 440: `>=2,<3`. All, if it is not said."),
  extras: list("Optional parts that are wanted too.", text("Such as `all`.")),
  marker: text("Where it is needed: `python_version < '3.12'`."),
  path: text("A folder with a pyproject.toml or setup.py, a wheel or an sdist; relative to copse.toml."),
  editable: flag("With `path`: the folder itself is imported, so that changes count at once."),
  git: text("A git repository: an https:// or ssh:// address, or a folder."),
  rev: text("With `git`: the commit, tag or branch. The commit is locked."),
  subdirectory: text("With `git`: the folder in it."),
  url: text("Address of a wheel or an sdist."),
  index: text("The index that it is taken from, by its name in `[python.indexes]`."),
};

const named = table("A package that needs more to be said of it than a version.", {
  name: required(text("Its name.", pythonName)),
  ...sourceFields,
});

/** A list of requirements; or, as pixi and poetry have it, a table from names to versions. */
export const pythonPackages = either(
  "A list of requirements, or a table from names to versions.",
  list("Requirements.", either("A requirement, or a table that says more.", requirement, named)),
  record(
    "Versions by name.",
    pythonName,
    either(
      "A version, or a table that says more.",
      text("Which versions will do: `>=2,<3`; `*` for all."),
      table("A package that needs more to be said of it than a version.", sourceFields),
    ),
  ),
);

const requirements = (doc: string) => list(doc, requirement);

const names = (doc: string) => list(doc, text("A name, or `:all:`."));

const build = table("How a package is built that comes as source.", {
  requires: requirements("Added to what its pyproject.toml requires to build it."),
  packages: systemPackages,
  variables: record("Variables of its build.", variableName, text("The value.")),
  settings: record("PEP 517's config settings.", { pattern: ".+", what: "a setting" }, text("The value.")),
  check: text(
    "A line for bash that runs its tests, in its sources. Where it fails, there is no environment.",
  ),
  "check-requires": requirements("What its tests need besides."),
});

const changes = table("What is wrong in a package's own list of requirements.", {
  add: requirements("Requirements that it forgot."),
  remove: list("Names that it does not need.", text("A name.", pythonName)),
});

export const python = table("Python and its packages.", {
  version: text("A series, `3.11`, or a release, `3.11.4`. Default: the suite's own.", pythonVersion),
  from: choice("Where packages come from: PyPI (the default), or Debian.", ["pypi", "debian"]),
  packages: pythonPackages,
  groups: record("Further packages, in the environments that name their group.", plainName, pythonPackages),
  "default-groups": list(
    "Groups of the default environment. Default: `dev`, if there is one.",
    text("A group."),
  ),
  indexes: record(
    "Package indexes beside the one that pip is configured for.",
    indexName,
    text("Its address.", address),
  ),
  "index-strategy": choice(
    "A name is taken from the `first` index that has it, or from all of them (`merge`). Default: `first`.",
    ["first", "merge"],
  ),
  constraints: requirements("Versions that count if a package is needed at all."),
  overrides: requirements("Requirements that replace all others for their package."),
  relax: requirements(
    "Demands that packages make and that are not to be heeded: `numpy<2`, or `numpy` for all.",
  ),
  dependencies: record(
    "Requirements that a package forgot or does not need, by its name.",
    pythonName,
    changes,
  ),
  "exclude-newer": text("Nothing that was uploaded on or after that day.", day),
  prereleases: either(
    "Whether versions such as 2.0rc1 count. Default: `if-necessary`.",
    choice("For all packages.", ["if-necessary", "allow", "disallow"]),
    list("Packages for which they do.", text("A name.", pythonName)),
  ),
  resolution: choice("Which versions are preferred. Default: `highest`.", [
    "highest",
    "lowest",
    "lowest-direct",
  ]),
  "only-binary": names("Packages that are never built from source."),
  "no-binary": names("Packages that are always built from source."),
  build: record("How packages are built, by name.", pythonName, build),
});
