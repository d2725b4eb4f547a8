// `create namespace`, `create deployment`, `create service`, `create serviceaccount`, `create token`.

import { withQuery } from "../../../client/resource-path.ts";
import { KubectlError } from "../errors.ts";
import type { FlagSpec, Flags } from "../flags.ts";
import { array, bool, duration, int, list, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { structuredPrinter } from "../output/structured.ts";
import { pathOf } from "../resource-mapping.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { createGenerated, generatorFlags, oneName } from "./create-generators.ts";

export const createNamespaceVerb: Verb = {
  name: "namespace",
  aliases: ["ns"],
  usage: "NAME [--dry-run=server|client|none]",
  summary: "Create a namespace with the specified name",
  flags: generatorFlags,
  run: async (session, { words }) => {
    await createGenerated(session, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: oneName(session, words) },
      spec: {},
      status: {},
    });
  },
};

export const createServiceAccountVerb: Verb = {
  name: "serviceaccount",
  aliases: ["sa"],
  usage: "NAME [--dry-run=server|client|none]",
  summary: "Create a service account with the specified name",
  flags: generatorFlags,
  run: async (session, { words }) => {
    await createGenerated(session, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: oneName(session, words) } });
  },
};

/** The container's name that an image gives: "nginx" of "registry/nginx:1.14.2". */
function containerNameOf(image: string): string {
  const last = image.slice(image.lastIndexOf("/") + 1).replace(/[:@].*$/, "");
  return last
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}

export const createDeploymentVerb: Verb = {
  name: "deployment",
  aliases: ["deploy"],
  usage: "NAME --image=image -- [COMMAND] [args...]",
  summary: "Create a deployment with the specified name",
  flags: [
    ...generatorFlags,
    array("image", "Image names to run. A deployment can have multiple images set for multiple containers."),
    int("replicas", "Number of replicas to create. Default is 1.", { default: "1", short: "r" }),
    int("port", "The containerPort that this deployment exposes.", { default: "-1" }),
  ],
  run: async (session, { words, dash, flags }) => {
    const name = oneName(session, words.slice(0, dash ?? words.length));
    const command = dash === undefined ? [] : words.slice(dash);
    const images = flags.list("image");
    if (images.length === 0) throw new KubectlError(`required flag(s) "image" not set`);
    if (images.length > 1 && command.length > 0) throw new KubectlError("cannot specify multiple --image options and command");
    if (flags.int("replicas") < 0) throw new KubectlError(`invalid replicas: ${flags.int("replicas")}`);
    const port = flags.int("port");
    const labels = { app: name };
    await createGenerated(session, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, labels },
      spec: {
        replicas: flags.int("replicas"),
        selector: { matchLabels: labels },
        strategy: {},
        template: {
          metadata: { labels },
          spec: {
            containers: images.map((image, at) => ({
              name:
                containerNameOf(image) +
                (images.findIndex((other) => containerNameOf(other) === containerNameOf(image)) < at ? `-${at}` : ""),
              image,
              ...(command.length > 0 && { command }),
              ...(port > 0 && { ports: [{ containerPort: port }] }),
              resources: {},
            })),
          },
        },
      },
      status: {},
    });
  },
};

const tcp = list("tcp", "Port pairs can be specified as '<port>:<targetPort>'.");

export const createServiceVerb: Verb = {
  name: "service",
  aliases: ["svc"],
  usage: "(clusterip | externalname | loadbalancer | nodeport)",
  summary: "Create a service using a specified subcommand",
  verbs: [
    service(
      "clusterip",
      "ClusterIP",
      [tcp, text("clusterip", "Assign your own ClusterIP or set to 'None' for a 'headless' service.")],
      (flags) => {
        const address = flags.text("clusterip");
        if (flags.list("tcp").length === 0 && address !== "None")
          throw new KubectlError("at least one tcp port specifier must be provided");
        return { ...(address !== "" && { clusterIP: address }) };
      },
    ),
    service("nodeport", "NodePort", [tcp, int("node-port", "Port used to expose the service on each node in a cluster.")], needPorts),
    service("loadbalancer", "LoadBalancer", [tcp], needPorts),
    service("externalname", "ExternalName", [tcp, text("external-name", "External name of service")], (flags) => {
      if (flags.text("external-name") === "") throw new KubectlError(`required flag(s) "external-name" not set`);
      return { externalName: flags.text("external-name") };
    }),
  ],
};

function needPorts(flags: Flags): object {
  if (flags.list("tcp").length === 0) throw new KubectlError("at least one tcp port specifier must be provided");
  return {};
}

function service(name: string, type: string, flags: readonly FlagSpec[], specOf: (flags: Flags) => object): Verb {
  return {
    name,
    usage: "NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]",
    summary: `Create a ${type} service`,
    flags: [...generatorFlags, ...flags],
    run: async (session, line) => {
      const serviceName = oneName(session, line.words);
      const nodePort = line.flags.declares("node-port") ? line.flags.int("node-port") : 0;
      const ports = line.flags.list("tcp").map((pair) => portOf(pair, nodePort));
      const labels = { app: serviceName };
      await createGenerated(session, {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: serviceName, labels },
        spec: { type, ...specOf(line.flags), ...(ports.length > 0 && { ports }), selector: labels },
        status: { loadBalancer: {} },
      });
    },
  };
}

/** "80", "80:8080" or "80:http" */
function portOf(pair: string, nodePort: number): Record<string, unknown> {
  const [first = "", target = first] = pair.split(":");
  const port = Number(first);
  if (!/^[0-9]+$/.test(first) || port < 1 || port > 65_535)
    throw new KubectlError(`invalid port ${JSON.stringify(first)} in ${JSON.stringify(pair)}`);
  return {
    name: pair.includes(":") ? `${first}-${target}` : first,
    port,
    protocol: "TCP",
    targetPort: /^[0-9]+$/.test(target) ? Number(target) : target,
    ...(nodePort > 0 && { nodePort }),
  };
}

export const createTokenVerb: Verb = {
  name: "token",
  usage: "SERVICE_ACCOUNT_NAME",
  summary: "Request a service account token",
  flags: [
    array("audience", "Audience of the requested token. May be repeated."),
    duration("duration", "Requested lifetime of the issued token."),
    text("bound-object-kind", "Kind of an object to bind the token to: Pod, Secret or Node."),
    text("bound-object-name", "Name of an object to bind the token to."),
    text("bound-object-uid", "UID of an object to bind the token to."),
    text("output", "Output format. One of: (json, yaml).", { short: "o" }),
    bool("show-managed-fields", "Keep managedFields.", { hidden: true }),
    bool("allow-missing-template-keys", "", { hidden: true, default: "true" }),
    text("template", "", { hidden: true }),
  ],
  run: async (session: Session, { words, flags }) => {
    const name = oneName(session, words);
    const resource = (await session.mapping()).byWord("serviceaccounts");
    const kind = flags.text("bound-object-kind");
    const seconds = flags.durationMs("duration") / 1000;
    const request = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        audiences: flags.list("audience"),
        ...(seconds > 0 && { expirationSeconds: Math.ceil(seconds) }),
        ...(kind !== "" && {
          boundObjectRef: {
            kind,
            apiVersion: "v1",
            name: flags.text("bound-object-name"),
            ...(flags.text("bound-object-uid") !== "" && { uid: flags.text("bound-object-uid") }),
          },
        }),
      },
    };
    const path = withQuery(pathOf(resource, (await session.namespace()).name, name, "token"), {});
    const answer = await (await session.server()).request<Item>("POST", path, { body: request });
    const print = await structuredPrinter(session.environment, flags);
    session.terminal.out(print === undefined ? `${answer["status"].token}\n` : print(answer));
  },
};
