/**
 * The far side of a bridge: a thread that loads one service and answers calls, each as soon as it is done.
 * Whatever goes wrong, loading included, is an answer: the other side sleeps and would wait for ever.
 */
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import {
  ANSWERS,
  type BridgeAnswer,
  type BridgeCall,
  type BridgeStart,
  HEARTBEAT_MS,
  HEARTBEATS,
  type ServiceContext,
  type ServiceFactory,
  type ServiceMethods,
  sendError,
} from "./bridge.ts";

const { service, data, port, shared } = workerData as BridgeStart;
const context: ServiceContext = { writeError: (text) => void writeSync(2, text) };
const pending = new Set<number>();

async function openMethods(): Promise<ServiceMethods> {
  const module = (await import(service)) as { readonly openService: ServiceFactory };
  return module.openService(data, context);
}

function post(answer: BridgeAnswer): void {
  pending.delete(answer.id);
  port.postMessage(answer);
  Atomics.add(shared, ANSWERS, 1);
  Atomics.notify(shared, ANSWERS);
}

async function answer({ id, method, args }: BridgeCall, opened: Promise<ServiceMethods>): Promise<void> {
  pending.add(id);
  try {
    const methods = await opened;
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!run) throw new Error(`Service has no method ${method}`);
    post({ id, kind: "value", value: await run(args as never, context) });
  } catch (error) {
    post({ id, kind: "error", error: sendError(error) });
  }
}

const opened = openMethods();
// It is looked at by every call; without one, nobody is there to be told.
opened.catch(() => {});
port.on("message", (call: BridgeCall) => void answer(call, opened));
setInterval(() => Atomics.add(shared, HEARTBEATS, 1), HEARTBEAT_MS).unref();
for (const event of ["uncaughtException", "unhandledRejection"] as const)
  process.on(event, (error: unknown) => {
    for (const id of [...pending]) post({ id, kind: "error", error: sendError(error) });
  });
