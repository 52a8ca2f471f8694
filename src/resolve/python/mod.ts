/** The solver for Python packages, alone: for what asks it without the lock and the service thread. */
export * from "./resolve-python.ts";
