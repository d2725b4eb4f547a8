// `logs`: what containers wrote.

import { withQuery } from "../../../client/resource-path.ts";
import { isNotFound, KubectlError, throwCollected } from "../errors.ts";
import { bool, duration, int, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { nameOf, namespaceOf } from "../items.ts";
import { chooseContainer, containersOf, firstPod, podsOf } from "../pod-choice.ts";
import { pathOf } from "../resource-mapping.ts";
import { findObjects, listAll, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import { Decoded, DecodedStream } from "../../../wire/exchange.ts";
import type { Verb } from "../verb.ts";
import { selectorFlag } from "../verb.ts";

const usage = "[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]";
const selectorTail = 10;

export const logsVerb: Verb = {
  name: "logs",
  aliases: ["log"],
  usage,
  summary: "Print the logs for a container in a pod",
  examples: `
kubectl logs nginx
kubectl logs -f -c ruby web-1
kubectl logs -l app=nginx --all-containers=true --prefix
kubectl logs deployment/nginx --tail=20 --since=1h`,
  flags: [
    selectorFlag,
    bool("all-containers", "Get all containers' logs in the pod(s)."),
    bool("all-pods", "Get logs from all pod(s). Sets prefix to true."),
    text("container", "Print the logs of this container", { short: "c" }),
    bool("follow", "Specify if the logs should be streamed.", { short: "f" }),
    bool("ignore-errors", "If watching / following pod logs, allow for any errors that occur to be non-fatal"),
    bool("insecure-skip-tls-verify-backend", "Skip verifying the identity of the kubelet that logs are requested from."),
    int("limit-bytes", "Maximum bytes of logs to return. Defaults to no limit."),
    int("max-log-requests", "Specify maximum number of concurrent logs to follow when using by a selector.", { default: "5" }),
    duration("pod-running-timeout", "The length of time to wait until at least one pod is running", { default: "20s" }),
    bool("prefix", "Prefix each log line with the log source (pod name and container name)"),
    bool("previous", "If true, print the logs for the previous instance of the container in a pod if it exists.", { short: "p" }),
    duration("since", "Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all logs."),
    text("since-time", "Only return logs after a specific date (RFC3339). Defaults to all logs."),
    int("tail", "Lines of recent log file to display. Defaults to -1 with no selector, showing all log lines otherwise 10.", {
      default: "-1",
    }),
    bool("timestamps", "Include timestamps on each line in the log output"),
  ],
  run: async (session, { words, flags }) => {
    const selects = flags.text("selector") !== "";
    if (words.length === 0 && !selects) {
      throw new KubectlError(
        `expected 'logs ${usage}'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples`,
      );
    }
    if (words.length > 0 && selects) throw new KubectlError("only a selector (-l) or a POD name is allowed");
    if (words.length > 2) throw new KubectlError(`expected 'logs ${usage}'.\nSee 'kubectl logs -h' for help and examples`);
    if (flags.has("since") && flags.has("since-time"))
      throw new KubectlError("at most one of `sinceTime` or `sinceSeconds` may be specified");
    if (words.length === 2 && flags.text("container") !== "")
      throw new KubectlError("only one of -c or an inline [CONTAINER] arg is allowed");
    if (flags.bool("all-containers") && (flags.text("container") !== "" || words.length === 2))
      throw new KubectlError("--all-containers=true should not be specified with container name");
    await printSources(session, await findSources(session, words, words[1] ?? flags.text("container")));
  },
};

/** One container's log. */
interface LogSource {
  readonly pod: Item;
  readonly container: string;
}

async function findSources(session: Session, words: readonly string[], container: string): Promise<LogSource[]> {
  const { flags } = session;
  const pods = await findPods(session, words);
  return pods.flatMap((pod): LogSource[] => {
    if (!flags.bool("all-containers"))
      return [{ pod, container: chooseContainer(session, pod, container, { refusal: "is not valid for" }) }];
    const { init, main, ephemeral } = containersOf(pod);
    return [...init, ...main, ...ephemeral].map(({ name }) => ({ pod, container: name }));
  });
}

async function findPods(session: Session, words: readonly string[]): Promise<Item[]> {
  const { flags } = session;
  if (flags.text("selector") !== "") {
    const resource = (await session.mapping()).byWord("pods");
    const { items } = await listAll(session, resource, (await session.namespace()).name, { labelSelector: flags.text("selector") });
    if (items.length === 0) session.terminal.err(`No resources found in ${(await session.namespace()).name} namespace.\n`);
    return items;
  }
  const [name = ""] = words;
  const targets = await selectTargets(session, name.includes("/") ? [name] : ["pods", name]);
  const [found] = await findObjects(session, targets, (error) => {
    const { namespace } = targets[0]!;
    throw isNotFound(error)
      ? new KubectlError(`error from server (NotFound): ${(error as Error).message} in namespace ${JSON.stringify(namespace)}`)
      : error;
  });
  if (flags.bool("all-pods")) return await podsOf(session, found!);
  return [await firstPod(session, found!, flags.durationMs("pod-running-timeout"), { tell: true })];
}

async function printSources(session: Session, sources: readonly LogSource[]): Promise<void> {
  const { flags } = session;
  const print = (source: LogSource): Promise<void> => printLog(session, source);
  if (!flags.bool("follow") || sources.length <= 1) {
    const errors: unknown[] = [];
    for (const source of sources) {
      try {
        await print(source);
      } catch (error) {
        if (!flags.bool("ignore-errors")) throw error;
        session.terminal.err(`error: ${(error as Error).message}\n`);
      }
    }
    throwCollected(errors);
    return;
  }
  const most = flags.int("max-log-requests");
  if (sources.length > most) {
    throw new KubectlError(
      `you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
    );
  }
  const ends = await Promise.allSettled(sources.map(print));
  if (!flags.bool("ignore-errors")) throwCollected(ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : [])));
}

async function printLog(session: Session, { pod, container }: LogSource): Promise<void> {
  const { flags, terminal } = session;
  const many = flags.text("selector") !== "";
  const tail = flags.has("tail") ? flags.int("tail") : many ? selectorTail : -1;
  const sinceMs = flags.durationMs("since");
  const resource = (await session.mapping()).byWord("pods");
  const target = withQuery(pathOf(resource, namespaceOf(pod), nameOf(pod), "log"), {
    container,
    follow: flags.bool("follow") || undefined,
    previous: flags.bool("previous") || undefined,
    timestamps: flags.bool("timestamps") || undefined,
    sinceSeconds: sinceMs > 0 ? Math.ceil(sinceMs / 1000) : undefined,
    sinceTime: flags.text("since-time"),
    tailLines: tail >= 0 ? tail : undefined,
    limitBytes: flags.int("limit-bytes") > 0 ? flags.int("limit-bytes") : undefined,
    insecureSkipTLSVerifyBackend: flags.bool("insecure-skip-tls-verify-backend") || undefined,
  });
  const { body } = await (await session.server()).open("GET", target, { accept: "*/*" });
  if (body === undefined || body instanceof Decoded || body instanceof DecodedStream) return;
  const chunks = body instanceof Uint8Array ? [body] : body;
  if (!flags.bool("prefix") && !flags.bool("all-pods")) {
    for await (const chunk of chunks) await terminal.outBytes(chunk);
    return;
  }
  const prefix = `[pod/${nameOf(pod)}/${container}] `;
  for await (const line of linesOf(chunks)) await terminal.outBytes(new TextEncoder().encode(prefix + line));
}

/** Whole lines with their ends; a last one without an end is given as it is. */
async function* linesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let waiting = "";
  for await (const chunk of chunks) {
    const parts = (waiting + decoder.decode(chunk, { stream: true })).split("\n");
    waiting = parts.pop()!;
    for (const part of parts) yield `${part}\n`;
  }
  if (waiting !== "") yield waiting;
}
