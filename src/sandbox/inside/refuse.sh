#!/bin/sh
# Stands inside a root under the names apt, apt-get and sudo, where the root has not these programs itself: people
# type them by habit, and "command not found" would not say what to do instead.
name=${0##*/}
if [ "$name" = sudo ]; then
  printf 'error[environment-read-only]: An environment gives no powers of root: `%s`\n' "$name $*" >&2
  case ${1-} in
    apt | apt-get | pip* | dnf | yum) shift ;;
    *)
      echo ' hint: leave the environment for what needs them, or enter it with --writable to try something out' >&2
      exit 1
      ;;
  esac
else
  printf 'error[environment-read-only]: Nothing is installed into an environment from inside: `%s`\n' "$name $*" >&2
fi
words='' installs=''
for word in "$@"; do
  case $word in
    install) installs=1 ;;
    -*) ;;
    *) words="$words pkgs.$word" ;;
  esac
done
[ -n "$installs" ] || words=''
printf ' hint: add to `packages` in shell.nix:%s; the next `copse run` or `copse shell` has it\n' "${words:- pkgs.NAME}" >&2
exit 1
