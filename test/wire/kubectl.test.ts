// The real kubectl against a whole cluster over TLS: what people type, and that nothing odd is printed.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWireCluster, type WireCluster } from "./wire-cluster.ts";

const kubectl = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((directory) => join(directory, "kubectl"))
  .find((path) => existsSync(path));
if (kubectl === undefined) console.log("skipped: no kubectl is installed, so that it cannot be tried against the server");

interface Output {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: c
        image: nginx:1.14.2
        ports: [{containerPort: 80}]
        resources: {requests: {cpu: 100m}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: "1"}
`;

describe.skipIf(kubectl === undefined)("kubectl", { timeout: 30_000 }, () => {
  let cluster: WireCluster;
  beforeAll(async () => {
    cluster = await startWireCluster(2);
  }, 30_000);
  afterAll(async () => {
    expect(cluster.errors).toEqual([]);
    await cluster[Symbol.asyncDispose]();
  });

  function run(words: readonly string[], input = "", environment: Record<string, string> = {}): Promise<Output> {
    return new Promise((resolve) => {
      const env = { PATH: process.env["PATH"] ?? "", HOME: cluster.directory, KUBECONFIG: cluster.kubeconfig, ...environment };
      const child = execFile(kubectl!, words, { env, timeout: 20_000 }, (error, out, err) => {
        resolve({ code: error ? (typeof error.code === "number" ? error.code : 124) : 0, out, err });
      });
      child.stdin?.end(input);
    });
  }

  /** Runs to success and prints nothing to stderr; words stand between spaces. */
  async function k(line: string, input = "", environment: Record<string, string> = {}): Promise<string> {
    const { code, out, err } = await run(line.split(" "), input, environment);
    expect({ line, code, err }).toEqual({ line, code: 0, err: "" });
    return out;
  }

  /** Fails, and says so on stderr. */
  async function refused(line: string, input = ""): Promise<string> {
    const { code, err } = await run(line.split(" "), input);
    expect({ line, code }).toEqual({ line, code: 1 });
    return err;
  }

  it("applies, sees no difference, applies a difference, by both ways of applying", async () => {
    const made = "deployment.apps/web created\nservice/web created\nconfigmap/settings created\n";
    expect(await k("apply -f -", manifest)).toBe(made);
    expect(await k("apply -f -", manifest)).toBe(made.replaceAll("created", "unchanged"));
    expect(await k("diff -f -", manifest)).toBe("");
    const changed = manifest.replace('a: "1"', 'a: "2"');
    const difference = await run(["diff", "-f", "-"], changed);
    expect(difference.code).toBe(1);
    expect(difference.out).toMatch(/^-  a: "1"\n\+  a: "2"$/m);
    expect(await k("apply -f -", changed)).toContain("configmap/settings configured\n");
    expect(await k("apply --server-side -f -", changed)).toBe(made.replaceAll("created", "serverside-applied"));
    const conflict = await refused("apply --server-side --field-manager=other -f -", changed.replace('a: "2"', 'a: "3"'));
    expect(conflict).toContain('Apply failed with 1 conflict: conflict with "kubectl": .data.a');
    expect(await k("apply --server-side --field-manager=other --force-conflicts -f -", changed.replace('a: "2"', 'a: "3"'))).toContain(
      "configmap/settings serverside-applied",
    );
    expect(await k("apply --dry-run=server -f -", manifest)).toContain("configmap/settings configured (server dry run)");
    expect(await k("get configmap settings -o jsonpath={.data.a}")).toBe("3");
  });

  it("prints what is there in every form", async () => {
    expect(await k("rollout status deployment/web --timeout=15s")).toContain('deployment "web" successfully rolled out\n');
    const lines = (await k("get deployments,services,nodes -o wide")).split("\n");
    expect(lines[0]).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR$/);
    expect(lines[1]).toMatch(/^deployment\.apps\/web +2\/2 +2 +2 +\S+ +c +nginx:1\.14\.2 +app=web$/);
    const pods = await k("get pods -o wide --sort-by=.metadata.name");
    expect(pods).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES$/m);
    expect(pods.match(/1\/1 +Running +0 +\S+ +10\.244\.\d+\.\d+ +node-\d +<none> +<none>$/gm)).toHaveLength(2);
    expect(await k("get pods --chunk-size=1 -o name")).toMatch(/^(pod\/web-[a-z0-9-]+\n){2}$/);
    expect(await k("get pods --field-selector=status.phase=Running --show-labels")).toContain("app=web,pod-template-hash=");
    expect(await k("get deployment web -o yaml --show-managed-fields")).toContain("f:replicas: {}");
    expect(await k("get configmaps -o custom-columns=N:.metadata.name --no-headers")).toContain("settings\n");
    expect(JSON.parse(await k("get services -o json"))).toMatchObject({ kind: "List", items: [{ kind: "Service" }, { kind: "Service" }] });
    expect(await k("get all")).toContain("replicaset.apps/web-");
    const watched = await run(["get", "pods", "-w", "--output-watch-events", "--request-timeout=1s"]);
    expect(watched.out.match(/^ADDED +web-/gm)).toHaveLength(2);
  });

  it("describes everything without a word on stderr", async () => {
    for (const what of [
      "deployment web",
      "pods -l app=web",
      "service web",
      "node node-1",
      "configmap settings",
      "namespace default",
      "replicasets",
      "serviceaccount default",
      "endpointslices",
    ])
      expect(await k(`describe ${what}`)).toMatch(/^Name: +\S/);
    expect(await k("describe deployment web")).toMatch(
      /ScalingReplicaSet +\S+ +deployment-controller +Scaled up replica set web-\S+ from 0 to 2/,
    );
    expect(await k("events --for deployment/web")).toContain("ScalingReplicaSet");
    expect(await k("get events --field-selector involvedObject.kind=Deployment -o name")).toMatch(/^event\/web\./);
  });

  it("explains every resource, all fields", async () => {
    const resources = (await k("api-resources --no-headers")).trim().split("\n");
    expect(resources.length).toBeGreaterThan(20);
    for (const line of resources) {
      const columns = line.trim().split(/ +/);
      const [namespaced, , version] = [columns.at(-2), columns.at(-1), columns.at(-3)];
      expect(["true", "false"]).toContain(namespaced);
      expect(await k(`explain ${columns[0]} --api-version=${version} --recursive`)).toContain("FIELDS:\n");
    }
    expect(await k("explain pods.spec.containers.ports.containerPort")).toMatch(/FIELD: containerPort <integer>/);
    expect(await k("explain deployments --output=plaintext-openapiv2")).toContain("FIELDS:\n");
    expect((await k("api-versions")).split("\n")).toContain("apps/v1");
  });

  it("changes things", async () => {
    expect(await k("scale deployment web --replicas=3")).toBe("deployment.apps/web scaled\n");
    expect(await refused("scale deployment web --current-replicas=7 --replicas=3")).toBe("error: Expected replicas to be 7, was 3\n");
    expect(await k("label deployment web tier=front")).toBe("deployment.apps/web labeled\n");
    expect(await k("annotate deployment web note=x")).toBe("deployment.apps/web annotated\n");
    for (const [type, patch] of [
      ["strategic", '{"spec":{"replicas":1}}'],
      ["merge", '{"spec":{"replicas":2}}'],
      ["json", '[{"op":"replace","path":"/spec/replicas","value":1}]'],
    ])
      expect(await k(`patch deployment web --type=${type} -p ${patch}`)).toBe("deployment.apps/web patched\n");
    expect(await k('patch deployment web --subresource=scale --type=merge -p {"spec":{"replicas":2}}')).toBe(
      "scale.autoscaling/web patched\n",
    );
    expect(await refused('patch deployment web --type=json -p [{"op":"remove","path":"/nope"}]')).toBe(
      "The request is invalid: the server rejected our request due to an error in our request\n",
    );
    expect(await k("set image deployment/web c=nginx:1.15")).toBe("deployment.apps/web image updated\n");
    expect(await k("rollout status deployment/web --timeout=15s")).toContain("successfully rolled out");
    expect(await k("rollout history deployment/web")).toMatch(/REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>/);
    expect(await k("rollout undo deployment/web")).toBe("deployment.apps/web rolled back\n");
    expect(await k("rollout restart deployment/web")).toBe("deployment.apps/web restarted\n");
    expect(await k("edit configmap settings", "", { EDITOR: "sed -i s/^..a:.*/\\ \\ a:\\ edited/" })).toBe("configmap/settings edited\n");
    expect(await k("get configmap settings -o jsonpath={.data.a}")).toBe("edited");
    const text = (await k("get configmap settings -o yaml")).replace("a: edited", "a: replaced");
    expect(await k("replace -f -", text)).toBe("configmap/settings replaced\n");
    expect(await refused("replace -f -", text)).toContain("the object has been modified; please apply your changes to the latest version");
  });

  it("creates, exposes, runs, waits, deletes", async () => {
    for (const line of [
      "namespace other",
      "configmap made --from-literal=a=b",
      "secret generic hidden --from-literal=p=q",
      "serviceaccount robot",
      "role reader --verb=get,list --resource=pods",
      "rolebinding robot-reads --role=reader --serviceaccount=default:robot",
      "clusterrole node-reader --verb=get --resource=nodes",
      "clusterrolebinding jane-reads --clusterrole=node-reader --user=jane",
      "deployment second --image=nginx:1.14.2",
      "service nodeport door --tcp=80:80",
      "service externalname far --external-name=example.com",
    ])
      expect(await k(`create ${line}`)).toMatch(/ created\n$/);
    expect(await refused("create configmap made")).toBe('error: failed to create configmap: configmaps "made" already exists\n');
    expect(await refused("create configmap Bad_Name")).toContain(
      'ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123',
    );
    expect(await k("expose deployment second --port=80")).toBe("service/second exposed\n");
    expect(await k("run once --image=nginx:1.14.2 --restart=Never")).toBe("pod/once created\n");
    expect(await k("wait --for=condition=Ready pod/once --timeout=15s")).toBe("pod/once condition met\n");
    expect(await k("exec once -- echo hello")).toBe("hello\n");
    expect(await k("logs once")).toBe("");
    expect(await k("delete pod once")).toBe('pod "once" deleted\n');
    expect(await refused("get pod once")).toBe('Error from server (NotFound): pods "once" not found\n');
    expect(await k("delete namespace other")).toBe('namespace "other" deleted\n');
    expect(await k("delete deployment second --wait")).toBe('deployment.apps "second" deleted\n');
    expect(await k("delete deployment second --ignore-not-found")).toBe("");
  });

  it("tells who may do what", async () => {
    expect(await k("auth whoami -o jsonpath={.status.userInfo.username}")).toBe("wire-admin");
    expect(await k("auth can-i create pods")).toBe("yes\n");
    expect((await run(["auth", "can-i", "create", "pods", "--as", "jane"])).out).toBe("no\n");
    expect(await k("auth can-i list pods --as system:serviceaccount:default:robot")).toBe("yes\n");
    const token = (await k("create token robot --duration=10m")).trim();
    const anonymous = `--server https://127.0.0.1:${cluster.door.port} --insecure-skip-tls-verify --kubeconfig /dev/null --token ${token}`;
    expect(await k(`get pods -o name ${anonymous}`)).toMatch(/^pod\/web/);
    expect(await refused(`delete pods --all ${anonymous}`)).toContain(
      'User "system:serviceaccount:default:robot" cannot delete resource "pods" in API group "" in the namespace "default"',
    );
  });

  it("empties a node and lets it work again", async () => {
    expect(await k("taint node node-2 a=b:NoSchedule")).toBe("node/node-2 tainted\n");
    expect(await k("taint node node-2 a-")).toBe("node/node-2 untainted\n");
    expect(await k("cordon node-1")).toBe("node/node-1 cordoned\n");
    expect(await k("get node node-1 --no-headers")).toContain("Ready,SchedulingDisabled");
    expect(await k("drain node-1 --ignore-daemonsets --timeout=15s")).toContain("node/node-1 drained\n");
    expect(await k("get pods --field-selector=spec.nodeName=node-1 -o name")).toBe("");
    expect(await k("uncordon node-1")).toBe("node/node-1 uncordoned\n");
  });

  it("answers raw requests and unfit selectors", async () => {
    expect(JSON.parse(await k("get --raw /version"))).toMatchObject({ major: "1", minor: "36" });
    expect(await k("get --raw /readyz")).toBe("ok");
    expect(await k("cluster-info")).toContain("Kubernetes control plane");
    expect(await refused("get pods --field-selector=spec.nothing=1")).toBe(
      'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.nothing=1": field label not supported: spec.nothing\n',
    );
    expect(await refused("get --raw /nothing")).toBe("Error from server (NotFound): the server could not find the requested resource\n");
    expect(await refused("get nothings")).toBe('error: the server doesn\'t have a resource type "nothings"\n');
  });
});
