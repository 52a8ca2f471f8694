/** Which list of packages `copse add` and `copse remove` work on. */
import { CopseError } from "#base";
import type { PackageList } from "#manifest/edit";
import type { CommandLine, Option } from "../arguments.ts";

export const LIST_OPTIONS: readonly Option[] = [
  { names: ["--system", "-s"], help: "packages of Debian: programs, libraries, compilers" },
  { names: ["--r"], help: "packages of R" },
  { names: ["--group"], values: ["NAME"], help: "Python packages of this group" },
  { names: ["--dev"], help: "the same as --group dev" },
  { names: ["--env", "-e"], values: ["NAME"], help: "of this environment alone" },
];

/** @throws CopseError `option-conflict`. */
export function listOf(line: CommandLine): PackageList {
  const group = line.value("--group") ?? (line.has("--dev") ? "dev" : undefined);
  const environment = line.value("--env");
  const given = [
    ...(line.has("--system") ? ["--system"] : []),
    ...(line.has("--r") ? ["--r"] : []),
    ...(group === undefined ? [] : [line.has("--dev") ? "--dev" : "--group"]),
  ];
  if (given.length > 1 || (group !== undefined && environment !== undefined)) {
    const options = group !== undefined && environment !== undefined ? [...given, "--env"] : given;
    throw new CopseError("option-conflict", `Options name different lists: \`${options.join(" ")}\``, {
      hint: "a group is Python's, and belongs to the environments that name it",
    });
  }
  const kind = line.has("--system") ? "system" : line.has("--r") ? "r" : "python";
  return { kind, group, environment };
}

/** Whether the command line says which list is meant. */
export function namesList(line: CommandLine): boolean {
  return ["--system", "--r", "--group", "--dev", "--env"].some((name) => line.has(name));
}
