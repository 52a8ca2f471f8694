/**
 * Starting a service: its process becomes the leader of a session, what it prints goes to its log, and it is waited for
 * until it is ready. Nothing stays behind to watch it.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { CopseError } from "#base";
import { type Manifest, placeOf, type Service } from "#manifest";
import type { EntryPlan } from "#sandbox/entry";
import { identify, livingOf } from "./processes.ts";
import { isListening, waitUntilReady } from "./readiness.ts";
import type { ServiceState } from "./state.ts";
import { stopService } from "./stop-service.ts";

const DEFAULT_TIMEOUT_S = 60;
const LOG_LINES = 10;

export interface StartCall {
  readonly manifest: Manifest;
  readonly name: string;
  readonly service: Service;
  readonly plan: EntryPlan;
  readonly readyPlan: EntryPlan | undefined;
  readonly state: ServiceState;
  readonly signal: AbortSignal;
}

/** @throws CopseError `service-port-taken`, `service-ended`, `service-late`: nothing of it runs then. */
export async function startService(call: StartCall): Promise<number> {
  const { manifest, name, service, plan, state } = call;
  const port = service.ready?.port;
  if (port !== undefined && (await isListening(port))) {
    throw new CopseError(
      "service-port-taken",
      `Something listens on the port of service ${name} already: \`${port}\``,
      {
        span: placeOf(manifest, ["services", name, "ready"]),
        hint: "stop it, or give the service another port",
      },
    );
  }
  const pid = launch(plan, state.logFile(name));
  const leader = pid === undefined ? undefined : identify(pid);
  if (!leader) throw failed(call, { code: "service-ended", message: `Service ended at once: \`${name}\`` });
  const record = { ...leader, name, startedAt: new Date().toISOString(), isReady: false };
  state.save(record);
  try {
    const outcome = await waitUntilReady(service.ready, {
      timeoutMs: (service.timeout ?? DEFAULT_TIMEOUT_S) * 1000,
      isAlive: () => livingOf(leader).includes(leader.pid),
      signal: call.signal,
      commandPlan: call.readyPlan,
    });
    if (outcome === "ended")
      throw failed(call, {
        code: "service-ended",
        message: `Service ended before it was ready: \`${name}\``,
      });
    if (outcome === "late")
      throw failed(call, {
        code: "service-late",
        message: `Service was not ready in ${service.timeout ?? DEFAULT_TIMEOUT_S} seconds: \`${name}\``,
      });
  } catch (error) {
    await stopService(state, name);
    throw error;
  }
  state.save({ ...record, isReady: true });
  return leader.pid;
}

/** The number of the process, which is that of its session too. */
function launch({ file, args, env }: EntryPlan, logFile: string): number | undefined {
  const log = openSync(logFile, "w", 0o600);
  try {
    const child = spawn(file, args.slice(1), {
      argv0: args[0] ?? file,
      env,
      detached: true,
      stdio: ["ignore", log, log],
    });
    child.once("error", () => {});
    child.unref();
    return child.pid;
  } finally {
    closeSync(log);
  }
}

function failed(
  { manifest, name, state }: StartCall,
  { code, message }: { readonly code: string; readonly message: string },
): CopseError {
  const lines = readFileSync(state.logFile(name), "utf8").trimEnd().split("\n").slice(-LOG_LINES);
  const hint =
    lines.join("") === ""
      ? "it has printed nothing"
      : `the end of its log:\n${lines.map((line) => `  > ${line}`).join("\n")}`;
  return new CopseError(code, message, { span: placeOf(manifest, ["services", name]), hint });
}
