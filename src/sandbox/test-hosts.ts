/**
 * For tests: hosts that forbid things, each as a command that runs another one under that restriction.
 *
 * System calls are refused by a filter that perl (Essential in Debian) installs, as a container engine's would be.
 * The limits of user namespaces count for a namespace and what is below it: so they are set in one whose users are
 * those of the machine, which only root can make.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./host-programs.ts";

/** Puts a command under a restriction. */
export type Restrict = (command: readonly string[]) => string[];

const FILTER = `
my %machines = (
  62 => { number => 317, prctl => 157, unshare => 272, mount => 165, umount2 => 166, pivot_root => 155, chroot => 161,
    ptrace => 101, setns => 308, clone => 56, link => 86, flock => 73, fcntl => 72, chmod => 90, fchmodat => 268 },
  183 => { number => 277, prctl => 167, unshare => 97, mount => 40, umount2 => 39, pivot_root => 41, chroot => 51,
    ptrace => 117, setns => 268, clone => 220, flock => 32, fcntl => 25, fchmodat => 53 });
open my $self, '<:raw', '/proc/self/exe'; read $self, my $header, 20; close $self;
my $m = $machines{ unpack 'x18 v', $header } or die "machine";
$m->{$_} = { clone3 => 435, linkat => $m->{number} == 317 ? 265 : 37, open_tree => 428, move_mount => 429, fsopen => 430 }->{$_}
  for qw(clone3 linkat open_tree move_mount fsopen);
my ($errno, $names, @command) = @ARGV;
sub ins { pack 'SCCL', @_ }
my $program = ins(0x20, 0, 0, 0);
for my $name (split /,/, $names) {
  next if !defined $m->{$name};
  my $refuse = ins(6, 0, 0, 0x50000 | $errno);
  if ($name eq 'clone') {
    # Only with flags that make namespaces.
    $program .= ins(0x15, 0, 4, $m->{clone}) . ins(0x20, 0, 0, 16) . ins(0x45, 0, 1, 0x7e020000) . $refuse . ins(0x20, 0, 0, 0);
  } elsif ($name eq 'fcntl') {
    # Only what locks: F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW.
    $program .= ins(0x15, 0, 6, $m->{fcntl}) . ins(0x20, 0, 0, 24)
      . ins(0x15, 3, 0, 6) . ins(0x15, 2, 0, 7) . ins(0x15, 1, 0, 37) . ins(0x15, 0, 1, 38) . $refuse . ins(0x20, 0, 0, 0);
  } else {
    $program .= ins(0x15, 0, 1, $m->{$name}) . ($name eq 'clone3' ? ins(6, 0, 0, 0x50026) : $refuse);
  }
}
$program .= ins(6, 0, 0, 0x7fff0000);
syscall($m->{prctl}, 38, 1, 0, 0, 0) == 0 or die "no_new_privs: $!";
syscall($m->{number}, 1, 0, pack('S x6 P', length($program) / 8, $program)) == 0 or die "seccomp: $!";
exec { $command[0] } @command or die "exec: $!";
`;

const errnos = { EPERM: 1, EACCES: 13, ENOLCK: 37, ENOSYS: 38, EOPNOTSUPP: 95 } as const;

/** These system calls fail. */
export function refuseCalls(calls: string, errno: keyof typeof errnos = "EPERM"): Restrict {
  return (command) => ["/usr/bin/perl", "-e", FILTER, String(errnos[errno]), calls, ...command];
}

/** What the filter of container engines refuses to who has not the right to administer the machine. */
export const inContainer = refuseCalls(
  "unshare,mount,umount2,pivot_root,setns,clone,clone3,open_tree,move_mount,fsopen",
);

/** A network file system without locks (Lustre without -o flock), or without hard links. */
export const withoutLocks = refuseCalls("flock,fcntl", "ENOLCK");
export const withoutLinks = refuseCalls("link,linkat", "EPERM");

/** User namespaces can be made, and in them no mounts: what AppArmor does on Ubuntu 24.04. */
export const withoutMounts = refuseCalls("mount,open_tree,move_mount,fsopen,pivot_root", "EACCES");

/** Without the powers of root that containers take away. */
export const withoutPowers: Restrict = (command) => [
  ...[
    "/usr/bin/setpriv",
    "--bounding-set=-sys_admin,-sys_ptrace,-net_admin,-sys_module",
    "--inh-caps=-all",
    "--",
  ],
  ...command,
];

export const asUser =
  (uid: number): Restrict =>
  (command) => ["/usr/bin/setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--", ...command];

/** The map of users is written from outside, once the namespace is there. */
const IN_NAMESPACE = `
prepare=$1; shift
pipes=$(mktemp -d); mkfifo "$pipes/pid" "$pipes/go"
exec 3<&0
unshare --user --mount --propagation private -- sh -c '
  pipes=$1 prepare=$2; shift 2
  echo $$ > "$pipes/pid"; read go < "$pipes/go"; rm -r "$pipes"
  exec setpriv --reuid 0 --regid 0 --clear-groups -- sh -c "eval \\"\\$1\\"; shift; exec \\"\\$@\\"" sh "$prepare" "$@"
' sh "$pipes" "$prepare" "$@" <&3 &
read pid < "$pipes/pid"
for map in uid_map gid_map; do echo 0 0 4294967295 > /proc/$pid/$map; done
echo go > "$pipes/go"
wait $!
`;

/** A user namespace whose users are the machine's, with mounts of its own. `prepare` runs in it as root. Needs root. */
export function inNamespace(directory: string, prepare: string): Restrict {
  const script = join(directory, "in-namespace.sh");
  writeFileSync(script, IN_NAMESPACE);
  return (command) => ["/bin/sh", script, prepare, ...command];
}

export const lowerTo = (setting: string) => `echo 0 > /proc/sys/user/${setting}`;

/** Why these hosts cannot be made here: a reason to skip. */
export const whyNoFilter = findProgram("perl", "/usr/bin") === undefined ? "perl is not here" : false;
export const whyNoNamespace = process.getuid?.() === 0 ? false : "needs root";
