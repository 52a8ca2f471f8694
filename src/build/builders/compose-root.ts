/** `builtin:copse-root`: the manifest of a root and what its triggers make. See src/root. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CopseError } from "#base";
import { type ConfigureRequest, composeRoot, type UnreadScript } from "#root";
import { type BuildTask, variable, words } from "./context.ts";
import { runInView } from "./run-in-view.ts";

export async function composeRootOf(task: BuildTask): Promise<void> {
  const { store, workers, cores } = task.services;
  const trees = (name: string) =>
    words(task, name).map((storePath) => ({ storePath, realPath: store.realPath(storePath) }));
  const workDir = join(await task.workDir(), "compose");
  await mkdir(workDir);
  await composeRoot({
    suite: variable(task, "suite"),
    system: task.drv.system,
    packages: trees("packages"),
    bytecode: trees("bytecode"),
    target: task.outputs.get("out") as string,
    workDir,
    runInView: runInView(task),
    locales: (task.drv.env.get("locales") ?? "").split("\n").filter((locale) => locale !== ""),
    configure: configureRequest(task),
    onConfigure: (packages, unread) => task.log(describeConfiguration(packages, unread)),
    concurrency: cores,
    pool: workers,
    signal: task.signal,
  });
}

/** Absent in nearly all derivations: then packages are configured where their scripts need it. */
function configureRequest(task: BuildTask): ConfigureRequest {
  const mode = task.drv.env.get("configure") ?? "auto";
  if (mode !== "auto" && mode !== "always" && mode !== "never") {
    throw new CopseError("root-configure-mode", `Packages cannot be configured in this way: \`${mode}\``, {
      hint: 'known are "auto", "always" and "never"',
    });
  }
  return { mode, also: words(task, "alsoConfigure"), except: words(task, "dontConfigure") };
}

function describeConfiguration(packages: readonly string[], unread: readonly UnreadScript[]): string {
  const lines = packages.map((name) => {
    const scripts = unread.filter(({ packageName }) => packageName === name);
    const why = scripts.flatMap(({ scriptName, reasons }) =>
      reasons.map((reason) => `  ${scriptName}: ${reason}`),
    );
    return [`configuring ${name}${why.length > 0 ? ", whose scripts do" : ""}`, ...why].join("\n");
  });
  return `${lines.join("\n")}\n`;
}
