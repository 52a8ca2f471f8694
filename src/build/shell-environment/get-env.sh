# The builder of a derivation that is built for its environment alone: prepares itself as the real one would, then
# writes its variables and functions as JSON to the first output. The others are made empty.

# shellcheck shell=bash disable=SC1090,SC1091,SC2154
set -e
if [ -n "${NIX_ATTRS_SH_FILE-}" ] && [ -e "$NIX_ATTRS_SH_FILE" ]; then source "$NIX_ATTRS_SH_FILE"; fi
export IN_NIX_SHELL=impure
export dontAddDisableDepTrack=1
if [ -n "${stdenv-}" ]; then source "$stdenv/setup"; fi
# A derivation that names no outputs has one.
if [ -z "${outputs[*]-}" ]; then outputs=out; fi

# What this script itself needs begins with two underscores, and is taken stock of before there is any.
__declared=$(declare -p)
__functions=$(declare -F)

__string() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  text=${text//$'\r'/\\r}
  text=${text//$'\t'/\\t}
  text=${text//$'\e'/\\u001b}
  printf '"%s"' "$text"
}

__comma() {
  if [ -n "$__follows" ]; then printf ',\n'; fi
  __follows=1
}

# Bash's own state, which a shell has of its own.
__is_bash_own() {
  case $1 in
    BASH_* | COMP_* | _ | DIRSTACK | EUID | FUNCNAME | HISTCMD | HOSTNAME | GROUPS | PIPESTATUS | PWD | RANDOM | \
      SHLVL | SECONDS | EPOCHREALTIME | EPOCHSECONDS | SRANDOM) return 0 ;;
  esac
  return 1
}

__dump_functions() {
  local __line __body __follows=
  while IFS= read -r __line; do
    [[ $__line == 'declare -f '* ]] || continue
    __line=${__line#declare -f }
    __body=$(declare -f "$__line")
    # `name () ⏎{ ⏎…⏎}`: what stands between the braces.
    __body=${__body#*'{'}
    __body=${__body%'}'*}
    __comma
    __string "$__line"
    printf ':'
    __string "$__body"
  done <<<"$__functions"
}

__dump_members() {
  local -n __array=$1
  local __key __again=
  for __key in "${!__array[@]}"; do
    if [ -n "$__again" ]; then printf ', '; fi
    __again=1
    if [ "$2" = associative ]; then
      __string "$__key"
      printf ': '
    fi
    __string "${__array[$__key]}"
  done
}

__dump_variables() {
  local __line __name __follows=
  while IFS= read -r __line; do
    # Values can have lines that look alike: those do not name a variable that is set.
    [[ $__line =~ ^declare\ (-[-a-zA-Z]+)\ ([A-Za-z_][A-Za-z0-9_]*) ]] || continue
    __flags=${BASH_REMATCH[1]} __name=${BASH_REMATCH[2]}
    if __is_bash_own "$__name" || [ -n "${__seen[$__name]-}" ]; then continue; fi
    __seen[$__name]=1
    __comma
    __string "$__name"
    case $__flags in
      *A*) printf ': {"type": "associative", "value": {'; __dump_members "$__name" associative; printf '}}' ;;
      *a*) printf ': {"type": "array", "value": ['; __dump_members "$__name" array; printf ']}' ;;
      *x*) printf ': {"type": "exported", "value": '; __string "${!__name-}"; printf '}' ;;
      --) printf ': {"type": "var", "value": '; __string "${!__name-}"; printf '}' ;;
      *) printf ': {"type": "unknown"}' ;;
    esac
  done <<<"$__declared"
}

__dump() {
  printf '{\n"bashFunctions": {\n'
  __dump_functions
  printf '\n},\n"variables": {\n'
  __dump_variables
  printf '\n}'
  if [ -n "${NIX_ATTRS_SH_FILE-}" ] && [ -e "$NIX_ATTRS_SH_FILE" ]; then
    printf ',\n"structuredAttrs": {".attrs.sh": '
    __string "$(<"$NIX_ATTRS_SH_FILE")"
    printf ', ".attrs.json": '
    __string "$(<"$NIX_ATTRS_JSON_FILE")"
    printf '}'
  fi
  printf '\n}\n'
}

declare -A __seen=()
__paths=()
if [ -n "${NIX_ATTRS_SH_FILE-}" ] && [ -e "$NIX_ATTRS_SH_FILE" ]; then
  __paths=("${outputs[@]}")
else
  for __output in $outputs; do __paths+=("${!__output}"); done
fi
__dump >"${__paths[0]}"
for __path in "${__paths[@]:1}"; do : >"$__path"; done
