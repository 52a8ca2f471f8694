/** `[tasks]` and `[services]`: commands with names. */
import { either, integer, list, record, required, table, text } from "../schema/shapes.ts";
import { address, environmentName, plainName, taskName, variableName } from "./rules.ts";

export const variables = (doc: string) => record(doc, variableName, text("The value."));

const command = either(
  "A line for bash, or a program and its arguments.",
  text("A line for bash. Arguments of the caller follow it, unless it says `$1` or `$@` itself."),
  list("A program and its arguments, taken as they are.", text("A word.")),
);

const shared = {
  run: required(command),
  env: variables("Variables of this command alone."),
  cwd: text("Where it runs, relative to copse.toml. Default: the folder of copse.toml."),
  description: text("A line for `copse tasks`."),
  environment: text("The environment in which it runs, of those below `[env]`.", environmentName),
};

export const tasks = record(
  "Commands for `copse run NAME`.",
  taskName,
  either(
    "A command line, or a table that says more.",
    text("A line for bash."),
    table("A command with a name.", {
      ...shared,
      depends: list("Tasks that are run before, each once.", text("A task.")),
    }),
  ),
);

const ready = table("How to tell that a service is ready: one of the three.", {
  port: integer("It listens on this TCP port.", { minimum: 1, maximum: 65535 }),
  http: text("This address answers with a status below 500.", address),
  command: text("This line of bash succeeds in the environment."),
});

export const services = record(
  "What `copse up` starts and `copse down` stops.",
  plainName,
  table("A program that keeps running.", {
    ...shared,
    ready,
    timeout: integer("Seconds in which it must be ready. Default: 60.", { minimum: 1, maximum: 3600 }),
    depends: list("Services that must be ready before it starts.", text("A service.")),
  }),
);
