// `exec` and `attach`: inside a container.

import { withQuery } from "../../../client/resource-path.ts";
import { KubectlError } from "../errors.ts";
import { bool, duration, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { nameOf, namespaceOf } from "../items.ts";
import { fileFlags, hasFiles } from "../manifests.ts";
import { chooseContainer, firstPod } from "../pod-choice.ts";
import { pathOf } from "../resource-mapping.ts";
import { findObjects, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import { runRemoteCommand } from "../streams/remote-command.ts";
import type { Verb } from "../verb.ts";

const streamFlags = [
  text("container", "Container name. If omitted, the annotated or the first container of the pod is used.", { short: "c" }),
  bool("stdin", "Pass stdin to the container", { short: "i" }),
  bool("tty", "Stdin is a TTY", { short: "t" }),
  bool("quiet", "Only print output from the remote session", { short: "q" }),
  duration("pod-running-timeout", "The length of time to wait until at least one pod is running", { default: "1m0s" }),
] as const;

export const execVerb: Verb = {
  name: "exec",
  usage: "(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
  summary: "Execute a command in a container",
  examples: `
kubectl exec mypod -- date
kubectl exec mypod -c ruby-container -i -t -- bash -il
kubectl exec deploy/mydeployment -- date`,
  flags: [...streamFlags, ...fileFlags("to use to exec into the resource")],
  run: async (session, { words, dash, flags }) => {
    const before = words.slice(0, dash ?? words.length);
    const command = dash === undefined ? [] : words.slice(dash);
    if (before.length === 0 && !hasFiles(flags)) throw new KubectlError("pod, type/name or --filename must be specified");
    if (dash === undefined && before.length > 1)
      throw new KubectlError(
        "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples",
      );
    if (before.length > 1)
      throw new KubectlError(`exec takes one pod, not ${before.length}: ${before.join(" ")}\nSee 'kubectl exec -h' for help and examples`);
    if (command.length === 0) throw new KubectlError("you must specify at least one command for the container");
    const pod = await choosePod(session, before[0]);
    const { phase } = pod["status"] ?? {};
    if (phase === "Succeeded" || phase === "Failed")
      throw new KubectlError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
    const container = chooseContainer(session, pod, flags.text("container"), { quiet: flags.bool("quiet") });
    return await enter(session, pod, "exec", container, command);
  },
};

export const attachVerb: Verb = {
  name: "attach",
  usage: "(POD | TYPE/NAME) -c CONTAINER",
  summary: "Attach to a running container",
  flags: streamFlags,
  run: async (session, { words, flags }) => {
    const [name, ...more] = words;
    if (name === undefined) throw new KubectlError("at least 1 argument is required for attach");
    if (more.length > 0)
      throw new KubectlError(
        "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw " + words.length + ": [" + words.join(" ") + "]",
      );
    const pod = await choosePod(session, name);
    const { phase } = pod["status"] ?? {};
    if (phase === "Succeeded" || phase === "Failed")
      throw new KubectlError(`cannot attach a container in a completed pod; current phase is ${phase}`);
    const container = chooseContainer(session, pod, flags.text("container"), { quiet: flags.bool("quiet") });
    if (!flags.bool("quiet") && flags.bool("stdin")) session.terminal.err("If you don't see a command prompt, try pressing enter.\n");
    return await enter(session, pod, "attach", container, []);
  },
};

async function choosePod(session: Session, word: string | undefined): Promise<Item> {
  const words = word === undefined ? [] : word.includes("/") ? [word] : ["pods", word];
  const [found] = await findObjects(session, await selectTargets(session, words));
  return await firstPod(session, found!, session.flags.durationMs("pod-running-timeout"));
}

/** Runs or attaches. @returns the exit code */
export async function enter(
  session: Session,
  pod: Item,
  how: "exec" | "attach",
  container: string,
  command: readonly string[],
): Promise<number> {
  const { flags, terminal } = session;
  const stdin = flags.bool("stdin");
  let tty = flags.bool("tty");
  if (tty && !stdin) {
    tty = false;
    terminal.err("Unable to use a TTY - input is not a terminal or the right kind of file\n");
  } else if (tty && !terminal.isInputTerminal) {
    tty = false;
    terminal.err("Unable to use a TTY - input is not a terminal or the right kind of file\n");
  }
  const resource = (await session.mapping()).byWord("pods");
  const query = withQuery(pathOf(resource, namespaceOf(pod), nameOf(pod), how), {
    container,
    stdin: stdin || undefined,
    stdout: true,
    // A terminal has one output.
    stderr: !tty || undefined,
    tty: tty || undefined,
  });
  const target = query + command.map((word) => `&command=${encodeURIComponent(word)}`).join("");
  const code = await runRemoteCommand(session, target, { stdin, tty });
  if (code !== 0) session.terminal.err(`command terminated with exit code ${code}\n`);
  return code;
}
