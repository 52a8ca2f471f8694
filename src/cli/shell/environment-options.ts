/** Options of `nix shell`, `nix run` and `nix develop` about the variables that what they start gets. */
import type { CommandLine, Option } from "../arguments.ts";
import { usageError } from "../usage-error.ts";

export const VARIABLE_OPTIONS: readonly Option[] = [
  {
    names: ["--ignore-env", "--ignore-environment", "-i"],
    help: "no variable of the caller but those of --keep-env-var",
  },
  { names: ["--keep-env-var", "--keep", "-k"], values: ["NAME"], help: "keep this variable" },
  { names: ["--unset-env-var", "--unset", "-u"], values: ["NAME"], help: "leave this variable out" },
  { names: ["--set-env-var", "-s"], values: ["NAME", "VALUE"], help: "set this variable" },
];

/** @throws CopseError `usage` for options that contradict each other. */
export function callerVariables(
  line: CommandLine,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const namesOf = (option: string) => new Set(line.all(option).map(([name]) => name as string));
  const kept = namesOf("--keep-env-var");
  const removed = namesOf("--unset-env-var");
  const isEmpty = line.has("--ignore-env");
  if (isEmpty && removed.size > 0) throw usageError("--unset-env-var does not make sense with --ignore-env");
  if (!isEmpty && kept.size > 0) throw usageError("--keep-env-var does not make sense without --ignore-env");
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (!isEmpty || kept.has(name)) && !removed.has(name)) variables[name] = value;
  }
  for (const [name = "", value = ""] of line.all("--set-env-var")) {
    if (removed.has(name))
      throw usageError(`Cannot set environment variable '${name}' that is unset with '--unset-env-var'`);
    variables[name] = value;
  }
  return variables;
}
