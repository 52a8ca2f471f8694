/** `[data]`: files that a project needs and that are not its own: images, atlases, weights of models. */
import { flag, record, required, table, text } from "../schema/shapes.ts";
import { address, plainName, sha256, variableName } from "./rules.ts";

export const data = record(
  "Data and model weights, pinned by their hash and kept in the store.",
  plainName,
  table("One file, or one archive.", {
    url: text("Where it is fetched from.", address),
    path: text("A file, instead of `url`; relative to copse.toml."),
    sha256: required(text("Hash of the file, before it is unpacked.", sha256)),
    unpack: flag("Unpack it: tar (also compressed) or zip. A single top folder is left out."),
    variable: text("Which variable has its path. Default: `DATA_` and the name in capitals.", variableName),
    file: text("Its name in the store. Default: that of the address."),
    image: flag("Whether images of the environment are to contain it; copse makes none yet. Default: false."),
  }),
);
