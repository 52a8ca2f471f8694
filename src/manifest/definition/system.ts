/** `[system]`: what comes from Debian. pkgs/debian/universe.nix has the same settings in the Nix language. */
import { choice, flag, integer, list, required, table, text } from "../schema/shapes.ts";
import { debianName } from "./rules.ts";

export const systemPackages = list(
  "Debian packages, by Debian's names.",
  text("Such as `git`, `dcm2niix`, `libgl1`.", debianName),
);

const repository = table("A repository beside Debian's own: see docs/repositories.md.", {
  name: required(text("What copse.lock calls it.")),
  uris: list("Where it is. Without it, the machine's configuration knows.", text("An address or a folder.")),
  suite: required(text("Such as `bookworm`, or `./` for a repository without `dists`.")),
  components: list("Its components.", text("Such as `main`.")),
  "signed-by": text("File with its public key, relative to copse.toml."),
  priority: integer("Of its packages where no pin says otherwise; 500 without.", {
    minimum: -32768,
    maximum: 32767,
  }),
  snapshot: text("As it was on that day: `20240301T000000Z`."),
  trusted: flag("Take it without a signature. The lock says so."),
});

const pin = table("Which version is taken, as in apt_preferences(5).", {
  package: required(text("A name, or a pattern such as `fsl-*`.")),
  pin: required(text("Such as `release o=NeuroDebian` or `version 2.1*`.")),
  priority: required(integer("The highest wins; below 0 means never.", { minimum: -32768, maximum: 32767 })),
});

export const system = table("What comes from Debian: programs, libraries, compilers.", {
  suite: choice("Debian's release. Default: the one that has the wanted Python, else `bookworm`.", [
    "bullseye",
    "bookworm",
    "trixie",
    "sid",
  ]),
  packages: systemPackages,
  pockets: list(
    "Further parts of the suite: `security`, `updates`, `backports`.",
    text("The name of a pocket."),
  ),
  components: list("Default: `main`.", text("Such as `contrib` or `non-free`.")),
  snapshot: text("Debian as it was on that day: `20240301T000000Z`."),
  locales: list("Such as `de_DE.UTF-8`. `C.UTF-8` is always there.", text("A locale.")),
  repositories: list("Repositories of vendors or of the lab.", repository),
  pins: list("Which versions are taken where there are several.", pin),
});
