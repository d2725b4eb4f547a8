// `describe`: one object or many, told at length.

import { Description } from "../describe/description.ts";
import type { DescribeContext } from "../describe/description.ts";
import { describeGeneric } from "../describe/generic.ts";
import { describeNode } from "../describe/node.ts";
import {
  describeBinding,
  describeConfigMap,
  describeNamespace,
  describeRole,
  describeSecret,
  describeServiceAccount,
} from "../describe/plain.ts";
import { describePod } from "../describe/pod.ts";
import { describeEndpoints, describeEndpointSlice, describeService } from "../describe/service.ts";
import { describeDeployment, describeReplicaSet } from "../describe/workloads.ts";
import { isNotFound, KubectlError, throwCollected } from "../errors.ts";
import { bool, int } from "../flags.ts";
import type { Item } from "../items.ts";
import { nameOf, namespaceOf } from "../items.ts";
import { fileFlags, hasFiles } from "../manifests.ts";
import { qualifiedKind } from "../resource-mapping.ts";
import type { Found, Target } from "../selection.ts";
import { findObjects, listAll, readObject, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { allNamespacesFlag, selectorFlag } from "../verb.ts";

type Describe = (text: Description, object: Item, context: DescribeContext) => void | Promise<void>;

/** By qualified kind. */
const describers: Readonly<Record<string, Describe>> = {
  pod: describePod,
  service: describeService,
  node: describeNode,
  endpoints: describeEndpoints,
  configmap: describeConfigMap,
  secret: describeSecret,
  namespace: describeNamespace,
  serviceaccount: describeServiceAccount,
  "deployment.apps": describeDeployment,
  "replicaset.apps": describeReplicaSet,
  "endpointslice.discovery.k8s.io": describeEndpointSlice,
  "role.rbac.authorization.k8s.io": describeRole,
  "clusterrole.rbac.authorization.k8s.io": describeRole,
  "rolebinding.rbac.authorization.k8s.io": describeBinding,
  "clusterrolebinding.rbac.authorization.k8s.io": describeBinding,
};

export const describeVerb: Verb = {
  name: "describe",
  usage: "(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
  summary: "Show details of a specific resource or group of resources",
  examples: `
kubectl describe nodes kubernetes-node-1
kubectl describe pods/nginx
kubectl describe -f pod.json
kubectl describe pods -l name=myLabel`,
  flags: [
    ...fileFlags("containing the resource to describe"),
    allNamespacesFlag,
    selectorFlag,
    int("chunk-size", "Return large lists in chunks rather than all at once. Pass 0 to disable.", { default: "500" }),
    bool("show-events", "If true, display events related to the described object.", { default: "true" }),
  ],
  run: async (session, { words, flags }) => {
    if (words.length === 0 && !hasFiles(flags)) {
      throw new KubectlError(
        `You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.`,
      );
    }
    const errors: unknown[] = [];
    const targets = await selectTargets(session, words, { wholeTypes: true, onError: (error) => void errors.push(error) });
    const found: Found[] = [];
    for (const target of targets) {
      try {
        found.push(...(await findObjects(session, [target])));
      } catch (error) {
        const others = isNotFound(error) ? await byPrefix(session, target) : [];
        if (others.length === 0) errors.push(error);
        found.push(...others);
      }
    }
    const context = contextOf(session);
    for (const [at, { resource, object }] of found.entries()) {
      const text = new Description();
      await (describers[qualifiedKind(resource)] ?? describeGeneric)(text, object, context);
      session.terminal.out((at === 0 ? "" : "\n\n") + text.toString());
    }
    if (found.length === 0 && errors.length === 0) {
      const namespaced = !flags.bool("all-namespaces") && targets.every(({ resource }) => resource.namespaced);
      session.terminal.err(namespaced ? `No resources found in ${(await session.namespace()).name} namespace.\n` : "No resources found\n");
    }
    throwCollected(errors);
  },
};

/** A name that is not there may be the beginning of others. */
async function byPrefix(session: Session, target: Target): Promise<Found[]> {
  const { resource, namespace, name = "" } = target;
  const { items } = await listAll(session, resource, namespace);
  return items
    .filter((object) => nameOf(object).startsWith(name))
    .map((object) => ({ resource, namespace: namespaceOf(object), name: nameOf(object), object }));
}

function contextOf(session: Session): DescribeContext {
  const showEvents = session.flags.bool("show-events");
  return {
    now: session.now(),
    list: async (word, namespace, query) => {
      const resource = (await session.mapping()).find(word);
      if (resource === undefined || (word === "events" && !showEvents)) return [];
      return (await listAll(session, resource, namespace, query)).items;
    },
    get: async (word, namespace, name) => {
      const resource = (await session.mapping()).find(word);
      if (resource === undefined) return undefined;
      try {
        return await readObject(session, { resource, namespace }, name);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
}
