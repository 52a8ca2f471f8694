#!/bin/sh
# The first process of a build's namespaces: lays out the new root, moves into it, lets the builder go and
# waits for it. As process 1 it also reaps what builders leave behind, and takes everything with it when it
# ends. Called by shell-chain.ts, which has made everything that needs no privilege:
#
#   build.sh DIRECTORY NETWORK COMMAND [ARGUMENT...]
#
# DIRECTORY holds `skeleton` (what is copied into the new root), `fstab`, `new` (where it is laid out), and
# the pipes `ready`, `pivoted`, `go`. COMMAND starts with `env -i`, and ends as the builder.
# File descriptors: 1 the builder's output, 2 our own troubles, 3 told `started` when the builder may run.
#
# What is delicate: after the pivot no program of the host can be executed any more, and the new root may
# hold none at all. So whoever still has to do something then is started before, and waits at a pipe:
# a helper, chrooted into a second view of the host, that unmounts both it and the old root, and the command,
# which has no capabilities any more and becomes the builder.
directory=$1 network=$2
shift 2
new=$directory/new
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
umask 022

fail() {
  printf '%s\n' "$1" >&2
  exit 125
}

mount -t tmpfs -o mode=755 tmpfs "$new" || fail 'Cannot mount a tmpfs'
cp -RP "$directory/skeleton/." "$new/" || fail 'Cannot copy the skeleton'
mount -a -c -T "$directory/fstab" > /dev/null || fail 'Cannot lay out the root'
hostname localhost || fail 'Cannot set the host name'
read -r domain < /proc/sys/kernel/domainname
[ "$domain" = '(none)' ] || domainname '(none)' || fail 'Cannot set the domain name'

# Nothing in util-linux brings an interface up. perl-base is Essential in Debian.
loopback_up() {
  ip link set lo up 2> /dev/null || ifconfig lo up 2> /dev/null ||
    perl -e 'my $up = pack("a16 s x22", "lo", 0x41); socket(S, 2, 2, 0) && ioctl(S, 0x8914, $up) || exit 1'
}
[ "$network" = 1 ] || loopback_up || fail 'Cannot bring the loopback interface up: no ip, ifconfig or perl'

exec 4<> "$directory/ready" 5<> "$directory/pivoted" 6<> "$directory/go"

{
  unshare --root="$new/tmp" -- /bin/sh -c 'echo >&4; read -r x <&5; umount -n -l / && echo go >&6 || echo no >&6' ||
    { echo >&4; echo no >&6; }
} 3>&- &

{
  read -r x <&4
  read -r x <&4
  cd "$new" || echo no >&6
  pivot_root . tmp/tmp && echo >&5 || echo no >&6
} &

# In the foreground, because a shell makes what runs in the background deaf to SIGINT.
"$@" < /dev/null
exit $?
