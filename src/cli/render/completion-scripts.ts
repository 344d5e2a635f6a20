// The scripts of fx completion: each hands the words to `fx complete`, and shows what that offers.

export const scripts: Readonly<Record<string, string>> = {
  bash: `# completion of fx for bash
_fx() {
  local IFS=$'\\n' current="\${COMP_WORDS[COMP_CWORD]}" line
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while read -r line; do
    if [ "$line" = ':files' ]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -f -- "$current"))
      return
    fi
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(fx complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _fx fx
`,
  zsh: `#compdef fx
# completion of fx for zsh
_fx() {
  local line offered=()
  for line in "\${(@f)$(fx complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ "$line" == ':files' ]]; then
      _files
      return
    fi
    [[ -n "$line" ]] && offered+=("\${\${line//:/\\\\:}/$'\\t'/:}")
  done
  _describe fx offered
}
if [[ "$funcstack[1]" == _fx ]]; then
  _fx "$@"
else
  compdef _fx fx
fi
`,
  fish: `# completion of fx for fish
function __fx_complete
    set --local words (commandline --tokenize --cut-at-cursor --current-process)
    set --local offered (fx complete -- $words[2..-1] (commandline --current-token --cut-at-cursor) 2>/dev/null)
    if test "$offered[1]" = ':files'
        __fish_complete_path (commandline --current-token --cut-at-cursor)
    else
        string join \\n -- $offered
    end
end
complete --command fx --no-files --arguments '(__fx_complete)'
`,
};
