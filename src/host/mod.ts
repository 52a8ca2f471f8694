/**
 * The world outside, as interfaces: file system, processes, clock. Each has a Node side and an in-memory side, and
 * one suite of tests that both must pass, so that what is tested against memory holds. The network is the business
 * of `fetch`.
 */
export * from "./clock.ts";
export * from "./file-system.ts";
export { MemoryFileSystem } from "./memory-file-system.ts";
export {
  MemoryProcesses,
  type MemoryProgram,
  type ProgramCall,
  type ProgramResult,
  ReplacedProcess,
} from "./memory-processes.ts";
export { nodeFileSystem } from "./node-file-system.ts";
export { nodeProcesses } from "./node-processes.ts";
export * from "./processes.ts";
