/** This machine as Nix names it. */
import { CopseError } from "#base";

/** @throws CopseError `unsupported-machine`. */
export function hostSystem(): string {
  switch (process.arch) {
    case "x64":
      return "x86_64-linux";
    case "arm64":
      return "aarch64-linux";
    default:
      throw new CopseError(
        "unsupported-machine",
        `copse runs on x86_64 and aarch64, this is: \`${process.arch}\``,
      );
  }
}
