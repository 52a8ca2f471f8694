/** ELF files, as far as loading them goes: which libraries they need, and where they look for them. */
export * from "./elf.ts";
export type { ElfSource } from "./image.ts";
