/** What the worker threads of this folder are asked and what they answer: plain data in both directions. */

import type { EnvironmentNotes, PythonEnvironmentTask } from "./python/python-environment.ts";
import type { UnpackWheelTask, WheelNotes } from "./python/unpack-wheel.ts";
import type { UnpackTask } from "./unpacking/unpack-package.ts";
import type { BuildViewTask, BuiltView } from "./views/build-view.ts";

export interface ViewDigestTask {
  readonly kind: "view-digest";
  readonly directory: string;
}

export type RootTask = UnpackTask | UnpackWheelTask | PythonEnvironmentTask | BuildViewTask | ViewDigestTask;

export type RootTaskResult<T extends RootTask> = T extends ViewDigestTask
  ? string
  : T extends BuildViewTask
    ? BuiltView
    : T extends UnpackWheelTask
      ? WheelNotes
      : T extends PythonEnvironmentTask
        ? EnvironmentNotes
        : undefined;

export interface RootTaskAnswer {
  readonly result?: string | BuiltView | WheelNotes | EnvironmentNotes | undefined;
  readonly error?: {
    /** Absent where the error is a bug of ours and not a `CopseError`. */
    readonly code?: string | undefined;
    readonly message: string;
    readonly hint?: string | undefined;
  };
}
