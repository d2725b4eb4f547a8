// Help texts.

import { defaultOf } from "./flags.ts";
import type { FlagSpec } from "./flags.ts";
import type { Verb } from "./verb.ts";

const column = (name: string): string => `  ${name.padEnd(15)} `;

export function programHelp(verbs: readonly Verb[]): string {
  const lines = verbs.filter(({ hidden }) => hidden !== true).map((verb) => `${column(verb.name)}${verb.summary}`);
  return `kubectl controls the Kubernetes cluster manager.

Commands:
${lines.toSorted().join("\n")}

Usage:
  kubectl [flags] [options]

Use "kubectl <command> --help" for more information about a given command.
Use "kubectl options" for a list of global command-line options (applies to all commands).
`;
}

/** `path` is the verb's whole name: "kubectl rollout status". */
export function verbHelp(verb: Verb, path: string): string {
  const parts = [`${verb.summary}\n`];
  if (verb.examples !== undefined) parts.push(`Examples:\n${verb.examples.trim().replaceAll(/^/gm, "  ")}\n`);
  const below = (verb.verbs ?? []).filter(({ hidden }) => hidden !== true);
  if (below.length > 0) parts.push(`Available Commands:\n${below.map((one) => `${column(one.name)}${one.summary}`).join("\n")}\n`);
  const flags = (verb.flags ?? []).filter(({ hidden }) => hidden !== true);
  if (flags.length > 0) parts.push(`Options:\n${flagLines(flags)}`);
  parts.push(`Usage:\n  ${path}${verb.usage === "" ? "" : ` ${verb.usage}`} [options]\n`);
  if (below.length > 0) parts.push(`Use "${path} <command> --help" for more information about a given command.`);
  parts.push(`Use "kubectl options" for a list of global command-line options (applies to all commands).\n`);
  return parts.join("\n");
}

export function flagLines(flags: readonly FlagSpec[]): string {
  return flags
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => `    ${flag.short === undefined ? "" : `-${flag.short}, `}--${flag.name}=${defaultText(flag)}:\n\t${flag.help}\n`)
    .join("\n");
}

function defaultText(flag: FlagSpec): string {
  if (flag.type === "list" || flag.type === "array") return `[${defaultOf(flag)}]`;
  return flag.type === "text" ? `'${defaultOf(flag)}'` : defaultOf(flag);
}
