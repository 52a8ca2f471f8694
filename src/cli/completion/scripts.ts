/**
 * The code by which a shell asks copse itself how a word can go on, for copse and for Nix's programs by their names.
 * Nothing of the commands is in it, so it serves whichever version is called.
 */
import { NIX_PROGRAMS } from "../command-table.ts";

export const COMPLETION_SHELLS = ["bash", "zsh", "fish"] as const;

export type CompletionShell = (typeof COMPLETION_SHELLS)[number];

const PROGRAMS = ["copse", "nix", ...Object.keys(NIX_PROGRAMS)].join(" ");

// Bash parts words at the characters of COMP_WORDBREAKS, `=` and `:` among them: the line is put together again, and
// of each answer what bash takes to be an earlier word is cut off.
const BASH = `# Completion of copse's command lines for bash: \`source <(copse completion bash)\`
_copse_complete() {
  local -a words=() answers=()
  local index=0 i part joined=
  for ((i = 0; i < \${#COMP_WORDS[@]}; i++)); do
    part=\${COMP_WORDS[i]}
    if [[ $i -gt 0 && ( $part == [=:]* || $joined == *[=:] ) && \${COMP_LINE} == *"$joined$part"* ]]; then
      words[\${#words[@]}-1]+=$part
    else
      words+=("$part")
    fi
    joined=\${words[\${#words[@]}-1]}
    if ((i == COMP_CWORD)); then index=$((\${#words[@]} - 1)); fi
  done
  mapfile -t answers < <(NIX_GET_COMPLETIONS=$index "\${words[@]}" 2>/dev/null)
  case \${answers[0]-} in
    filenames) compopt -o filenames ;;
    attrs) compopt -o nospace ;;
  esac
  local current=\${words[index]} cut=
  if [[ $current == *[=:]* ]]; then cut=\${current%"\${current##*[=:]}"}; fi
  local answer
  COMPREPLY=()
  for answer in "\${answers[@]:1}"; do
    answer=\${answer%%$'\\t'*}
    COMPREPLY+=("\${answer#"$cut"}")
  done
}
complete -F _copse_complete ${PROGRAMS}
`;

const ZSH = `#compdef ${PROGRAMS}
# Completion of copse's command lines for zsh: \`source <(copse completion zsh)\`
_copse() {
  local -a answers plain described
  local kind line
  answers=("\${(@f)$(NIX_GET_COMPLETIONS=$((CURRENT - 1)) "\${(Q)words[@]}" 2>/dev/null)}")
  kind=\${answers[1]}
  for line in "\${answers[@]:1}"; do
    plain+=("\${line%%$'\\t'*}")
    described+=("\${line//$'\\t'/  }")
  done
  case $kind in
    filenames) compadd -f -a plain ;;
    attrs) compadd -S '' -a plain ;;
    *) compadd -l -d described -a plain ;;
  esac
}
if [ "$funcstack[1]" = _copse ]; then _copse "$@"; else compdef _copse ${PROGRAMS}; fi
`;

const FISH = `# Completion of copse's command lines for fish: \`copse completion fish | source\`
function __copse_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    NIX_GET_COMPLETIONS=(count $words) $words $current 2>/dev/null
end
function __copse_words
    __copse_complete | tail -n +2
end
function __copse_wants_files
    test (__copse_complete)[1] = filenames
end
for program in ${PROGRAMS}
    complete --command $program --condition 'not __copse_wants_files' --no-files
    complete --command $program --arguments '(__copse_words)'
end
`;

export function completionScript(shell: CompletionShell): string {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell];
}
