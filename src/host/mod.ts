/**
 * The world outside, as interfaces: file system, processes, network, clock. Each has a Node side and an
 * in-memory side, and one suite of tests that both must pass, so that what is tested against memory holds.
 *
 * Nothing here is loaded before it is used that start-up would feel: the network's modules come with
 * `openNetwork`.
 */
export * from "./clock.ts";
export * from "./file-system.ts";
export { MemoryFileSystem } from "./memory-file-system.ts";
export { type MemoryAnswer, MemoryNetwork, type MemoryRoute } from "./memory-network.ts";
export {
  MemoryProcesses,
  type MemoryProgram,
  type ProgramCall,
  type ProgramResult,
  ReplacedProcess,
} from "./memory-processes.ts";
export * from "./network.ts";
export { nodeFileSystem } from "./node-file-system.ts";
export { nodeProcesses } from "./node-processes.ts";
export * from "./open-network.ts";
export * from "./processes.ts";
