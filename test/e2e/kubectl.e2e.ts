// One session of work, once with the real kubectl and once with ours, each in a namespace of its own: what they print and with
// what code they end is the same, but for names and times that differ by themselves.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../../src/host/node/packages.ts";
import { launcher, RealCluster, run, until } from "./real-cluster.ts";

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: test.example/whoami:1
          ports: [{containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue}
---
apiVersion: v1
kind: Pod
metadata: {name: worker, labels: {app: worker}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: main
      image: busybox:1.28
      command: ["sh", "-c", "echo one; echo two; exec sleep 3600"]
`;

/** Steps in order; a waiting one is repeated until it succeeds and is not compared. */
const steps: readonly (readonly string[])[] = [
  ["apply", "-f", "-"],
  ["rollout", "status", "deployment/web", "--timeout=60s"],
  ["wait", "--for=condition=Ready", "pod/worker", "--timeout=60s"],
  ["apply", "-f", "-"],
  ["get", "deployment,service,configmap"],
  ["get", "pods"],
  ["get", "pods", "--show-labels", "-l", "app=worker"],
  ["get", "pod", "worker", "-o", "name"],
  ["get", "pod", "worker", "-o", "jsonpath={.status.phase}"],
  ["get", "pod", "missing"],
  ["get", "nothing"],
  ["get", "service", "web", "-o", "yaml"],
  ["describe", "configmap", "settings"],
  ["describe", "service", "web"],
  ["describe", "pod", "worker"],
  ["scale", "deployment/web", "--replicas=1"],
  ["rollout", "status", "deployment/web", "--timeout=60s"],
  ["set", "image", "deployment/web", "web=busybox:none"],
  ["rollout", "undo", "deployment/web"],
  ["rollout", "status", "deployment/web", "--timeout=60s"],
  ["rollout", "history", "deployment/web"],
  ["logs", "worker"],
  ["logs", "worker", "--tail=1"],
  ["logs", "worker", "-c", "absent"],
  ["exec", "worker", "--", "sh", "-c", "echo out; echo err >&2; exit 9"],
  ["exec", "-i", "worker", "--", "cat"],
  ["label", "pod", "worker", "colour=red"],
  ["annotate", "pod", "worker", "note=x"],
  ["patch", "configmap", "settings", "-p", '{"data":{"colour":"green"}}'],
  ["create", "configmap", "made", "--from-literal=a=b"],
  ["create", "configmap", "made", "--from-literal=a=b"],
  ["delete", "configmap", "made", "missing"],
  ["delete", "pod", "worker", "--now"],
  ["delete", "-f", "-"],
  ["get", "replicasets"],
];

/** What kubectl says since 1.34, where an older one to compare with says it otherwise. */
const newerWording: readonly (readonly [RegExp, string])[] = [
  [/ deleted from NAMESPACE namespace$/gm, " deleted"],
  [/^( *)ConfigMapOptional: +<nil>$/gm, "$1Optional:  false"],
  // Which of two pods pulls an image, and whether that is seen, is a matter of luck.
  [/^ *Normal +(Pulling|Pulled) .*\n/gm, ""],
];

let cluster: RealCluster;
beforeAll(async () => {
  cluster = await RealCluster.start("e2e-kubectl", { recipes: ["busybox", "whoami"] });
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

/** Names, addresses, times and generated parts, which differ from one namespace to the other. */
function levelled(text: string, namespace: string): string {
  return text
    .replaceAll(namespace, "NAMESPACE")
    .replaceAll(/\b(web-[0-9a-z]{8,10})(-[a-z0-9]{5})?\b/g, (_match, _set, pod) => (pod ? "web-SET-POD" : "web-SET"))
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\b|\w{3}, \d\d \w{3} \d{4} [\d:]+ [+-]\d{4}/g, "TIME")
    .replaceAll(/\b\d+(\.\d+)?(ms|s|m)(\d+s)?\b/g, "AGE")
    .replaceAll(/\b10\.\d+\.\d+\.\d+\b/g, "ADDRESS")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID")
    .replaceAll(/containerd:\/\/[0-9a-f]{64}/g, "containerd://ID")
    .replaceAll(/kube-api-access-\w{5}/g, "kube-api-access-TOKEN")
    .replaceAll(/resourceVersion: "\d+"/g, "resourceVersion: VERSION")
    .replaceAll(/pod-template-hash=\w+/g, "pod-template-hash=HASH")
    .split("\n")
    .map((line) =>
      line
        .trimEnd()
        .replaceAll(/ {2,}|\t+/g, "  ")
        .replaceAll(/-{5,}/g, "-----"),
    )
    .join("\n");
}

const inOneWording = (said: readonly Said[]): readonly Said[] =>
  said.map((one) => ({ ...one, out: newerWording.reduce((text, [pattern, plain]) => text.replaceAll(pattern, plain), one.out) }));

interface Said {
  readonly step: string;
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function session(program: readonly string[], namespace: string): Promise<readonly Said[]> {
  const said: Said[] = [];
  for (const step of steps) {
    const input = step.includes("-f") ? manifest : step.includes("cat") ? "typed\n" : "";
    const ran = await run([...program, "-n", namespace, ...step], { input, environment: { KUBECONFIG: cluster.kubeconfig } });
    const isProgress = step[0] === "rollout" && step[1] === "status";
    said.push({
      step: step.join(" "),
      code: ran.code,
      // How many lines of progress there are is a matter of luck.
      out: isProgress ? levelled(ran.out, namespace).trim().split("\n").at(-1)! : levelled(ran.out, namespace),
      err: levelled(ran.err, namespace),
    });
    if (["scale", "rollout", "delete"].includes(step[0]!)) await settle(namespace);
  }
  return said;
}

/** The Deployment's pods are as many as it wants, and none is leaving. */
async function settle(namespace: string): Promise<void> {
  await until(async () => {
    const client = await cluster.client();
    const { items } = await client.request<{ items: { metadata: { deletionTimestamp?: string }; status: { phase?: string } }[] }>(
      "GET",
      `/api/v1/namespaces/${namespace}/pods`,
    );
    return items.every((pod) => pod.metadata.deletionTimestamp === undefined && pod.status.phase === "Running");
  });
}

describe("timonier kubectl", () => {
  test("does the work of a session", async () => {
    await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "by-ours" } } as never);
    await until(
      async () => await (await cluster.client()).request("GET", "/api/v1/namespaces/by-ours/serviceaccounts/default").then(() => true),
    );
    const ours = await session([launcher, "kubectl"], "by-ours");
    const byStep = new Map(ours.map((said) => [said.step, said]));
    expect(byStep.get("exec worker -- sh -c echo out; echo err >&2; exit 9")).toMatchObject({ code: 9, out: "out\n" });
    expect(byStep.get("exec -i worker -- cat")).toMatchObject({ code: 0, out: "typed\n" });
    expect(byStep.get("get pod missing")).toMatchObject({ code: 1, err: 'Error from server (NotFound): pods "missing" not found\n' });
    expect(byStep.get("get replicasets")).toMatchObject({ code: 0, err: "No resources found in NAMESPACE namespace.\n" });
    const real = await findProgram("kubectl");
    if (real === undefined) {
      console.info("there is no other kubectl on this machine to compare with");
      return;
    }
    await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "by-theirs" } } as never);
    await until(
      async () => await (await cluster.client()).request("GET", "/api/v1/namespaces/by-theirs/serviceaccounts/default").then(() => true),
    );
    const theirs = await session([real], "by-theirs");
    expect(inOneWording(ours)).toEqual(inOneWording(theirs));
  });
});
