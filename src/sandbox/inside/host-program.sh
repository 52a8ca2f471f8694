#!/bin/sh
# Stands inside a root under the name of a program that must stay the host's (docker, sbatch, ssh, copse), and
# becomes that one, in the root of the host. In a user namespace of its own, for who is not root: setuid programs
# have no power there.
if [ ! -r /.copse/enter.sh ]; then
  printf 'error[sandbox-no-host]: There is no way back to the host from here: `%s`\n' "${0##*/}" >&2
  echo ' hint: this machine lets environments be entered only without namespaces; call it outside' >&2
  exit 125
fi
exec /bin/sh /.copse/enter.sh --host "${0##*/}" "$@"
