/**
 * A clock for programs that write the time into what they make and listen to nothing else: LuaTeX, which takes the
 * seed of its tables from it, and Knuth's `tex`, whose format holds the minute. A shared library with one function,
 * `time`, which is put before the C library's by LD_PRELOAD: to a process it is the store's time, 1, for five minutes
 * after it first asked. Then the clock goes on, for a program may wait by it; the other clocks are left alone.
 *
 * A root has no compiler, so the library is put together here: ELF (`elf(5)`), with the few bytes of code for each
 * machine. It refers to nothing but itself, and so needs no relocations.
 */

/** What the loader maps, and where the variable lies relative to the code. */
const PAGE = 0x10000;
const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const SYMBOL_SIZE = 24;
const NAMES = "\0time\0";

interface Machine {
  /** `e_machine`. */
  readonly number: number;
  /** The function, given how far after it a zeroed variable of eight bytes lies. */
  readonly code: (distance: number) => Buffer;
}

const MACHINES: Readonly<Record<string, Machine>> = {
  "x86_64-linux": { number: 62, code: codeForX86 },
  "aarch64-linux": { number: 183, code: codeForArm },
};

/** The library for a system, such as `x86_64-linux`; undefined for one that is not known. */
export function fixedClockLibrary(system: string): Buffer | undefined {
  const machine = MACHINES[system];
  if (!machine) return undefined;
  const headers = HEADER_SIZE + 4 * PROGRAM_HEADER_SIZE;
  const symbolsAt = headers;
  const namesAt = symbolsAt + 2 * SYMBOL_SIZE;
  const hashAt = namesAt + 8;
  const codeAt = hashAt + 24;
  const codeSize = machine.code(0).length;
  const dynamicAt = Math.ceil((codeAt + codeSize) / 8) * 8;
  // Mapped a page later than it lies in the file, for it may be written to.
  const dynamicAddress = dynamicAt + PAGE;
  const dynamic = words(4, hashAt, 5, namesAt, 6, symbolsAt, 10, NAMES.length, 11, SYMBOL_SIZE, 0, 0);
  const variableAddress = dynamicAddress + dynamic.length;
  const writable = dynamic.length + 8;

  const file = Buffer.alloc(dynamicAt + writable);
  elfHeader(machine.number).copy(file);
  const segments = [
    { type: LOAD, flags: READ | EXECUTE, at: 0, address: 0, size: codeAt + codeSize },
    { type: LOAD, flags: READ | WRITE, at: dynamicAt, address: dynamicAddress, size: writable },
    { type: DYNAMIC, flags: READ | WRITE, at: dynamicAt, address: dynamicAddress, size: dynamic.length },
    // Without this one the loader would make every stack executable.
    { type: GNU_STACK, flags: READ | WRITE, at: 0, address: 0, size: 0 },
  ];
  Buffer.concat(segments.map(programHeader)).copy(file, HEADER_SIZE);
  symbol(codeAt, codeSize).copy(file, symbolsAt + SYMBOL_SIZE);
  file.write(NAMES, namesAt, "latin1");
  // One bucket, which holds the second symbol; no chain follows.
  Buffer.from(Uint32Array.of(1, 2, 1, 0, 0).buffer).copy(file, hashAt);
  machine.code(variableAddress - codeAt).copy(file, codeAt);
  dynamic.copy(file, dynamicAt);
  return file;
}

const [LOAD, DYNAMIC, GNU_STACK] = [1, 2, 0x6474e551];
const [EXECUTE, WRITE, READ] = [1, 2, 4];

function elfHeader(machine: number): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeUInt16LE(3, 16); // a shared object
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(HEADER_SIZE, 32);
  header.writeUInt16LE(HEADER_SIZE, 52);
  header.writeUInt16LE(PROGRAM_HEADER_SIZE, 54);
  header.writeUInt16LE(4, 56);
  header.writeUInt16LE(64, 58);
  return header;
}

function programHeader(segment: {
  readonly type: number;
  readonly flags: number;
  readonly at: number;
  readonly address: number;
  readonly size: number;
}): Buffer {
  const { type, flags, at, address, size } = segment;
  const kind = Buffer.alloc(8);
  kind.writeUInt32LE(type, 0);
  kind.writeUInt32LE(flags, 4);
  const align = type === LOAD ? PAGE : 8;
  return Buffer.concat([kind, words(at, address, address, size, size, align)]);
}

/** A global function; its section's number says only that it is defined. */
function symbol(address: number, size: number): Buffer {
  const start = Buffer.alloc(8);
  start.writeUInt32LE(1, 0);
  start.writeUInt8(0x12, 4);
  start.writeUInt16LE(1, 6);
  return Buffer.concat([start, words(address, size)]);
}

function words(...values: readonly number[]): Buffer {
  return Buffer.from(BigUint64Array.from(values, BigInt).buffer);
}

/**
 *     now = time(NULL);               // the system call
 *     if (!start) start = now;
 *     now = max(now - start - 300, 1);
 *     if (where) *where = now;
 *     return now;
 */
function codeForX86(distance: number): Buffer {
  const code = Buffer.from(
    "57" + // push rdi
      "31ff" + // xor edi, edi
      "b8c9000000" + // mov eax, 201
      "0f05" + // syscall
      "5f" + // pop rdi
      "488b1500000000" + // mov rdx, [start]: ends at 18
      "4885d2" + // test rdx, rdx
      "750a" + // jnz past the next two
      "48890500000000" + // mov [start], rax: ends at 30
      "4889c2" + // mov rdx, rax
      "4829d0" + // sub rax, rdx
      "482d2c010000" + // sub rax, 300
      "ba01000000" + // mov edx, 1
      "4839d0" + // cmp rax, rdx
      "480f4cc2" + // cmovl rax, rdx
      "4885ff" + // test rdi, rdi
      "7403" + // jz past the next one
      "488907" + // mov [rdi], rax
      "c3", // ret
    "hex",
  );
  for (const end of [18, 30]) code.writeInt32LE(distance - end, end - 4);
  return code;
}

/** The same, by gettimeofday: there is no system call `time` on this machine. */
function codeForArm(distance: number): Buffer {
  const instructions = [
    0xaa0003e9, // mov x9, x0
    0xd10043ff, // sub sp, sp, #16
    0x910003e0, // mov x0, sp
    0xaa1f03e1, // mov x1, xzr
    0xd2801528, // mov x8, #169
    0xd4000001, // svc #0
    0xf94003e0, // ldr x0, [sp]
    0x910043ff, // add sp, sp, #16
    adr(10, distance - 4 * 8), // adr x10, start
    0xf940014b, // ldr x11, [x10]
    0xb500006b, // cbnz x11, past the next two
    0xf9000140, // str x0, [x10]
    0xaa0003eb, // mov x11, x0
    0xcb0b0000, // sub x0, x0, x11
    0xd104b000, // sub x0, x0, #300
    0xf100041f, // cmp x0, #1
    0xd280002a, // mov x10, #1
    0x9a8aa000, // csel x0, x0, x10, ge
    0xb4000049, // cbz x9, past the next one
    0xf9000120, // str x0, [x9]
    0xd65f03c0, // ret
  ];
  return Buffer.from(Uint32Array.from(instructions).buffer);
}

/** `adr xN, . + distance`, whose lowest two bits stand apart. */
function adr(register: number, distance: number): number {
  const immediate = distance & 0x1fffff;
  return (0x10000000 | ((immediate & 3) << 29) | ((immediate >> 2) << 5) | register) >>> 0;
}
