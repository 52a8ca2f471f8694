#!/bin/sh
# Stands inside a root under the name of a program that must stay the host's (docker, sbatch, ssh), and
# execs that one, with the host's root directory as its own. enter.sh has left that root at /.copse/host.
# A chroot in a user namespace of its own: setuid programs have no power there, and programs that make user
# namespaces themselves (podman, apptainer) cannot.
read -r PATH < /.copse/host-path
export PATH
unset LD_LIBRARY_PATH LD_PRELOAD LD_AUDIT COPSE_ROOT
while read -r c_key c_value c_rest; do
  [ "$c_key" != CapEff: ] || break
done < /proc/self/status
if [ $((0x$c_value >> 18 & 1)) = 1 ]; then
  exec /usr/bin/unshare --root=/.copse/host --wd="$PWD" "${0##*/}" "$@"
fi
exec /usr/bin/unshare --user --map-current-user --keep-caps --root=/.copse/host --wd="$PWD" \
  setpriv --ambient-caps=-all --inh-caps=-all -- "${0##*/}" "$@"
