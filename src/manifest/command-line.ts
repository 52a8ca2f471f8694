/** The `run` of a task or a service as words to execute. */
export type Argv = readonly [string, ...string[]];

/** A list is taken as it is; a line is bash's, which ends with the first command that fails and reads no file of the user's. */
export function commandLineOf(
  run: string | readonly string[],
  { name, args }: { readonly name: string; readonly args: readonly string[] },
): Argv {
  if (typeof run !== "string") return [...run, ...args] as unknown as Argv;
  const line = args.length > 0 && !namesArguments(run) ? `${run.trimEnd()} "$@"` : run;
  return ["/bin/bash", "--norc", "-eo", "pipefail", "-c", line, name, ...args];
}

/** A line that says itself where the arguments go. */
function namesArguments(line: string): boolean {
  return /\$(?:[@*1-9]|\{[@*1-9#])/.test(line);
}
