/** Programs that the user has named to be run around builds: their own variables, their lines among the messages. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { CopseError } from "#base";

export interface HookCall {
  readonly program: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  onLine(line: string): void;
  readonly signal: AbortSignal;
}

/** Resolves when the program has ended well. @throws CopseError `hook-failed`. */
export async function runHook(call: HookCall): Promise<void> {
  const child = spawn(call.program, call.args ?? [], {
    env: { ...process.env, ...call.env },
    stdio: ["ignore", "pipe", "pipe"],
    signal: call.signal,
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => call.onLine(line));
  }
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(`cannot be run: ${error.message}`));
    child.once("close", (code, signal) =>
      resolve(
        code === 0 ? undefined : signal === null ? `failed with exit code ${code}` : `died of ${signal}`,
      ),
    );
  });
  call.signal.throwIfAborted();
  if (failure !== undefined) throw new CopseError("hook-failed", `program '${call.program}' ${failure}`);
}
