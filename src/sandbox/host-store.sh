#!/bin/sh
# In a new mount namespace: shows a directory that holds a store at the place that the store's paths name, then becomes
# the command. Where the host has that place, one mount does it. Where not, the host's top-level directories are
# gathered in a new root, beside the store's.
#
# host-store.sh KIND UMASK REAL PLACE CWD PATH -- COMMAND...     KIND: root, or user in a user namespace
set -u

fail() { # CODE MESSAGE [HINT]
  printf 'error[%s]: %s\n' "$1" "$2" >&2
  [ $# -lt 3 ] || printf ' hint: %s\n' "$3" >&2
  exit 125
}

mounts_failed() {
  fail sandbox-mount "Cannot show the store at its place: \`$c_place\`" 'run `copse doctor` to see what this machine allows'
}

c_kind=$1 c_mask=$2 c_real=$3 c_place=$4 c_cwd=$5 c_path=$6
shift 7

# A directory of the host that is not needed any more and that is not bound into the new root.
choose_mount_point() {
  for c_new in /usr/src /usr/games /usr/include /usr/share /mnt /srv /opt; do
    [ ! -d "$c_new" ] || [ -L "$c_new" ] || return 0
  done
  fail sandbox-mount-point 'The host has none of the directories on which a root can be laid out: `/usr/src`, ...'
}

gather_root() {
  choose_mount_point
  # The mount hides a part of what is gathered: the tree is bound before, aside from it.
  mount -t tmpfs -o mode=755 tmpfs "$c_new" || mounts_failed
  mkdir "$c_new/.host" "$c_new/new" || mounts_failed
  mount --rbind / "$c_new/.host" 2> /dev/null || mounts_failed
  umount -n -l "$c_new/.host$c_new" 2> /dev/null
  for c_entry in /* /.[!.]*; do
    c_name=${c_entry#/}
    if [ -L "$c_entry" ]; then
      cp -P "$c_entry" "$c_new/new/$c_name"
    elif [ -d "$c_entry" ]; then
      mkdir "$c_new/new/$c_name" && mount --rbind "$c_new/.host/$c_name" "$c_new/new/$c_name" || mounts_failed
    elif [ -f "$c_entry" ]; then
      : > "$c_new/new/$c_name" && mount --bind "$c_new/.host/$c_name" "$c_new/new/$c_name" || mounts_failed
    fi
  done
  mkdir -p "$c_new/new$c_place" || mounts_failed
  mount --rbind "$c_new/.host$c_real" "$c_new/new$c_place" || mounts_failed
  mkdir "$c_new/new/.old" || mounts_failed
  # pivot_root wants the new root to be a mount of its own.
  mount --rbind "$c_new/new" "$c_new/new" || mounts_failed
  cd "$c_new/new" || mounts_failed
  pivot_root . .old || fail sandbox-pivot "Cannot change the root directory: \`$c_new\`"
  umount -n -l /.old || fail sandbox-pivot 'Cannot leave the old root'
  rmdir /.old 2> /dev/null
}

if [ -d "$c_place" ]; then
  mount --rbind "$c_real" "$c_place" || mounts_failed
else
  gather_root
fi
cd -- "$c_cwd" 2> /dev/null || {
  cd /
  printf 'warning: This directory cannot be entered: `%s`\n' "$c_cwd" >&2
}
if [ -n "${COPSE_STACK_LIMIT-}" ]; then
  ulimit -S -s "$COPSE_STACK_LIMIT" 2> /dev/null
  unset COPSE_STACK_LIMIT
fi
umask "$c_mask"
c_setpriv=$(command -v setpriv) || c_setpriv=
PATH=$c_path
export PATH
command -v -- "$1" > /dev/null || {
  printf 'error[command-not-found]: There is no such command: `%s`\n' "$1" >&2
  exit 127
}
[ "$c_kind" = user ] && [ -n "$c_setpriv" ] || exec "$@"
exec "$c_setpriv" --ambient-caps=-all --inh-caps=-all -- "$@"
