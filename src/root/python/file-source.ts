/**
 * An archive in a file, as the zip codec wants it. Small files of a wheel stand one behind the other and are read one
 * after the other; so what is read is a window ahead of them, and most of them need no read of their own.
 */
import { fstatSync, readSync } from "node:fs";
import type { ZipSource } from "#format/zip";

const WINDOW_BYTES = 1 << 20;

export function fileSource(fd: number): ZipSource {
  const { size } = fstatSync(fd);
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  return {
    size,
    read(offset, length) {
      if (offset >= start && offset + length <= start + window.length)
        return window.subarray(offset - start, offset - start + length);
      // Never a window used again: pieces of the one before are unpacked still.
      const bytes = readFully(fd, offset, Math.max(length, Math.min(WINDOW_BYTES, size - offset)));
      if (length >= WINDOW_BYTES) return bytes;
      window = bytes;
      start = offset;
      return bytes.subarray(0, length);
    },
  };
}

/** Less at the end of the file. */
function readFully(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, buffer, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return buffer.subarray(0, done);
}
