/** `completion`: the script that lets a shell complete commands and options; yargs knows what there is. */
import { basename } from 'node:path';
import { EXIT } from '../../shared/exit-codes.ts';
import type { Command, SharedArgs } from '../command.ts';

const SHELLS = ['bash', 'zsh'] as const;

interface CompletionArgs extends SharedArgs {
  readonly shell?: (typeof SHELLS)[number] | undefined;
}

const NAME = 'snowflake-mcp-daemon';

const SCRIPTS = {
  bash: `# Completion of ${NAME} for bash. Install: ${NAME} completion bash > ~/.local/share/bash-completion/completions/${NAME}
_snowflake_mcp_daemon() {
  local words
  mapfile -t words < <(SHELL=bash "\${COMP_WORDS[0]}" --get-yargs-completions "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2> /dev/null)
  mapfile -t COMPREPLY < <(compgen -W "\${words[*]}" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o bashdefault -o default -F _snowflake_mcp_daemon ${NAME}`,
  zsh: `#compdef ${NAME}
# Completion of ${NAME} for zsh. Install: ${NAME} completion zsh > "\${fpath[1]}/_${NAME}", or eval it in ~/.zshrc.
_snowflake_mcp_daemon() {
  local -a found
  found=("\${(@f)$(SHELL=zsh "\${words[1]}" --get-yargs-completions "\${(@)words[1,CURRENT]}" 2> /dev/null)}")
  if [[ -n "\${found[1]}" ]]; then _describe 'values' found; else _default; fi
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then _snowflake_mcp_daemon "$@"; else compdef _snowflake_mcp_daemon ${NAME}; fi`,
} as const;

export const completionCommand: Command<CompletionArgs> = {
  words: 'completion [shell]',
  says: 'Prints the script that completes commands and options in bash or zsh',
  options: (yargs) =>
    yargs
      .positional('shell', { choices: SHELLS, describe: 'Without it that of $SHELL, else bash' })
      .example('source <($0 completion bash)', 'for this shell alone'),
  run: async ({ shell }, { terminal, env }) => {
    const own = basename(env.SHELL ?? '') === 'zsh' ? 'zsh' : 'bash';
    terminal.print(SCRIPTS[shell ?? own]);
    return EXIT.ok;
  },
};
