/** copse.toml, all of it. */
import { choice, described, either, list, type Read, record, table, text } from "../schema/shapes.ts";
import { data } from "./data.ts";
import { python, pythonPackages } from "./python.ts";
import { day, environmentName, projectName, pythonVersion, rName } from "./rules.ts";
import { system, systemPackages } from "./system.ts";
import { services, tasks, variables } from "./tasks.ts";

const rPackages = list(
  "Packages of CRAN and Bioconductor.",
  text("A name, and which versions will do, as in a DESCRIPTION: `data.table`, `lme4 (>= 1.1-30)`."),
);

const hostPrograms = list(
  "Programs that inside the environment still mean the host's.",
  text("Such as `sbatch` or `docker`."),
);

const additions = table("An environment of its own: what stands above, and this.", {
  description: text("A line for `copse tasks`."),
  system: table("Further packages of Debian.", { packages: systemPackages }),
  python: table("Further packages of Python.", {
    version: text("Another Python than the project's.", pythonVersion),
    packages: pythonPackages,
    groups: list("Groups of `[python.groups]`, in the place of `default-groups`.", text("A group.")),
  }),
  r: table("Further packages of R.", { packages: rPackages }),
  variables: variables("Further variables."),
  "host-programs": hostPrograms,
});

export const manifestShape = table("A project's environments, and what is done in them.", {
  name: text("The project's name. Default: that of its folder.", projectName),
  description: text("What the project is."),
  platforms: list(
    "Systems that the lock has answers for. Default: this one.",
    choice("A system.", ["x86_64-linux", "aarch64-linux"]),
  ),
  "host-programs": hostPrograms,
  system,
  python,
  r: table("R and its packages.", {
    packages: rPackages,
    from: choice("Where packages come from: Debian's where it has them, else CRAN (`auto`, the default).", [
      "auto",
      "cran",
      "debian",
    ]),
    snapshot: text("CRAN as it was on that day.", day),
    constraints: list(
      "Versions of packages that others demand. They bring no package by themselves.",
      text("As in a DESCRIPTION: `Rcpp (< 1.1)`."),
    ),
    suggests: list(
      "Packages whose suggestions are taken as well, as far as anybody has them.",
      text("A name.", rName),
    ),
    build: record(
      "How packages are built, by name.",
      rName,
      table("How a package is built that comes as source.", {
        packages: systemPackages,
        variables: variables("Variables of its build."),
      }),
    ),
  }),
  variables: variables("Environment variables."),
  tasks,
  services,
  data,
  env: record("Further environments, by name: `[env.gpu]`.", environmentName, additions),
  sources: record(
    "Where archives are, by name, in the place of what this machine is configured for: see docs/repositories.md.",
    { pattern: "[a-z0-9][a-z0-9.+-]*", what: "a name of an archive" },
    either(
      "Addresses.",
      text("One address."),
      list("Several mirrors.", text("An address.")),
      table("An archive with a key of its own, or dated archives.", {
        uris: described(
          "Addresses.",
          either("One or several.", text("An address."), list("Several.", text("An address."))),
        ),
        "signed-by": text("Absolute path of its keyring."),
      }),
    ),
  ),
});

export type ManifestData = Read<typeof manifestShape>;
