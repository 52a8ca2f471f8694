/** For tests of any folder: servers on this machine. */
export * from "../loopback.ts";
