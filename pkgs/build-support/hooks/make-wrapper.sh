# makeWrapper PROGRAM WRAPPER ARGUMENT..., wrapProgram PROGRAM ARGUMENT...: a program behind a script that sets its variables.
#
#   --set VAR VALUE   --set-default VAR VALUE   --unset VAR   --chdir FOLDER   --run COMMAND   --argv0 NAME   --inherit-argv0
#   --prefix VAR SEPARATOR VALUE   --suffix VAR SEPARATOR VALUE   --prefix-each   --suffix-each
#   --add-flags FLAGS   --add-flag FLAG   --append-flags FLAGS   --append-flag FLAG

makeWrapper() {
  local program=$1 wrapper=$2 name=\$0 before= after= value
  shift 2
  if [ ! -x "$program" ]; then echo "makeWrapper: no such program: $program" >&2; return 1; fi
  mkdir -p "$(dirname "$wrapper")"
  {
    echo "#!/bin/bash -e"
    while [ $# -gt 0 ]; do
      case $1 in
        --set) printf 'export %s=%q\n' "$2" "$3"; shift 3 ;;
        --set-default) printf 'export %s=${%s-%q}\n' "$2" "$2" "$3"; shift 3 ;;
        --unset) printf 'unset %s\n' "$2"; shift 2 ;;
        --chdir) printf 'cd %q\n' "$2"; shift 2 ;;
        --run) printf '%s\n' "$2"; shift 2 ;;
        --prefix) printf 'export %s=%q${%s:+%q$%s}\n' "$2" "$4" "$2" "$3" "$2"; shift 4 ;;
        --suffix) printf 'export %s=${%s:+$%s%q}%q\n' "$2" "$2" "$2" "$3" "$4"; shift 4 ;;
        --prefix-each) for value in $4; do printf 'export %s=%q${%s:+%q$%s}\n' "$2" "$value" "$2" "$3" "$2"; done; shift 4 ;;
        --suffix-each) for value in $4; do printf 'export %s=${%s:+$%s%q}%q\n' "$2" "$2" "$2" "$3" "$value"; done; shift 4 ;;
        --argv0) name=$2; shift 2 ;;
        --inherit-argv0) name=\$0; shift ;;
        --resolve-argv0) shift ;;
        --add-flags) before+=" $2"; shift 2 ;;
        --add-flag) before+=$(printf ' %q' "$2"); shift 2 ;;
        --append-flags) after+=" $2"; shift 2 ;;
        --append-flag) after+=$(printf ' %q' "$2"); shift 2 ;;
        *) echo "makeWrapper: unknown argument: $1" >&2; return 1 ;;
      esac
    done
    printf 'exec -a "%s" "%s"%s "$@"%s\n' "$name" "$program" "$before" "$after"
  } >"$wrapper"
  chmod +x "$wrapper"
}
makeShellWrapper() { makeWrapper "$@"; }
makeBinaryWrapper() { makeWrapper "$@"; }

# The program itself moves aside, to .NAME-wrapped.
wrapProgram() {
  local program=$1 hidden
  if [ ! -x "$program" ]; then echo "wrapProgram: no such program: $program" >&2; return 1; fi
  hidden="$(dirname "$program")/.$(basename "$program")-wrapped"
  while [ -e "$hidden" ]; do hidden+=_; done
  mv "$program" "$hidden"
  makeWrapper "$hidden" "$program" "${@:2}"
}
wrapProgramShell() { wrapProgram "$@"; }
