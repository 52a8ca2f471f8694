/** What a program can know of the Nix and the machine that evaluate it. Pure evaluation hides the machine. */
import { delay } from "../runtime/mod.ts";
import { defineConstants } from "./define.ts";

/** The C++ Nix whose language this is. */
export const NIX_VERSION = "2.34.8";
const LANGUAGE_VERSION = 6;

export const constantBuiltins = defineConstants({
  currentSystem: {
    doc: "The system that evaluation runs on, such as `x86_64-linux`. Not there in pure evaluation.",
    value: ({ host, settings }) => (settings.pureEval ? undefined : host.currentSystem),
  },
  currentTime: {
    doc: "Seconds since the epoch, the same throughout an evaluation. Not there in pure evaluation.",
    // Only when it is looked at: a result that does not depend on the time can be used again.
    value: ({ host, settings }) => (settings.pureEval ? undefined : delay(() => host.currentTime())),
  },
  nixVersion: {
    doc: "The version of C++ Nix whose language this is.",
    value: () => NIX_VERSION,
  },
  langVersion: {
    doc: "The version of the language.",
    value: () => LANGUAGE_VERSION,
  },
  storeDir: {
    doc: "Where store paths are: `/nix/store`.",
    value: ({ host }) => host.storeDir,
  },
});
