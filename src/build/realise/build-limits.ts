/**
 * What a build may use: time, time without a word, bytes of log. A build that goes beyond is ended as if it had been
 * interrupted, with the limit as the reason.
 */
import { CopseError } from "#base";
import type { StorePath } from "#format";
import type { Settings } from "../settings/mod.ts";

export interface BuildLimits extends Disposable {
  /** Aborted when a limit is passed, and with the signal that was given. */
  readonly signal: AbortSignal;
  /** The builder said as many bytes. */
  said(bytes: number): void;
}

export function limitBuild(drvPath: StorePath, settings: Settings, outer: AbortSignal): BuildLimits {
  const abort = new AbortController();
  const { timeout, "max-silent-time": silence, "max-build-log-size": logBytes } = settings;
  const timedOut = (what: string): void =>
    abort.abort(
      new CopseError("build-timeout", `building of '${drvPath}' timed out after ${what}`, {
        hint: "the settings timeout and max-silent-time say how long a build may take",
      }),
    );
  const timer = startTimer(timeout, () => timedOut(`${timeout} seconds`));
  const silenceTimer = startTimer(silence, () => timedOut(`${silence} seconds of silence`));
  let total = 0;
  return {
    signal: AbortSignal.any([outer, abort.signal]),
    said(bytes) {
      silenceTimer?.refresh();
      total += bytes;
      if (logBytes === 0 || total <= logBytes) return;
      abort.abort(
        new CopseError(
          "build-log-limit",
          `'${drvPath}' killed after writing more than ${logBytes} bytes of log output`,
          { hint: "the setting max-build-log-size says how much a build may print" },
        ),
      );
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      clearTimeout(silenceTimer);
    },
  };
}

function startTimer(seconds: number, onEnd: () => void): NodeJS.Timeout | undefined {
  // A timer cannot be set beyond 24 days; who allows so much sets no limit.
  return seconds === 0 || seconds > 2_000_000 ? undefined : setTimeout(onEnd, seconds * 1000);
}
