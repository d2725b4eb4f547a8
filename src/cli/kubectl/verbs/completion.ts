// `completion`: words for the shell to offer. Verbs and flags are known here; names of objects are asked with `get -o name`.

import { KubectlError } from "../errors.ts";
import type { Verb } from "../verb.ts";
import { globalFlags } from "../verb.ts";

/** `verbs` gives the list that this verb stands in; it is asked when the script is made. */
export const completionVerb = (verbs: () => readonly Verb[]): Verb => ({
  name: "completion",
  usage: "SHELL",
  summary: "Output shell completion code for the specified shell (bash, zsh, fish)",
  examples: `
source <(timonier kubectl completion bash)
timonier kubectl completion fish | source`,
  run: async (session, { words }) => {
    const [shell, ...more] = words;
    if (shell === undefined) throw new KubectlError("shell not specified\nSee 'kubectl completion -h' for help and examples");
    if (more.length > 0)
      throw new KubectlError("too many arguments. Expected only the shell type\nSee 'kubectl completion -h' for help and examples");
    if (shell !== "bash" && shell !== "zsh" && shell !== "fish") throw new KubectlError(`unsupported shell type ${JSON.stringify(shell)}`);
    session.terminal.out(shell === "fish" ? fishScript(verbs()) : bashScript(verbs(), shell));
  },
});

const visible = (verbs: readonly Verb[]): readonly Verb[] => verbs.filter(({ hidden }) => hidden !== true);
const flagWords = ({ flags = [] }: Verb): string =>
  [...flags, ...globalFlags]
    .filter(({ hidden }) => hidden !== true)
    .map(({ name }) => `--${name}`)
    .join(" ");
const globals = globalFlags.filter(({ hidden }) => hidden !== true).map(({ name }) => `--${name}`);

/** zsh reads bash's completions through its own bridge. */
function bashScript(verbs: readonly Verb[], shell: "bash" | "zsh"): string {
  const cases = visible(verbs).map((verb) => {
    const below = visible(verb.verbs ?? []).map(({ name }) => name);
    return `    ${[verb.name, ...(verb.aliases ?? [])].join("|")}) words="${below.join(" ")}"; flags="${flagWords(verb)}" ;;`;
  });
  const bridge = shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  return `${bridge}_timonier_kubectl() {
  local current="\${COMP_WORDS[COMP_CWORD]}" verb="" words="" flags="${globals.join(" ")}" at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in
      -*|kubectl) ;;
      *) verb="\${COMP_WORDS[at]}"; break ;;
    esac
  done
  case "$verb" in
    "") words="${visible(verbs)
      .map(({ name }) => name)
      .join(" ")}" ;;
${cases.join("\n")}
  esac
  if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$current"))
  else COMPREPLY=($(compgen -W "$words" -- "$current")); fi
}
complete -o default -F _timonier_kubectl kubectl
_timonier() {
  if [[ "\${COMP_WORDS[1]}" == kubectl && $COMP_CWORD -gt 1 ]]; then _timonier_kubectl
  else COMPREPLY=($(compgen -W "up down delete status logs kubectl" -- "\${COMP_WORDS[COMP_CWORD]}")); fi
}
complete -o default -F _timonier timonier
`;
}

function fishScript(verbs: readonly Verb[]): string {
  const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
  const seen = "__fish_seen_subcommand_from";
  const lines = visible(verbs).flatMap((verb) => [
    `complete -c kubectl -f -n "not ${seen} ${visible(verbs)
      .map(({ name }) => name)
      .join(" ")}" -a ${verb.name} -d ${quoted(verb.summary)}`,
    ...visible(verb.verbs ?? []).map(
      (below) => `complete -c kubectl -f -n "${seen} ${verb.name}" -a ${below.name} -d ${quoted(below.summary)}`,
    ),
    ...(verb.flags ?? [])
      .filter(({ hidden }) => hidden !== true)
      .map(
        (flag) =>
          `complete -c kubectl -n "${seen} ${verb.name}" -l ${flag.name}${flag.short === undefined ? "" : ` -s ${flag.short}`} -d ${quoted(flag.help)}`,
      ),
  ]);
  return `${lines.join("\n")}\ncomplete -c timonier -n "${seen} kubectl" -w kubectl\n`;
}
