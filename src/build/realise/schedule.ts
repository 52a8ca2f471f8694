/**
 * Runs a graph of goals: each once all it needs are done, several at a time, within limits by kind of resource
 * (the network, the processor), so that unpacking goes on while the next archives are coming down.
 *
 * Ready goals of one resource start in the order of their longest remaining chain, so that what many others
 * wait for, or what ends a long chain, is not left for last.
 */

export interface Goal<Resource extends string> {
  readonly id: string;
  readonly needs: readonly string[];
  readonly resource: Resource;
  run(signal: AbortSignal): Promise<void>;
}

export interface ScheduleOptions<Resource extends string> {
  readonly limits: Readonly<Record<Resource, number>>;
  readonly signal?: AbortSignal | undefined;
  /** Finish what does not need the failed goal before reporting the failure. */
  readonly keepGoing?: boolean | undefined;
}

export interface Failure {
  readonly id: string;
  readonly error: unknown;
}

interface Node<Resource extends string> {
  readonly goal: Goal<Resource>;
  readonly dependents: Node<Resource>[];
  waitingFor: number;
  /** Number of goals on the longest chain that starts here. */
  height: number;
}

/**
 * Resolves to the failures (empty: all done). Without `keepGoing` the first failure aborts what is running;
 * goals that were aborted for it are not reported.
 */
export async function runSchedule<Resource extends string>(
  goals: readonly Goal<Resource>[],
  options: ScheduleOptions<Resource>,
): Promise<Failure[]> {
  const nodes = linkNodes(goals);
  const ready = [...nodes.values()].filter((node) => node.waitingFor === 0);
  const failures: Failure[] = [];
  const abort = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal;
  const used: Record<string, number> = {};
  let running = 0;

  await new Promise<void>((resolve) => {
    const finish = (node: Node<Resource>, error: unknown, failed: boolean): void => {
      running--;
      used[node.goal.resource] = (used[node.goal.resource] ?? 1) - 1;
      if (failed) {
        if (!signal.aborted) failures.push({ id: node.goal.id, error });
        if (!options.keepGoing) abort.abort(error);
      } else {
        for (const dependent of node.dependents)
          if (--dependent.waitingFor === 0) insertByHeight(ready, dependent);
      }
      start();
    };
    const start = (): void => {
      if (!signal.aborted) {
        for (let i = 0; i < ready.length; ) {
          const node = ready[i] as Node<Resource>;
          const { resource } = node.goal;
          if ((used[resource] ?? 0) >= options.limits[resource]) {
            i++;
            continue;
          }
          ready.splice(i, 1);
          used[resource] = (used[resource] ?? 0) + 1;
          running++;
          node.goal.run(signal).then(
            () => finish(node, undefined, false),
            (error: unknown) => finish(node, error, true),
          );
        }
      }
      if (running === 0) resolve();
    };
    start();
  });
  options.signal?.throwIfAborted();
  return failures;
}

function linkNodes<Resource extends string>(goals: readonly Goal<Resource>[]): Map<string, Node<Resource>> {
  const nodes = new Map<string, Node<Resource>>();
  for (const goal of goals) nodes.set(goal.id, { goal, dependents: [], waitingFor: 0, height: 0 });
  for (const node of nodes.values()) {
    for (const id of new Set(node.goal.needs)) {
      const needed = nodes.get(id);
      if (!needed) throw new Error(`Goal ${node.goal.id} needs ${id}, which is not among the goals`);
      needed.dependents.push(node);
      node.waitingFor++;
    }
  }
  const seen = new Set<Node<Resource>>();
  const measure = (node: Node<Resource>): number => {
    if (seen.has(node)) return node.height;
    seen.add(node);
    let below = 0;
    for (const dependent of node.dependents) below = Math.max(below, measure(dependent));
    node.height = below + 1;
    return node.height;
  };
  for (const node of nodes.values()) measure(node);
  return new Map([...nodes].sort(([, a], [, b]) => b.height - a.height));
}

function insertByHeight<Resource extends string>(ready: Node<Resource>[], node: Node<Resource>): void {
  let low = 0;
  let high = ready.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ready[middle] as Node<Resource>).height >= node.height) low = middle + 1;
    else high = middle;
  }
  ready.splice(low, 0, node);
}
