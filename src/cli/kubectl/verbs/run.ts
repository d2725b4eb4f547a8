// `run` and `expose`: a pod, or a service before one.

import { parseLabelSelector } from "../../../lang/label-selector.ts";
import { deepEqual } from "../../../object/copy.ts";
import { parseYaml } from "../../../wire/yaml.ts";
import { deleteObject } from "../deletion.ts";
import { KubectlError } from "../errors.ts";
import type { FlagSpec } from "../flags.ts";
import { array, bool, duration, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { nameOf } from "../items.ts";
import { fileFlags } from "../manifests.ts";
import { dryRunOf } from "../output/report.ts";
import type { Found } from "../selection.ts";
import { findObjects, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { follow } from "../watching.ts";
import { createGenerated, generatorFlags } from "./create-generators.ts";
import { enter } from "./exec.ts";
import { applyMergePatch } from "../../../object/patch/merge-patch.ts";

const overridesFlag: FlagSpec = text("overrides", "An inline JSON override for the generated object.");

export const runVerb: Verb = {
  name: "run",
  usage: `NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]`,
  summary: "Run a particular image on the cluster",
  examples: `
kubectl run nginx --image=nginx
kubectl run -i -t busybox --image=busybox --restart=Never --rm -- sh`,
  flags: [
    ...generatorFlags,
    overridesFlag,
    text("image", "The image for the container to run."),
    text("image-pull-policy", "The image pull policy for the container."),
    array("env", "Environment variables to set in the container."),
    array("annotations", "Annotations to apply to the pod."),
    text("labels", "Comma separated labels to apply to the pod.", { short: "l" }),
    text("port", "The port that this container exposes."),
    text("restart", "The restart policy for this Pod. Legal values [Always, OnFailure, Never].", { default: "Always" }),
    bool(
      "command",
      "If true and extra arguments are present, use them as the 'command' field in the container, rather than the 'args' field.",
    ),
    bool("expose", "If true, create a ClusterIP service associated with the pod. Requires --port."),
    bool("stdin", "Keep stdin open on the container in the pod, even if nothing is attached.", { short: "i" }),
    bool("tty", "Allocate a TTY for the container in the pod.", { short: "t" }),
    bool("attach", "If true, wait for the Pod to start running, and then attach to the Pod."),
    bool("rm", "If true, delete the pod after it exits. Only valid when attaching to the container."),
    bool("privileged", "If true, run the container in privileged mode."),
    bool("quiet", "If true, suppress prompt messages.", { short: "q" }),
    duration("pod-running-timeout", "The length of time to wait until at least one pod is running", { default: "1m0s" }),
  ],
  run: async (session, { words, dash, flags }) => {
    const [name, ...between] = words.slice(0, dash ?? words.length);
    if (name === undefined) throw new KubectlError("NAME is required for run\nSee 'kubectl run -h' for help and examples");
    if (flags.text("image") === "") throw new KubectlError(`required flag(s) "image" not set`);
    if (!["Always", "OnFailure", "Never"].includes(flags.text("restart")))
      throw new KubectlError(`invalid restart policy: ${flags.text("restart")}`);
    const attaches = flags.has("attach") ? flags.bool("attach") : flags.bool("stdin") || flags.bool("tty");
    if (flags.bool("rm") && !attaches) throw new KubectlError("--rm should only be used for attached containers");
    if (flags.bool("tty") && !flags.bool("stdin")) throw new KubectlError("-i/--stdin is required for containers with -t/--tty=true");
    const extra = [...between, ...(dash === undefined ? [] : words.slice(dash))];
    const pod = await createGenerated(session, override(session, podOf(session, name, extra)));
    if (flags.bool("expose")) await createGenerated(session, exposedPod(session, name));
    if (!attaches || dryRunOf(flags) !== "none") return undefined;
    return await attachTo(session, pod, name);
  },
};

function podOf({ flags }: Session, name: string, extra: readonly string[]): Item {
  const environment = flags.list("env").map((pair) => {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new KubectlError(`invalid env: ${pair}`);
    return { name: pair.slice(0, equals), value: pair.slice(equals + 1) };
  });
  const labels = flags.text("labels") === "" ? { run: name } : pairsOf(flags.text("labels").split(","));
  const annotations = pairsOf(flags.list("annotations"));
  const stdin = flags.bool("stdin");
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: {
      containers: [
        {
          name,
          image: flags.text("image"),
          resources: {},
          ...(flags.text("image-pull-policy") !== "" && { imagePullPolicy: flags.text("image-pull-policy") }),
          ...(extra.length > 0 && (flags.bool("command") ? { command: extra } : { args: extra })),
          ...(environment.length > 0 && { env: environment }),
          ...(flags.text("port") !== "" && { ports: [{ containerPort: Number(flags.text("port")) }] }),
          ...(stdin && { stdin: true, stdinOnce: true }),
          ...(flags.bool("tty") && { tty: true }),
          ...(flags.bool("privileged") && { securityContext: { privileged: true } }),
        },
      ],
      dnsPolicy: "ClusterFirst",
      restartPolicy: flags.text("restart"),
    },
    status: {},
  };
}

function pairsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw new KubectlError(`unexpected label or annotation spec: ${pair}`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function override({ flags }: Session, object: Item): Item {
  const given = flags.text("overrides");
  return given === "" ? object : (applyMergePatch(object, parseYaml(given).value) as unknown as Item);
}

function exposedPod({ flags }: Session, name: string): Item {
  if (flags.text("port") === "") throw new KubectlError("--port must be set when exposing a service");
  const port = Number(flags.text("port"));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { ports: [{ port, protocol: "TCP", targetPort: port }], selector: { run: name } },
    status: { loadBalancer: {} },
  };
}

async function attachTo(session: Session, created: Item, name: string): Promise<number> {
  const { flags, terminal } = session;
  const resource = (await session.mapping()).byWord("pods");
  const target = { resource, namespace: created.metadata?.namespace ?? "", name };
  let pod = created;
  await follow(session, target, flags.durationMs("pod-running-timeout"), `timed out waiting for the condition`, (seen) => {
    if (seen === undefined) throw new KubectlError(`pod ${name} was deleted`);
    pod = seen;
    return ["Running", "Succeeded", "Failed"].includes(seen["status"]?.phase as string);
  });
  try {
    if (pod["status"].phase !== "Running") return pod["status"].phase === "Succeeded" ? 0 : 1;
    if (!flags.bool("quiet")) terminal.err("If you don't see a command prompt, try pressing enter.\n");
    return await enter(session, pod, "attach", name, []);
  } finally {
    if (flags.bool("rm")) {
      await deleteObject(session, target, { gracePeriodSeconds: -1, propagationPolicy: "Background" });
      session.say(`pod ${JSON.stringify(nameOf(pod))} deleted from ${target.namespace} namespace`);
    }
  }
}

export const exposeVerb: Verb = {
  name: "expose",
  usage:
    "(-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]",
  summary: "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
  flags: [
    ...fileFlags("identifying the resource to expose a service"),
    ...generatorFlags,
    overridesFlag,
    text("name", "The name for the newly created object."),
    text("port", "The port that the service should serve on. Copied from the resource being exposed, if unspecified"),
    text("target-port", "Name or number for the port on the container that the service should direct traffic to."),
    text("protocol", "The network protocol for the service to be created."),
    text("type", "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName. Default is 'ClusterIP'."),
    text("selector", "A label selector to use for this service. Only equality-based selector requirements are supported."),
    text("labels", "Labels to apply to the service created by this call.", { short: "l" }),
    text("external-ip", "Additional external IP address (not managed by Kubernetes) to accept for the service."),
    text("cluster-ip", "ClusterIP to be assigned to the service. Set to 'None' to create a headless service."),
    text("session-affinity", "If non-empty, set the session affinity for the service to this; legal values: 'None', 'ClientIP'"),
  ],
  run: async (session, { words }) => {
    // The selector is the new service's, not a choice among objects.
    const [found] = await findObjects(session, await selectTargets(session, words, { ignoreSelectors: true }));
    if (found === undefined) throw new KubectlError("no objects passed to expose");
    await createGenerated(session, override(session, serviceFor(session, found)), "exposed");
  },
};

function serviceFor({ flags }: Session, { object, name, resource }: Found): Item {
  const selector = flags.text("selector") === "" ? selectorOf(object, resource.kind, name) : plainSelector(flags.text("selector"));
  const ports = portsOf(object, flags.text("port"), flags.text("target-port"), flags.text("protocol"));
  const labels = flags.text("labels") === "" ? object.metadata?.labels : pairsOf(flags.text("labels").split(","));
  const spec: Record<string, unknown> = { ports, selector };
  const options: readonly (readonly [flag: string, field: string])[] = [
    ["type", "type"],
    ["cluster-ip", "clusterIP"],
    ["session-affinity", "sessionAffinity"],
  ];
  for (const [flag, field] of options) if (flags.text(flag) !== "") spec[field] = flags.text(flag);
  if (flags.text("external-ip") !== "") spec["externalIPs"] = [flags.text("external-ip")];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: flags.text("name") || name, ...(labels && Object.keys(labels).length > 0 && { labels }) },
    spec,
    status: { loadBalancer: {} },
  };
}

function selectorOf(object: Item, kind: string, name: string): Readonly<Record<string, string>> {
  const selector =
    kind === "Pod" ? object.metadata?.labels : kind === "Service" ? object["spec"]?.selector : object["spec"]?.selector?.matchLabels;
  if (selector === undefined || Object.keys(selector as object).length === 0) {
    throw new KubectlError(
      `couldn't retrieve selectors via --selector flag or introspection: the ${kind.toLowerCase()} ${name} has no labels and cannot be exposed`,
    );
  }
  if (kind !== "Pod" && kind !== "Service" && !deepEqual(object["spec"].selector.matchExpressions ?? [], []))
    throw new KubectlError("couldn't convert expressions of the selector to a map: only equality is supported");
  return selector as Readonly<Record<string, string>>;
}

function plainSelector(query: string): Record<string, string> {
  parseLabelSelector(query);
  return pairsOf(query.split(","));
}

function portsOf(object: Item, port: string, targetPort: string, protocol: string): object[] {
  const shown = (text: string): string | number => (/^[0-9]+$/.test(text) ? Number(text) : text);
  const containers = (object["spec"]?.containers ?? object["spec"]?.template?.spec?.containers ?? []) as readonly {
    ports?: { containerPort: number; protocol?: string }[];
  }[];
  const declared =
    object.kind === "Service"
      ? (object["spec"].ports as { port: number; protocol?: string }[]).map((one) => ({ number: one.port, protocol: one.protocol }))
      : containers.flatMap(({ ports = [] }) => ports.map((one) => ({ number: one.containerPort, protocol: one.protocol })));
  const wanted = port === "" ? declared : port.split(",").map((text) => ({ number: Number(text), protocol: undefined }));
  if (wanted.length === 0)
    throw new KubectlError("couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples");
  return wanted.map((one, at) => ({
    ...(wanted.length > 1 && { name: `port-${at + 1}` }),
    port: one.number,
    protocol: protocol || (one.protocol ?? declared.find(({ number }) => number === one.number)?.protocol ?? "TCP"),
    targetPort: targetPort === "" ? one.number : shown(targetPort),
  }));
}
