/** Debian packages as a root file system: unpacking, composing, byte code, views. */
export * from "./bytecode.ts";
export * from "./compose/compose-root.ts";
export { CONFIGURE_AUTO, type ConfigureRequest } from "./configure/request.ts";
export type { PackageTree } from "./python/merge-trees.ts";
export type { PythonEnvironmentTask } from "./python/python-environment.ts";
export type { UnpackWheelTask } from "./python/unpack-wheel.ts";
export * from "./root-manifest.ts";
export type { RunInView, RunInViewOptions, RunInViewResult, ViewBind } from "./run-in-view.ts";
export type { UnreadScript } from "./scripts/unread-script.ts";
export { decompress } from "./unpacking/decompress.ts";
export * from "./unpacking/unpack-deb.ts";
export * from "./views/view.ts";
export { createWorkerPool, type WorkerPool } from "./worker-pool.ts";
