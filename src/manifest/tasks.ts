/** `[tasks]` as they are run: each in one form, and those that it depends on before it. */
import { CopseError, nearestNames } from "#base";
import { inOrder } from "./in-order.ts";
import { type Manifest, type ManifestPath, placeOf } from "./manifest.ts";

export interface Task {
  readonly run: string | readonly string[];
  readonly depends?: readonly string[];
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
  readonly description?: string;
  readonly environment?: string;
}

export function taskNames(manifest: Manifest): string[] {
  return [...(manifest.data.tasks?.keys() ?? [])];
}

/** @throws CopseError `task-unknown`. */
export function taskOf(manifest: Manifest, name: string, origin?: ManifestPath): Task {
  const task = manifest.data.tasks?.get(name);
  if (task === undefined) {
    const near = nearestNames(name, taskNames(manifest));
    throw new CopseError("task-unknown", `There is no such task: \`${name}\``, {
      ...(origin && { span: placeOf(manifest, origin) }),
      hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : "`copse tasks` lists them",
    });
  }
  return typeof task === "string" ? { run: task } : task;
}

/** All that a task depends on, each before what needs it; the task itself is last. @throws CopseError `task-cycle`. */
export function tasksInOrder(manifest: Manifest, name: string): string[] {
  const dependency = ({ name, at }: { readonly name: string; readonly at: number }): ManifestPath => [
    ...["tasks", name, "depends"],
    at,
  ];
  return inOrder({
    wanted: [name],
    needs: (each, by) => taskOf(manifest, each, by && dependency(by)).depends ?? [],
    onCircle: (circle, by) => {
      throw new CopseError("task-cycle", `Tasks wait for each other: \`${circle.join(" → ")}\``, {
        span: placeOf(manifest, dependency(by)),
      });
    },
  });
}
