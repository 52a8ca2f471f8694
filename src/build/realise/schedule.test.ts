import assert from "node:assert/strict";
import { test } from "node:test";
import { type Goal, runSchedule } from "./schedule.ts";

type Resource = "cpu" | "net";
const limits = { cpu: 2, net: 3 };

function recorder() {
  const order: string[] = [];
  const live = { cpu: 0, net: 0 };
  const peak = { cpu: 0, net: 0 };
  const goal = (id: string, needs: string[], resource: Resource = "cpu", fail = false): Goal<Resource> => ({
    id,
    needs,
    resource,
    async run() {
      live[resource]++;
      peak[resource] = Math.max(peak[resource], live[resource]);
      await new Promise((resolve) => setImmediate(resolve));
      live[resource]--;
      if (fail) throw new Error(id);
      order.push(id);
    },
  });
  return { order, peak, goal };
}

test("a goal runs after all it needs, within the limits", async () => {
  const { order, peak, goal } = recorder();
  const goals = [goal("end", ["u0", "u1", "u2", "u3", "u4"])];
  for (let i = 0; i < 5; i++) goals.push(goal(`u${i}`, [`f${i}`]), goal(`f${i}`, [], "net"));
  assert.deepEqual(await runSchedule(goals, { limits }), []);
  assert.equal(order.at(-1), "end");
  for (let i = 0; i < 5; i++) assert.ok(order.indexOf(`f${i}`) < order.indexOf(`u${i}`));
  assert.ok(peak.cpu <= 2 && peak.net === 3, JSON.stringify(peak));
});

test("the head of the longest chain starts first", async () => {
  const { order, goal } = recorder();
  const goals = [goal("alone", []), goal("a1", []), goal("a2", ["a1"]), goal("a3", ["a2"])];
  await runSchedule(goals, { limits: { cpu: 1, net: 1 } });
  assert.equal(order[0], "a1");
});

test("a failure stops the rest, and its dependents never run", async () => {
  const { order, goal } = recorder();
  const failures = await runSchedule([goal("bad", [], "cpu", true), goal("after", ["bad"])], { limits });
  assert.deepEqual(
    failures.map((failure) => failure.id),
    ["bad"],
  );
  assert.deepEqual(order, []);
});

test("keepGoing finishes what does not need the failed goal", async () => {
  const { order, goal } = recorder();
  const goals = [goal("bad", [], "cpu", true), goal("after", ["bad"]), goal("x", []), goal("y", ["x"])];
  const failures = await runSchedule(goals, { limits: { cpu: 1, net: 1 }, keepGoing: true });
  assert.deepEqual(
    failures.map((failure) => failure.id),
    ["bad"],
  );
  assert.deepEqual(order.sort(), ["x", "y"]);
});

test("an abort from outside is thrown once the running goals have ended", async () => {
  const abort = new AbortController();
  const goal: Goal<Resource> = {
    id: "long",
    needs: [],
    resource: "cpu",
    run: (signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
  };
  const done = runSchedule([goal], { limits, signal: abort.signal });
  abort.abort(new Error("interrupted"));
  await assert.rejects(done, /interrupted/);
});
