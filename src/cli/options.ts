/** Options that several commands share. */
import type { Option } from "./arguments.ts";

/** What to evaluate. */
export const TARGET_OPTIONS: readonly Option[] = [
  {
    names: ["--file", "-f"],
    values: ["FILE"],
    help: "the file to evaluate (default: the folder's own shell.nix or default.nix)",
  },
  { names: ["--expr", "-E"], values: ["EXPR"], help: "an expression to evaluate instead of a file" },
  { names: ["--attr", "-A"], values: ["PATH"], help: "the attribute to take, such as python3.pkgs.numpy" },
  { names: ["--arg"], values: ["NAME", "EXPR"], help: "an argument of the function that the file is" },
  { names: ["--argstr"], values: ["NAME", "TEXT"], help: "the same, as a string" },
  { names: ["-I"], values: ["NAME=PATH"], help: "where <NAME> is found" },
  { names: ["--frozen"], help: "fail where the lock has no answer, instead of asking the index" },
];

export const BUILD_OPTIONS: readonly Option[] = [
  {
    names: ["--max-jobs", "-j"],
    values: ["N"],
    help: "builds at a time (default: the number of processors)",
  },
  { names: ["--cores"], values: ["N"], help: "processors that one build may use" },
  { names: ["--keep-going", "-k"], help: "finish what does not need a build that failed" },
  { names: ["--keep-failed", "-K"], help: "keep the folder of a build that failed" },
];

export const COMMON_OPTIONS: readonly Option[] = [
  { names: ["--show-trace"], help: "show all frames of an evaluation error" },
  { names: ["--quiet", "-q"], help: "no progress" },
  { names: ["--help", "-h"], help: "this text" },
];
