// SPDX-License-Identifier: Apache-2.0
#include "completion.hpp"

// All knowledge is in `docker-cpp __complete`: the scripts only carry words
// there and lines back.
namespace docker_cpp::cli {
namespace {

constexpr std::string_view bash = R"(# bash completion of docker-cpp
_docker_cpp() {
  local current=${COMP_WORDS[COMP_CWORD]} line lines=() files=""
  # bash splits at ':' and '=': names of images are put together again.
  local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local cur prev cword
    _get_comp_words_by_ref -n =: cur words
    current=$cur
    words=("${words[@]:1}")
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = ":files" ]; then files=1; else lines+=("${line%%$'\t'*}"); fi
  done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
  COMPREPLY=("${lines[@]}")
  if [ -n "$files" ]; then
    while IFS= read -r line; do
      COMPREPLY+=("$line")
    done < <(compgen -f -- "$current")
    compopt -o filenames 2>/dev/null
  fi
  if declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions "$current"
  fi
}
complete -o default -F _docker_cpp docker-cpp
)";

constexpr std::string_view zsh = R"(#compdef docker-cpp
# zsh completion of docker-cpp
_docker_cpp() {
  local -a lines described
  local line files=""
  lines=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${lines[@]}"; do
    [[ -z "$line" ]] && continue
    if [[ "$line" == ":files" ]]; then
      files=1
    else
      described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done
  (( ${#described} )) && _describe 'docker-cpp' described
  [[ -n "$files" ]] && _files
  return 0
}
if [ "${funcstack[1]}" = "_docker_cpp" ]; then
  _docker_cpp "$@"
else
  compdef _docker_cpp docker-cpp
fi
)";

constexpr std::string_view fish = R"(# fish completion of docker-cpp
function __docker_cpp_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] 2>/dev/null)
    for line in $lines
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c docker-cpp -f -a '(__docker_cpp_complete)'
)";

}  // namespace

std::string completion_script(std::string_view shell) {
  return std::string(shell == "bash"   ? bash
                     : shell == "zsh"  ? zsh
                     : shell == "fish" ? fish
                                       : std::string_view());
}

}  // namespace docker_cpp::cli
