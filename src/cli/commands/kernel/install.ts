/** `copse kernel install`: an environment's Jupyter kernels, for a Jupyter outside of it. */
import { basename, dirname, resolve } from "node:path";
import { CopseError } from "#base";
import type { Command } from "../../command.ts";
import { findKernels, isKernelName, kernelsNamed } from "../../kernels/find-kernels.ts";
import { installKernel, kernelsFolder, PREFIX_OPTION } from "../../kernels/kernel-folder.ts";
import { BUILD_OPTIONS, TARGET_OPTIONS } from "../../options.ts";
import { ENVIRONMENT_OPTION, inManifest, readProjectTarget } from "../../project/project-target.ts";
import { openSession } from "../../session.ts";
import { environmentDefaults } from "../../target.ts";

export const command: Command = {
  name: "kernel install",
  summary: "let a Jupyter elsewhere start this environment's kernels",
  usage: "[OPTIONS] [KERNEL...]",
  options: [
    ...TARGET_OPTIONS,
    ENVIRONMENT_OPTION,
    ...BUILD_OPTIONS,
    PREFIX_OPTION,
    {
      names: ["--name", "-n"],
      values: ["NAME"],
      help: "what the kernels' names begin with (default: the folder's name)",
    },
    { names: ["--json"], help: "print what was installed as JSON" },
  ],
  details: `
All kernels of the environment, or the named ones (python3, ir), stand in that Jupyter's list afterwards as NAME-KERNEL. They are
started through launchers, so that they run in the environment whoever starts them. The environment is kept until the
kernel is removed; a changed one is taken when this command is run again.

examples:
  copse kernel install
  copse kernel install --name study --prefix ~/jupyter ir`,
  async run(line, context) {
    const { target, project } = await readProjectTarget(line, context, environmentDefaults);
    const folder =
      project?.manifest.folder ?? (target.file === undefined ? context.cwd : dirname(target.file));
    const label = line.value("--name") ?? kernelLabel(basename(resolve(folder)));
    if (!isKernelName(label))
      throw new CopseError("kernel-name", `Name of a kernel is malformed: \`${label}\``, {
        hint: "letters, digits, dots, dashes and underscores can be used",
      });
    await using session = openSession(line, context, { manifest: project?.manifest.file });
    const { environment } = await inManifest(project, () => session.environment(target));
    const kernels = kernelsNamed(findKernels(environment), line.positionals);
    const [built] = await session.build(session.derivations(target));
    if (!built) throw new CopseError("not-a-derivation", "The value holds no derivation");
    context.output.endProgress();
    const place = kernelsFolder(line, context);
    const installed = kernels.map((kernel) =>
      installKernel(place, {
        ...{ kernel, label, project: folder },
        name: `${label}-${kernel.name}`.toLowerCase(),
        environment: session.store.realPath(built.path),
        keep: (link) => session.linkResult(link, built.path),
      }),
    );
    if (line.has("--json")) context.output.json(installed);
    else for (const one of installed) context.output.line(`${one.name}  ${one.displayName}`);
    return 0;
  },
};

/** A folder's name as the beginning of a kernel's. */
function kernelLabel(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "copse";
}
