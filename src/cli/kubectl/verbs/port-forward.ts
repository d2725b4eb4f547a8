// `port-forward`: a pod's ports on this machine.

import { Lifetime } from "../../../base/lifetime.ts";
import { KubectlError } from "../errors.ts";
import { duration, list } from "../flags.ts";
import type { Item } from "../items.ts";
import { nameOf, namespaceOf } from "../items.ts";
import { firstPod } from "../pod-choice.ts";
import { pathOf } from "../resource-mapping.ts";
import type { Found } from "../selection.ts";
import { findObjects, selectTargets } from "../selection.ts";
import { PortTunnel } from "../streams/port-tunnel.ts";
import type { Verb } from "../verb.ts";

interface Forwarding {
  /** 0: a free one. */
  readonly local: number;
  readonly remote: number;
}

export const portForwardVerb: Verb = {
  name: "port-forward",
  usage: "TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
  summary: "Forward one or more local ports to a pod",
  examples: `
kubectl port-forward pod/mypod 5000 6000
kubectl port-forward service/myservice 8443:https
kubectl port-forward --address 0.0.0.0 pod/mypod 8888:5000`,
  flags: [
    list("address", "Addresses to listen on (comma separated). Only accepts IP addresses or localhost as a value.", {
      default: "localhost",
    }),
    duration("pod-running-timeout", "The length of time to wait until at least one pod is running", { default: "1m0s" }),
  ],
  run: async (session, { words, flags }) => {
    const [name, ...ports] = words;
    if (name === undefined || ports.length === 0)
      throw new KubectlError(
        "TYPE/NAME and list of ports are required for port-forward\nSee 'kubectl port-forward -h' for help and examples",
      );
    const { listen, zlib } = session.environment.kubectl ?? {};
    if (listen === undefined || zlib === undefined)
      throw new KubectlError("port-forward is not possible here: nothing offers to listen on a port");
    const [found] = await findObjects(session, await selectTargets(session, name.includes("/") ? [name] : ["pods", name]));
    const pod = await firstPod(session, found!, flags.durationMs("pod-running-timeout"));
    const { phase } = pod["status"] ?? {};
    if (phase !== "Running")
      throw new KubectlError(`unable to forward port because pod is not running. Current status=${phase ?? "Pending"}`);
    const forwardings = ports.map((text) => forwardingOf(text, found!, pod));
    const resource = (await session.mapping()).byWord("pods");
    await using lifetime = new Lifetime();
    const target = pathOf(resource, namespaceOf(pod), nameOf(pod), "portforward");
    const tunnel = lifetime.use(await PortTunnel.open(await session.server(), target, zlib, session.signal));
    for (const { local, remote } of forwardings) {
      let bound = 0;
      for (const address of flags.list("address").flatMap((one) => (one === "localhost" ? ["127.0.0.1", "::1"] : [one]))) {
        try {
          const listener = lifetime.use(
            await listen(address, bound === 0 ? local : bound, (connection) => {
              session.say(`Handling connection for ${bound}`);
              tunnel.carry(connection, remote).catch((error: unknown) => {
                connection.destroy();
                session.terminal.err(`error: an error occurred forwarding ${bound} -> ${remote}: ${(error as Error).message}\n`);
              });
            }),
          );
          bound = listener.port;
          session.say(`Forwarding from ${address.includes(":") ? `[${address}]` : address}:${bound} -> ${remote}`);
        } catch (error) {
          // A machine without IPv6 has no ::1.
          if (address !== "::1") throw new KubectlError(`unable to listen on port ${local}: ${(error as Error).message}`);
        }
      }
    }
    await Promise.race([tunnel.closed, aborted(session.signal)]);
    if (!session.signal.aborted) throw new KubectlError("lost connection to pod");
  },
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** "8080:80", "80", ":80", with names for the remote port. @throws KubectlError */
export function forwardingOf(text: string, found: Pick<Found, "resource" | "object">, pod: Item): Forwarding {
  const [first = "", second] = text.split(":");
  const remoteText = second ?? first;
  const remote = containerPort(remoteText, found, pod);
  const local = second === undefined ? (portNumber(first) ?? remote) : first === "" ? 0 : portNumber(first);
  if (local === undefined) throw new KubectlError(`error parsing local port ${JSON.stringify(first)}: it is no port`);
  return { local, remote };
}

const portNumber = (text: string): number | undefined => (/^[0-9]+$/.test(text) && Number(text) < 65_536 ? Number(text) : undefined);

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
}

/** The pod's port behind a service's, or behind a name. */
function containerPort(text: string, { resource, object }: Pick<Found, "resource" | "object">, pod: Item): number {
  if (resource.kind === "Service" && resource.group === "") {
    const ports = (object["spec"]?.ports ?? []) as readonly ServicePort[];
    const chosen = ports.find(({ name, port }) => name === text || String(port) === text);
    if (chosen === undefined) throw new KubectlError(`Service ${nameOf(object)} does not have a service port ${text}`);
    if (object["spec"].clusterIP === "None") return chosen.port;
    return typeof chosen.targetPort === "string" ? namedPort(chosen.targetPort, pod) : (chosen.targetPort ?? chosen.port);
  }
  return portNumber(text) ?? namedPort(text, pod);
}

function namedPort(name: string, pod: Item): number {
  const containers = (pod["spec"]?.containers ?? []) as readonly {
    readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  }[];
  const found = containers.flatMap(({ ports = [] }) => ports).find((port) => port.name === name);
  if (found === undefined) throw new KubectlError(`Pod '${nameOf(pod)}' does not have a named port '${name}'`);
  return found.containerPort;
}
