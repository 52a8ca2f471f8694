/**
 * What builders are kept from by the kernel, as under Nix: setting set-user-id and set-group-id bits (the call fails),
 * and extended attributes and ACLs (as on a file system that has none). A store path holds neither, so a builder that
 * relies on them is better told at once.
 *
 * The filter is a program for the kernel's packet filter (seccomp(2), BPF), one block for each architecture whose programs
 * run here. Nothing in util-linux installs one before 2.41; perl, which is Essential in Debian, can make the system call.
 * Where that cannot be done, builds run without the filter: the bits are dropped when an output is taken.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { findProgram, hostToolPath } from "../host-programs.ts";

interface Calls {
  /** As the kernel's audit code names it. */
  readonly architecture: number;
  /** By number: which argument holds the mode. */
  readonly modes: readonly (readonly [call: number, argument: number])[];
  readonly attributes: readonly [first: number, last: number];
}

const FCHMODAT2 = [452, 2] as const;
const X86_64: Calls = {
  architecture: 0xc000003e,
  modes: [[90, 1], [91, 1], [268, 2], FCHMODAT2],
  attributes: [188, 196],
};
const I386: Calls = {
  architecture: 0x40000003,
  modes: [[15, 1], [94, 1], [306, 2], FCHMODAT2],
  attributes: [226, 234],
};
const AARCH64: Calls = {
  architecture: 0xc00000b7,
  modes: [[52, 1], [53, 2], FCHMODAT2],
  attributes: [5, 13],
};
const ARM: Calls = {
  architecture: 0x40000028,
  modes: [[15, 1], [94, 1], [333, 2], FCHMODAT2],
  attributes: [226, 234],
};

/** What runs here, and the number of prctl(2). */
const MACHINES: Readonly<
  Partial<Record<NodeJS.Architecture, { readonly calls: readonly Calls[]; readonly prctl: number }>>
> = {
  x64: { calls: [X86_64, I386], prctl: 157 },
  arm64: { calls: [AARCH64, ARM], prctl: 167 },
};

// Instructions: load a word of the call's description; jumps, by how many instructions if so and if not; return.
const [LOAD, AND, IF_EQUAL, IF_AT_LEAST, IF_GREATER, IF_ANY_BIT, RETURN] = [
  0x20, 0x54, 0x15, 0x35, 0x25, 0x45, 0x06,
];
const ALLOW = 0x7fff0000;
const fail = (errno: number): number => 0x00050000 | errno;
const CALL_AT = 0;
const ARCHITECTURE_AT = 4;
/** The low half of an argument, on machines that write it first. */
const argumentAt = (index: number): number => 16 + 8 * index;
/** x86 programs with pointers of 32 bits have the same calls, with this bit set. */
const X32 = 0x40000000;
const SPECIAL_BITS = 0o6000;

type Instruction = readonly [code: number, ifSo: number, ifNot: number, value: number];

function filterOf(machine: readonly Calls[]): Instruction[] {
  const blocks = machine.flatMap((calls): Instruction[] => {
    const block = blockOf(calls);
    return [[IF_EQUAL, 0, block.length, calls.architecture], ...block];
  });
  return [[LOAD, 0, 0, ARCHITECTURE_AT], ...blocks, [RETURN, 0, 0, ALLOW]];
}

function blockOf({ modes, attributes: [first, last] }: Calls): Instruction[] {
  return [
    [LOAD, 0, 0, CALL_AT],
    [AND, 0, 0, ~X32 >>> 0],
    ...modes.flatMap(([call, argument]): Instruction[] => [
      [IF_EQUAL, 0, 4, call],
      [LOAD, 0, 0, argumentAt(argument)],
      [IF_ANY_BIT, 0, 1, SPECIAL_BITS],
      [RETURN, 0, 0, fail(constants.errno.EPERM)],
      [RETURN, 0, 0, ALLOW],
    ]),
    [IF_AT_LEAST, 0, 2, first],
    [IF_GREATER, 1, 0, last],
    [RETURN, 0, 0, fail(constants.errno.EOPNOTSUPP)],
    [RETURN, 0, 0, ALLOW],
  ];
}

function encode(instructions: readonly Instruction[]): string {
  const bytes = Buffer.alloc(instructions.length * 8);
  instructions.forEach(([code, ifSo, ifNot, value], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifSo, index * 8 + 2);
    bytes.writeUInt8(ifNot, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  });
  return bytes.toString("hex");
}

/** The filter for this machine, in hexadecimal digits. Undefined where it is not known which calls are meant. */
export function syscallFilter(): string | undefined {
  const machine = MACHINES[process.arch];
  return machine && encode(filterOf(machine.calls));
}

/** No new privileges, then the filter, then the command. */
const INSTALL =
  "my ($call, $hex) = splice @ARGV, 0, 2; my $filter = pack 'H*', $hex; " +
  "my $program = pack 'Sx6P', length($filter) / 8, $filter; " +
  "syscall($call, 38, 1, 0, 0, 0) == 0 && syscall($call, 22, 2, $program, 0, 0) == 0 or exit 125; " +
  "exec { $ARGV[0] } @ARGV; exit 127";

let memo: Promise<readonly string[]> | undefined;

/** Words that go before a command, which must be given by its path. Empty where there can be no filter. */
export function syscallFilterWords(): Promise<readonly string[]> {
  memo ??= tryWords();
  return memo;
}

async function tryWords(): Promise<readonly string[]> {
  const machine = MACHINES[process.arch];
  const perl = findProgram("perl", hostToolPath);
  if (machine === undefined || perl === undefined) return [];
  const words = [perl, "-e", INSTALL, String(machine.prctl), encode(filterOf(machine.calls))];
  const child = spawn(perl, [...words.slice(1), "/bin/true"], { stdio: "ignore", env: {} });
  const code = await new Promise((resolve) => child.once("error", () => resolve(1)).once("close", resolve));
  return code === 0 ? words : [];
}
