// `timonier kubectl`: finds the verb, reads its flags, runs it, and tells failures as kubectl tells them.

import type { CommandEnvironment } from "../environment.ts";
import { CommandError } from "../terminal.ts";
import { ExitCode, explainError, KubectlError, UsageError } from "./errors.ts";
import type { FlagSpec } from "./flags.ts";
import { Flags, parseFlags } from "./flags.ts";
import { flagLines, programHelp, verbHelp } from "./help.ts";
import { Session } from "./session.ts";
import type { Verb } from "./verb.ts";
import { globalFlags } from "./verb.ts";
import { verbs } from "./verbs/all.ts";

const interruptedExitCode = 130;

/** Runs one command line, the words after `kubectl`. @returns the exit code */
export async function runKubectl(environment: CommandEnvironment, words: readonly string[]): Promise<number> {
  const { terminal } = environment;
  let session: Session | undefined;
  try {
    const { path, verb, rest } = findVerb(words);
    const command = ["kubectl", ...path].join(" ");
    if (verb === undefined) {
      if (rest[0] === "options") terminal.out(`The following options can be passed to any command:\n\n${flagLines(globalFlags)}`);
      else terminal.out(programHelp(verbs));
      return 0;
    }
    const line = readFlags(verb, rest, command);
    if (line.flags.bool("help") || verb.run === undefined) {
      if (verb.run === undefined && line.words.length > 0) {
        throw new KubectlError(`unknown command ${JSON.stringify(line.words[0])}\nSee '${command} -h' for help and examples`);
      }
      terminal.out(verbHelp(verb, command));
      return 0;
    }
    session = new Session(environment, line.flags, globalsOf(verb, line.flags), command);
    const code = (await verb.run(session, line)) ?? 0;
    if (code === 0 && session.warnings > 0 && line.flags.bool("warnings-as-errors")) {
      const { warnings } = session;
      throw new KubectlError(`${warnings} ${warnings === 1 ? "warning" : "warnings"} received`);
    }
    return code;
  } catch (error) {
    if (error instanceof ExitCode) return error.exitCode;
    if (environment.signal.aborted) return interruptedExitCode;
    terminal.err(explainError(error, session?.serverAddress ?? ""));
    return error instanceof KubectlError || error instanceof CommandError ? error.exitCode : 1;
  }
}

interface FoundVerb {
  readonly path: readonly string[];
  readonly verb: Verb | undefined;
  /** The line without the verb's own words. */
  readonly rest: readonly string[];
}

/** Global flags may stand before the verb; flags of the verb's own only after it. */
function findVerb(words: readonly string[]): FoundVerb {
  let rest = [...words];
  const path: string[] = [];
  let verb: Verb | undefined;
  let choice = verbs;
  for (;;) {
    const at = firstWord(rest);
    const name = at === undefined ? undefined : rest[at]!;
    const next = choice.find((candidate) => candidate.name === name || (name !== undefined && candidate.aliases?.includes(name)));
    if (next === undefined) {
      if (verb === undefined && name !== undefined && name !== "help" && name !== "options")
        throw new KubectlError(`unknown command ${JSON.stringify(name)} for "kubectl"${suggestion(name)}`);
      if (verb === undefined && name === "help") return helpOf(rest.filter((_, position) => position !== at));
      return { path, verb, rest };
    }
    rest = rest.filter((_, position) => position !== at);
    path.push(next.name);
    verb = next;
    choice = next.verbs ?? [];
    if (choice.length === 0) return { path, verb, rest };
  }
}

/** `kubectl help get` is `kubectl get --help`. */
const helpOf = (words: readonly string[]): FoundVerb =>
  words.length === 0 ? { path: [], verb: undefined, rest: [] } : findVerb([...words, "--help"]);

/** Where the first word stands that is neither a flag nor the value of a global one. */
function firstWord(words: readonly string[]): number | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") return undefined;
    if (!word.startsWith("-") || word === "-") return at;
    if (takesNext(word)) at++;
  }
  return undefined;
}

function takesNext(word: string): boolean {
  if (word.includes("=")) return false;
  const flag = globalFlags.find(({ name, short }) => word === `--${name}` || word === `-${short ?? ""}`);
  return flag !== undefined && flag.type !== "bool" && flag.bare === undefined;
}

function suggestion(name: string): string {
  const near = verbs.filter((verb) => verb.hidden !== true && (distance(name, verb.name) <= 2 || verb.name.startsWith(name)));
  return near.length === 0 ? "" : `\n\nDid you mean this?\n${near.map((verb) => `\t${verb.name}\n`).join("")}`;
}

/** How many letters must be put in, taken out or changed to turn one word into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The flags that say where and as whom; a flag of the verb's own that has the same name is not one of them. */
function globalsOf(verb: Verb, given: Flags): Flags {
  const own = new Set((verb.flags ?? []).map(({ name }) => name));
  const globals = new Flags(globalFlags);
  for (const { name, type } of globalFlags) {
    if (own.has(name) || !given.has(name)) continue;
    for (const value of type === "array" || type === "list" ? given.list(name) : [given.text(name)]) globals.set(name, value, `--${name}`);
  }
  return globals;
}

function readFlags(verb: Verb, rest: readonly string[], command: string): ReturnType<typeof parseFlags> {
  const own = verb.flags ?? [];
  const taken = new Set(own.flatMap(({ name, short }) => [name, short ?? name]));
  const inherited: FlagSpec[] = globalFlags
    .filter(({ name }) => !taken.has(name))
    .map((flag) => (flag.short !== undefined && taken.has(flag.short) ? { ...flag, short: undefined } : flag) as FlagSpec);
  try {
    return parseFlags([...own, ...inherited], rest);
  } catch (error) {
    if (error instanceof UsageError) throw new KubectlError(`${error.message}\nSee '${command} --help' for usage.`);
    throw error;
  }
}
