# Building a shell makes its programs startable from outside. Each file in bin enters the environment, as `copse run`
# does, and becomes the program: for an editor that wants an interpreter, a Jupyter kernel, a `#!` line.
#
# `enter` is what they have in common: the variables, PATH, the hook. It is sourced, with `c_self` and
# `c_program` set; its own names begin with `c_`, for any other can be a variable of the environment.
set -e
PATH=/usr/bin:/bin
mkdir -p "$out/bin"

quote() {
  local text=${1//\'/\'\\\'\'}
  printf "'%s'" "$text"
}

# The build's own variables, and what says how to build.
isOfTheBuild() {
  case $1 in
    NIX_* | TMP | TMPDIR | TEMP | TEMPDIR | PWD | OLDPWD | HOME | SHLVL | TERM | PATH | _ | builder | outputs | out | \
      sandboxRoot | copseLauncher | requiredSystemFeatures | preferLocalBuild | allowSubstitutes) return 0 ;;
  esac
  return 1
}

# What entering takes out of the environment, as it leads programs to the host's libraries: said here, it is meant, and is
# set inside.
neutralised=" $(sed -n '/^neutralise()/,/^}/p' "$copseLauncher" | tr -cs 'A-Z0-9_' ' ') "
isNeutralised() { [[ $neutralised == *" $1 "* ]]; }

path=
for input in $nativeBuildInputs $buildInputs $propagatedNativeBuildInputs $propagatedBuildInputs; do
  [ ! -d "$input/bin" ] || path=$path$input/bin:
done

# A Python environment is known by what stands beside the folder of the interpreter's name, which is that of a launcher here.
for input in $buildInputs; do
  if [ -e "$input/pyvenv.cfg" ]; then
    for entry in "$input"/*; do [ "${entry##*/}" = bin ] || ln -s "$entry" "$out/"; done
    break
  fi
done

{
  cat <<'END'
case $0 in /*) c_name=$0 ;; *) c_name=$PWD/$0 ;; esac
c_store=${c_self%/*/bin/*}
c_hook= c_inside=
END
  # Whoever stands in the environment already has its variables, changed perhaps.
  printf 'if [ "${COPSE_LAUNCHED-}" != %s ]; then\n' "$(quote "${out##*/}")"
  printf 'export COPSE_LAUNCHED=%s IN_NIX_SHELL=impure\n' "$(quote "${out##*/}")"
  for variable in $(compgen -e); do
    isOfTheBuild "$variable" || printf 'export %s=%s\n' "$variable" "$(quote "${!variable}")"
    ! isNeutralised "$variable" || inside="${inside-} $(quote "$variable=${!variable}")"
  done
  [ -z "${inside-}" ] || printf 'c_inside=%s\n' "$(quote "/usr/bin/env$inside")"
  [ -z "${shellHook-}" ] || echo 'c_hook=1'
  echo 'fi'
  printf 'c_enter() { eval "set -- $c_inside \\"\\$@\\""; exec "$c_store"/%s --path %s %s -- "$@"; }\n' "$(quote "${copseLauncher##*/}")" \
    "$(quote "${path}/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin")" "$(quote "${sandboxRoot##*/}")"
  # What a hook prints must not come between a program and who reads from it. Python tells by its own name where it was
  # started, and is started again by that name: it must be the launcher's, for outside there may be another Python.
  cat <<'END'
case $c_program in */python[0-9.]* | */python) ;; *) c_name=$c_program ;; esac
if [ -n "$c_hook" ] || [ "$c_name" != "$c_program" ]; then
  c_enter /bin/bash --norc -c '[ -z "$1" ] || eval "$shellHook" >&2; c_name=$2; shift 2; exec -a "$c_name" "$@"' bash \
    "$c_hook" "$c_name" "$c_program" "$@"
fi
c_enter "$c_program" "$@"
END
} >"$out/enter"

IFS=:
for folder in $path /usr/local/bin /usr/bin /usr/local/games /usr/games /usr/local/sbin /usr/sbin; do
  for program in "$folder"/*; do
    file=$out/bin/${program##*/}
    [ -x "$program" ] && [ ! -d "$program" ] && [ ! -e "$file" ] || continue
    printf '#!/bin/sh\nc_self=$(readlink -f "$0") || exit 126\nc_program=%s\n. "${c_self%%/bin/*}/enter"\n' \
      "$(quote "$program")" >"$file"
  done
done
unset IFS
chmod 555 "$out"/bin/*
