/** For tests of any folder: servers on this machine. */
export * from "../loopback.ts";
export { noPip } from "../pip/testing/pip-judge.ts";
export * from "./certificates.ts";
export * from "./endless-answer.ts";
export * from "./tls-loopback.ts";
