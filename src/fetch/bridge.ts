/**
 * Waiting for asynchronous work in synchronous code.
 *
 * The evaluator is synchronous; resolving and fetching are not. They run in a thread of their own, started at
 * the first call, and the caller sleeps (`Atomics.wait`) until the answer is there. While it sleeps nothing
 * else happens in its thread: no timers, no output through streams. So the service itself writes progress,
 * straight to file descriptor 2, and a thread that stops for good must be noticed by its missing heartbeat.
 *
 * A service is a module that exports `openService`, a `ServiceFactory`. Arguments and answers are copied
 * (structured clone); a CopseError arrives as one.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { CopseError, type ErrorOptions, type Span, startThread, type TraceFrame, threadModule } from "#base";

export type ServiceMethods = Readonly<Record<string, (args: never, context: ServiceContext) => unknown>>;

export interface ServiceContext {
  /** Writes to standard error at once, though the main thread sleeps. */
  readonly writeError: (text: string) => void;
}

/** `data` is what `createBridge` was given. */
export type ServiceFactory = (
  data: unknown,
  context: ServiceContext,
) => Promise<ServiceMethods> | ServiceMethods;

export interface Bridge {
  /** Starts the thread before anything is asked of it, beside what its owner does meanwhile. */
  start(): void;
  /** Throws what the method throws, and `service-stopped` when its thread has ended. */
  call<T>(method: string, args: unknown): T;
  /** Ends the thread, whatever it is doing. */
  close(): void;
}

export interface BridgeOptions {
  /** Handed to the service when it is opened. */
  readonly data?: unknown;
  /** Without a sign of life for so long, the service has stopped. */
  readonly silenceMs?: number | undefined;
}

/** What the two threads share: how many answers were posted, and how often the service's clock has ticked. */
export const ANSWERS = 0;
export const HEARTBEATS = 1;
export const HEARTBEAT_MS = 500;

export interface BridgeStart {
  readonly service: string;
  readonly data: unknown;
  readonly port: MessagePort;
  readonly shared: Int32Array;
}

export interface BridgeCall {
  readonly id: number;
  readonly method: string;
  readonly args: unknown;
}

export type BridgeAnswer =
  | { readonly id: number; readonly kind: "value"; readonly value: unknown }
  | { readonly id: number; readonly kind: "error"; readonly error: SentError };

export function createBridge(service: URL, options: BridgeOptions = {}): Bridge {
  let thread: ServiceThread | undefined;
  return {
    start() {
      thread ??= new ServiceThread(service, options);
    },
    call<T>(method: string, args: unknown): T {
      thread ??= new ServiceThread(service, options);
      // What a service answers with is its contract with the caller, who knows its types.
      return thread.call(method, args) as T;
    },
    close() {
      thread?.close();
      thread = undefined;
    },
  };
}

class ServiceThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));
  readonly #silenceMs: number;
  #calls = 0;

  constructor(service: URL, options: BridgeOptions) {
    // Synchronous work of a service (reading a large index) keeps it from ticking for a while.
    this.#silenceMs = options.silenceMs ?? 120_000;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const start: BridgeStart = {
      service: service.href,
      data: options.data,
      port: port2,
      shared: this.#shared,
    };
    // The flags of the main thread (a stack size, a script on the command line) are not meant for this one.
    this.#worker = startThread(threadModule("fetch/bridge-worker"), {
      workerData: start,
      transferList: [port2],
      execArgv: [],
    });
    this.#worker.unref();
    // Without a listener an error of the thread would be thrown here; it has been answered already.
    this.#worker.on("error", () => {});
  }

  call(method: string, args: unknown): unknown {
    const id = ++this.#calls;
    const message: BridgeCall = { id, method, args };
    this.#port.postMessage(message);
    const answer = this.#wait(id, method);
    if (answer.kind === "value") return answer.value;
    throw receiveError(answer.error);
  }

  #wait(id: number, method: string): BridgeAnswer {
    let beats = Atomics.load(this.#shared, HEARTBEATS);
    let silentSince = performance.now();
    for (;;) {
      const seen = Atomics.load(this.#shared, ANSWERS);
      const received: { readonly message: BridgeAnswer } | undefined = receiveMessageOnPort(this.#port);
      // An answer to an earlier call can be left over where that call was given up.
      if (received && received.message.id === id) return received.message;
      if (received) continue;
      Atomics.wait(this.#shared, ANSWERS, seen, HEARTBEAT_MS);
      const now = Atomics.load(this.#shared, HEARTBEATS);
      if (now !== beats) {
        beats = now;
        silentSince = performance.now();
      } else if (performance.now() - silentSince > this.#silenceMs)
        throw new CopseError("service-stopped", `Service thread has stopped during \`${method}\``);
    }
  }

  close(): void {
    this.#port.close();
    void this.#worker.terminate();
  }
}

// Errors on their way ----------------------------------------------------------------------------------------

export type SentError =
  | {
      readonly kind: "copse";
      readonly code: string;
      readonly message: string;
      readonly span: Span | undefined;
      readonly hint: string | undefined;
      readonly exitCode: number;
      readonly trace: readonly TraceFrame[];
      readonly stack: string | undefined;
    }
  | {
      readonly kind: "other";
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
    };

export function sendError(error: unknown): SentError {
  if (error instanceof CopseError) {
    const { code, message, span, hint, exitCode, trace, stack } = error;
    return { kind: "copse", code, message, span, hint, exitCode, trace, stack };
  }
  if (error instanceof Error)
    return { kind: "other", name: error.name, message: error.message, stack: error.stack };
  return { kind: "other", name: "Error", message: String(error), stack: undefined };
}

function receiveError(sent: SentError): Error {
  if (sent.kind === "copse") {
    const { code, message, span, hint, exitCode, trace } = sent;
    const options: ErrorOptions = { span, hint, exitCode, trace };
    return new CopseError(code, message, options);
  }
  const error = new Error(sent.message);
  error.name = sent.name;
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}
