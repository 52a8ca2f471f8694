/** CPython's sources, for the Pythons that no suite of Debian's has. */
export type { LockedCpython } from "./lock.ts";
export type { CpythonRequests, CpythonSource } from "./requests.ts";
