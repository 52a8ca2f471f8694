/** Options that several commands share. */
import type { Option } from "./arguments.ts";

export const REFRESH_OPTION: Option = {
  names: ["--refresh"],
  help: "ask the indexes again, also where their last answer may still be used",
};

/** What to evaluate. */
export const TARGET_OPTIONS: readonly Option[] = [
  {
    names: ["--file", "-f"],
    values: ["FILE"],
    help: "the file to evaluate (default: the folder's own shell.nix or default.nix)",
    completes: "file",
  },
  { names: ["--expr", "-E"], values: ["EXPR"], help: "an expression to evaluate instead of a file" },
  {
    names: ["--attr", "-A"],
    values: ["PATH"],
    help: "the attribute to take, such as python3.pkgs.numpy",
    completes: "attribute",
  },
  { names: ["--arg"], values: ["NAME", "EXPR"], help: "an argument of the function that the file is" },
  { names: ["--argstr"], values: ["NAME", "TEXT"], help: "the same, as a string" },
  {
    names: ["--arg-from-file"],
    values: ["NAME", "FILE"],
    help: "the same, as the text of a file",
    completes: "file",
  },
  { names: ["--arg-from-stdin"], values: ["NAME"], help: "the same, as the text that comes in" },
  { names: ["-I", "--include"], values: ["NAME=PATH"], help: "where <NAME> is found", completes: "file" },
  {
    names: ["--impure"],
    setting: "pure-eval",
    settingValue: "false",
    help: "let evaluation see the machine",
  },
  { names: ["--frozen"], help: "fail where the lock has no answer, instead of asking the index" },
];

export const BUILD_OPTIONS: readonly Option[] = [
  {
    names: ["--max-jobs", "-j"],
    values: ["N"],
    setting: "max-jobs",
    help: "builds at a time (default: the number of processors)",
  },
  { names: ["--cores"], values: ["N"], setting: "cores", help: "processors that one build may use" },
  {
    names: ["--keep-going", "-k"],
    setting: "keep-going",
    help: "finish what does not need a build that failed",
  },
  { names: ["--keep-failed", "-K"], setting: "keep-failed", help: "keep the folder of a build that failed" },
  { names: ["--timeout"], values: ["SECONDS"], setting: "timeout", help: "give up a build after as long" },
  {
    names: ["--max-silent-time"],
    values: ["SECONDS"],
    setting: "max-silent-time",
    help: "give up a build that prints nothing for as long",
  },
  { names: ["--fallback"], setting: "fallback", help: "accepted: all is built here, there are no caches" },
];

export const COMMON_OPTIONS: readonly Option[] = [
  {
    names: ["--option"],
    values: ["NAME", "VALUE"],
    help: "set a setting of nix.conf; each is an option by itself too",
  },
  { names: ["--store"], values: ["URI"], setting: "store", help: "the store to work on" },
  { names: ["--readonly-mode"], help: "evaluate without writing to the store" },
  { names: ["--offline"], setting: "substitute", settingValue: "false", help: "ask nobody on the network" },
  { names: ["--show-trace"], setting: "show-trace", help: "show all frames of an evaluation error" },
  {
    names: ["--log-format"],
    values: ["FORMAT"],
    completes: ["bar", "bar-with-logs", "multiline", "multiline-with-logs", "raw", "internal-json"],
    help: "how progress is told",
  },
  { names: ["--print-build-logs", "-L"], help: "show what builders print" },
  { names: ["--no-build-output", "-Q"], help: "do not show what builders print" },
  {
    names: ["--json-log-path"],
    values: ["FILE"],
    setting: "json-log-path",
    help: "write the log there too, as JSON",
  },
  { names: ["--verbose", "-v"], help: "say more" },
  { names: ["--debug"], help: "say all" },
  { names: ["--quiet", "-q"], help: "no progress" },
  { names: ["--help", "-h"], help: "this text" },
];
