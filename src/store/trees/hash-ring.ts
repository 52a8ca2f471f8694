/** The memory that two threads share to hash a stream: see hash-thread.ts. */
export interface Ring {
  /** Int32: chunks written, chunks hashed, then the sizes of the chunks in the slots. */
  readonly state: SharedArrayBuffer;
  readonly chunks: SharedArrayBuffer;
  readonly digest: SharedArrayBuffer;
}

export const RING_SLOTS = 4;
export const SHA256_BYTES = 32;
export const WRITTEN = 0;
export const HASHED = 1;
export const SIZES = 2;
