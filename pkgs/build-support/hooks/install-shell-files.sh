# installManPage FILE..., installShellCompletion [--cmd NAME] [--bash|--fish|--zsh] [--name NAME] FILE..., installBin FILE...

installManPage() {
  local page name section
  for page in "$@"; do
    if [ "$page" = -- ]; then continue; fi
    name=${page%.gz}
    section=${name##*.}
    install -D --mode=644 --no-target-directory "$page" "${man:-$out}/share/man/man$section/$(basename "$page")"
  done
}

installShellCompletion() {
  local shell= name= command= kind file
  while [ $# -gt 0 ]; do
    case $1 in
      --cmd) command=$2; shift 2; continue ;;
      --name) name=$2; shift 2; continue ;;
      --bash | --fish | --zsh | --nushell) shell=${1#--}; shift; continue ;;
      --) shift; continue ;;
    esac
    file=$1 kind=$shell
    shift
    # By its ending where no shell is named.
    if [ -z "$kind" ]; then
      case $file in
        *.bash) kind=bash ;;
        *.fish) kind=fish ;;
        *.zsh | */_*) kind=zsh ;;
        *) echo "installShellCompletion: for which shell is this: $file" >&2; return 1 ;;
      esac
    fi
    case $kind in
      bash) installCompletion "$file" "share/bash-completion/completions/${name:-${command:-$(basename "$file" .bash)}}" ;;
      fish) installCompletion "$file" "share/fish/vendor_completions.d/${name:-${command:+$command.fish}}" ;;
      zsh) installCompletion "$file" "share/zsh/site-functions/${name:-${command:+_$command}}" ;;
      nushell) installCompletion "$file" "share/nushell/vendor/autoload/${name:-${command:+$command.nu}}" ;;
    esac
    name=
  done
}
# Files that a command writes through a pipe have no name of their own, and may be empty if it failed.
installCompletion() {
  local target=$out/$2
  if [[ $target == */ ]]; then target+=$(basename "$1"); fi
  mkdir -p "$(dirname "$target")"
  cat -- "$1" >"$target"
  if [ ! -s "$target" ]; then echo "installShellCompletion: the completion is empty: $target" >&2; return 1; fi
}

installBin() {
  local file
  for file in "$@"; do install -D --mode=755 --target-directory "$out/bin" "$file"; done
}
installFonts() { find . -iname "*.ttf" -exec install -D --mode=644 --target-directory "$out/share/fonts/truetype" {} +; }
