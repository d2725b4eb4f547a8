import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { channelMessage } from "../../wire/channel-framing.ts";
import type { Exchange } from "../../wire/exchange.ts";
import { acceptWebSocket } from "../../wire/websocket.ts";
import { TestCommandLine } from "./testing.laws.ts";

const encoder = new TextEncoder();
const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "nginx:1.14.2", env: [{name: A, value: b}]}]}
`;
const conf = `apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {a: "1"}
`;
const pod = `apiVersion: v1
kind: Pod
metadata: {name: p1, labels: {app: x}}
spec: {nodeName: n1, containers: [{name: main, image: busybox}, {name: side, image: busybox}]}
`;

/** A node whose containers say what they are asked, and whose commands end with 3. */
const node: Exchange = async (request) => {
  if (request.target.startsWith("/containerLogs")) return { status: 200, headers: {}, body: encoder.encode(`log of ${request.target}\n`) };
  const accepted = acceptWebSocket(request, { protocols: ["v5.channel.k8s.io"] });
  const { session } = accepted;
  if (session) {
    void (async () => {
      const status = { status: "Failure", message: "ended", details: { causes: [{ reason: "ExitCode", message: "3" }] } };
      const finish = async (): Promise<void> => {
        await session.send(channelMessage(1, encoder.encode(`${request.target}\n`)));
        await session.send(channelMessage(3, encoder.encode(JSON.stringify(status))));
        await session.close();
      };
      if (!request.target.includes("input=1")) await finish();
      // Leaving the loop would close the session: the end is told from inside.
      for await (const { data } of session.messages) await (data[0] === 255 ? finish() : session.send(channelMessage(1, data.subarray(1))));
    })().catch(() => session.destroy());
  }
  return accepted.response;
};

describe("kubectl", () => {
  let line: TestCommandLine;
  beforeEach(async () => {
    line = await TestCommandLine.start({ dialKubelet: () => node });
    // What the service-account controller would do.
    await line.server.ask("POST", "/api/v1/namespaces/default/serviceaccounts", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default" },
    });
    await line.server.ask("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } });
    line.files.set("/home/jane/web.yaml", web);
    line.files.set("/home/jane/conf.yaml", conf);
    line.files.set("/home/jane/pod.yaml", pod);
  });
  afterEach(async () => {
    await line[Symbol.asyncDispose]();
    expect(line.server.clock.pending).toBe(0);
  });
  const out = async (...words: string[]): Promise<string> => {
    const { code, out: text, err } = await line.run(...words);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return text;
  };

  describe("words and help", () => {
    it("finds the verb behind global flags, and tells what it does not know", async () => {
      expect(await out("-n", "kube-system", "get", "ns", "-o", "name")).toContain("namespace/default\n");
      expect(await line.run("descrbe")).toEqual({
        code: 1,
        out: "",
        err: `error: unknown command "descrbe" for "kubectl"\n\nDid you mean this?\n\tdescribe\n`,
      });
      expect((await line.run("get", "--foo")).err).toBe("error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\n");
      expect((await line.run("rollout", "foo")).err).toContain(`unknown command "foo"`);
    });

    it("helps without a server", async () => {
      line.files.clear();
      expect(await out("get", "--help")).toContain("Usage:\n  kubectl get ");
      expect(await out("help", "rollout")).toContain("Available Commands:");
      expect(await out()).toContain("kubectl controls the Kubernetes cluster manager.");
      expect(line.requests).toEqual([]);
    });
  });

  describe("get", () => {
    it("prints the server's table", async () => {
      await out("apply", "-f", "conf.yaml");
      expect(await out("get", "cm", "conf")).toBe("NAME   DATA   AGE\nconf   1      0s\n");
      expect(await out("get", "cm", "-A", "-l", "x!=y", "--no-headers")).toBe("default   conf   1     0s\n");
    });

    it("names the kind where several are asked for, tables parted by an empty line", async () => {
      await out("apply", "-f", "conf.yaml", "-f", "web.yaml");
      expect(await out("get", "deploy,cm")).toBe(
        "NAME                  READY   UP-TO-DATE   AVAILABLE   AGE\ndeployment.apps/web   0/2     0            0           0s\n\nNAME             DATA   AGE\nconfigmap/conf   1      0s\n",
      );
    });

    it("says when there is nothing, and what is missing", async () => {
      expect(await line.run("get", "pods")).toEqual({ code: 0, out: "", err: "No resources found in default namespace.\n" });
      expect((await line.run("get", "pods", "-A")).err).toBe("No resources found\n");
      expect(await line.run("get", "pod", "x")).toEqual({ code: 1, out: "", err: `Error from server (NotFound): pods "x" not found\n` });
      expect(await line.run("get", "pod", "x", "--ignore-not-found")).toEqual({ code: 0, out: "", err: "" });
      expect((await line.run("get", "nope")).err).toBe(`error: the server doesn't have a resource type "nope"\n`);
    });

    it("prints data: one object as itself, several as a list", async () => {
      await out("apply", "-f", "conf.yaml");
      expect(JSON.parse(await out("get", "cm/conf", "-o=json")).data).toEqual({ a: "1" });
      const list = JSON.parse(await out("get", "cm", "-ojson"));
      expect([list.kind, list.items[0].kind, list.items[0].metadata.managedFields]).toEqual(["List", "ConfigMap", undefined]);
      expect(await out("get", "cm", "conf", "-o", "jsonpath={.data.a}")).toBe("1");
      expect(await out("get", "cm", "-o", "custom-columns=NAME:.metadata.name,X:.data.x")).toBe("NAME   X\nconf   <none>\n");
      expect(await out("get", "cm", "conf", "--show-labels", "-L", "app")).toBe(
        "NAME   DATA   AGE   APP   LABELS\nconf   1      0s          <none>\n",
      );
    });

    it("refuses a name in all namespaces, beside a selector, and a mix of forms", async () => {
      expect((await line.run("get", "cm", "x", "-A")).err).toBe("error: a resource cannot be retrieved by name across all namespaces\n");
      expect((await line.run("get", "cm", "x", "-l", "a=b")).err).toBe("error: name cannot be provided when a selector is specified\n");
      expect((await line.run("get", "cm/x", "y")).err).toContain("there is no need to specify a resource type as a separate argument");
    });
  });

  describe("apply", () => {
    it("creates, leaves alone and configures, and deletes what the file has no more", async () => {
      expect(await out("apply", "-f", "conf.yaml")).toBe("configmap/conf created\n");
      expect(await out("apply", "-f", "conf.yaml")).toBe("configmap/conf unchanged\n");
      line.files.set("/home/jane/conf.yaml", conf.replace('data: {a: "1"}', 'data: {b: "2"}'));
      expect(await out("apply", "-f", "conf.yaml")).toBe("configmap/conf configured\n");
      expect(await out("get", "cm", "conf", "-o", "jsonpath={.data}")).toBe(`{"b":"2"}`);
    });

    it("keeps what others set, and merges lists by key", async () => {
      await out("apply", "-f", "web.yaml");
      await out("scale", "deploy", "web", "--replicas=5");
      line.files.set("/home/jane/web.yaml", web.replace("  replicas: 2\n", "").replace("name: A, value: b", "name: B, value: c"));
      expect(await out("apply", "-f", "web.yaml")).toBe("deployment.apps/web configured\n");
      expect(await out("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].env}")).toBe(
        `[{"name":"B","value":"c"}]`,
      );
      // What the file had and has no more is given up; the default takes its place.
      expect(await out("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}")).toBe("1");
    });

    it("goes on after an error and ends with 1", async () => {
      line.files.set(
        "/home/jane/all/a.yaml",
        `${conf}---\napiVersion: foo/v1\nkind: Bar\nmetadata: {name: b}\n---\n${conf.replace("name: conf", "name: c2")}`,
      );
      const { code, out: told, err } = await line.run("apply", "-f", "all");
      expect([code, told]).toEqual([1, "configmap/conf created\nconfigmap/c2 created\n"]);
      expect(err).toBe(
        `error: resource mapping not found for name: "b" namespace: "" from "all/a.yaml": no matches for kind "Bar" in version "foo/v1"\nensure CRDs are installed first\n`,
      );
    });

    it("refuses fields that do not exist, unless told otherwise", async () => {
      line.files.set("/home/jane/web.yaml", web.replace("replicas: 2", "replicas: 2\n  replica: 3"));
      const strict = await line.run("apply", "-f", "web.yaml");
      expect([strict.code, strict.err]).toEqual([1, expect.stringContaining(`unknown field "spec.replica"`)]);
      const warned = await line.run("apply", "-f", "web.yaml", "--validate=warn");
      expect(warned).toEqual({ code: 0, out: "deployment.apps/web created\n", err: `Warning: unknown field "spec.replica"\n` });
    });

    it("tells a refusal with all its causes", async () => {
      line.files.set("/home/jane/web.yaml", web.replace("matchLabels: {app: web}", "matchLabels: {app: other}"));
      const { err } = await line.run("apply", "-f", "web.yaml");
      expect(err).toMatch(/^The Deployment "web" is invalid: spec\.template\.metadata\.labels: Invalid value: /);
    });

    it("applies on the server's side, with conflicts told and forced", async () => {
      expect(await out("apply", "-f", "conf.yaml", "--server-side")).toBe("configmap/conf serverside-applied\n");
      line.files.set("/home/jane/conf.yaml", conf.replace('"1"', '"2"'));
      const refused = await line.run("apply", "-f", "conf.yaml", "--server-side", "--field-manager=other");
      expect([refused.code, refused.err]).toEqual([
        1,
        expect.stringContaining(`Apply failed with 1 conflict: conflict with "kubectl": .data.a`),
      ]);
      expect(await out("apply", "-f", "conf.yaml", "--server-side", "--field-manager=other", "--force-conflicts")).toBe(
        "configmap/conf serverside-applied\n",
      );
    });

    it("changes nothing in a dry run", async () => {
      expect(await out("apply", "-f", "conf.yaml", "--dry-run=client")).toBe("configmap/conf created (dry run)\n");
      expect(await out("apply", "-f", "conf.yaml", "--dry-run=server")).toBe("configmap/conf created (server dry run)\n");
      expect((await line.run("get", "cm", "conf")).code).toBe(1);
      expect((await line.run("apply", "-f", "conf.yaml", "--dry-run")).err).toContain("--dry-run flag without a value was specified");
    });

    it("reads standard input", async () => {
      line.input = conf;
      expect(await out("apply", "-f", "-")).toBe("configmap/conf created\n");
    });
  });

  describe("create and delete", () => {
    it("creates from files and flags", async () => {
      expect(await out("create", "-f", "conf.yaml")).toBe("configmap/conf created\n");
      expect((await line.run("create", "-f", "conf.yaml")).err).toBe(
        `Error from server (AlreadyExists): error when creating "conf.yaml": configmaps "conf" already exists\n`,
      );
      expect(await out("create", "namespace", "n2")).toBe("namespace/n2 created\n");
      expect(await out("create", "-n", "n2", "configmap", "c", "--from-literal=a=b", "--from-file=x=conf.yaml")).toBe(
        "configmap/c created\n",
      );
      expect(await out("-n", "n2", "get", "cm", "c", "-o", "jsonpath={.data.a} {.data.x}")).toBe(`b ${conf}`);
      expect(await out("create", "rolebinding", "rb", "--role=r", "--user=eve", "--serviceaccount=a:b")).toBe(
        "rolebinding.rbac.authorization.k8s.io/rb created\n",
      );
      expect(await out("create", "deployment", "d", "--image=nginx:1.14.2", "--dry-run=client", "-o", "name")).toBe("deployment.apps/d\n");
    });

    it("deletes by file, name and selector, and waits until they are gone", async () => {
      await out("apply", "-f", "conf.yaml", "-f", "web.yaml");
      expect(await out("delete", "-f", "conf.yaml")).toBe(`configmap "conf" deleted from default namespace\n`);
      expect(await out("delete", "deploy/web")).toBe(`deployment.apps "web" deleted from default namespace\n`);
      expect(await out("delete", "cm", "-l", "a=b")).toBe("No resources found\n");
      expect(await line.run("delete", "cm", "conf")).toEqual({
        code: 1,
        out: "",
        err: `Error from server (NotFound): configmaps "conf" not found\n`,
      });
      expect((await line.run("delete", "cm")).err).toBe("error: resource(s) were provided, but no name was specified\n");
    });

    it("waits for a pod's grace, and not at all when forced", async () => {
      await out("apply", "-f", "pod.yaml");
      expect(await out("delete", "pod", "p1", "--wait=false")).toBe(`pod "p1" deleted from default namespace\n`);
      const waiting = line.run("delete", "pod", "p1", "--timeout=10s");
      while (line.server.clock.pending === 0 || !line.requests.at(-1)!.includes("watch=true"))
        await new Promise((resolve) => setTimeout(resolve, 5));
      line.server.clock.advance(11_000);
      expect((await waiting).err).toBe("error: timed out waiting for the condition on pods/p1\n");
      const forced = await line.run("delete", "pod", "p1", "--force");
      expect([forced.code, forced.out]).toEqual([0, `pod "p1" force deleted from default namespace\n`]);
      expect(forced.err).toContain("Warning: Immediate deletion does not wait");
    });
  });

  describe("changes", () => {
    beforeEach(async () => void (await out("apply", "-f", "web.yaml")));

    it("labels, annotates and patches", async () => {
      expect(await out("label", "deploy", "web", "a=b")).toBe("deployment.apps/web labeled\n");
      expect(await out("label", "deploy", "web", "a=b")).toBe("deployment.apps/web not labeled\n");
      expect((await line.run("label", "deploy", "web", "a=c")).err).toBe("error: 'a' already has a value (b), and --overwrite is false\n");
      expect(await out("label", "deploy", "web", "a-")).toBe("deployment.apps/web unlabeled\n");
      expect(await out("annotate", "deploy/web", "x=y z")).toBe("deployment.apps/web annotated\n");
      expect(await out("patch", "deploy", "web", "-p", "spec: {minReadySeconds: 3}")).toBe("deployment.apps/web patched\n");
      expect(await out("patch", "deploy", "web", "-p", "spec: {minReadySeconds: 3}")).toBe("deployment.apps/web patched (no change)\n");
    });

    it("scales, with a precondition", async () => {
      expect(await out("scale", "deploy", "web", "--replicas=3", "--current-replicas=2")).toBe("deployment.apps/web scaled\n");
      expect((await line.run("scale", "deploy", "web", "--replicas=4", "--current-replicas=2")).err).toBe(
        "error: Expected replicas to be 2, was 3\n",
      );
    });

    it("sets an image of a container that there is", async () => {
      expect(await out("set", "image", "deploy/web", "c=nginx:2")).toBe("deployment.apps/web image updated\n");
      expect((await line.run("set", "image", "deploy/web", "d=nginx:2")).err).toBe(`error: unable to find container named "d"\n`);
    });

    it("pauses, resumes and restarts", async () => {
      expect(await out("rollout", "pause", "deploy/web")).toBe("deployment.apps/web paused\n");
      expect((await line.run("rollout", "pause", "deploy/web")).err).toBe(`error: deployments.apps "web" is already paused\n`);
      expect((await line.run("rollout", "restart", "deploy/web")).err).toContain("can't restart paused deployment");
      expect(await out("rollout", "resume", "deploy/web")).toBe("deployment.apps/web resumed\n");
      expect(await out("rollout", "restart", "deploy/web")).toBe("deployment.apps/web restarted\n");
    });

    it("follows a roll-out to its end", async () => {
      const following = line.run("rollout", "status", "deploy/web");
      while (!line.requests.at(-1)!.includes("watch=true")) await new Promise((resolve) => setTimeout(resolve, 5));
      const path = "/apis/apps/v1/namespaces/default/deployments/web/status";
      const type = "application/merge-patch+json";
      const progress = async (status: object): Promise<void> =>
        expect((await line.server.ask("PATCH", path, JSON.stringify({ status }), { type })).status).toBe(200);
      await progress({ observedGeneration: 1, replicas: 2, updatedReplicas: 1 });
      await progress({ observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 1 });
      await progress({ observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 });
      expect(await following).toEqual({
        code: 0,
        err: "",
        out: [
          "Waiting for deployment spec update to be observed...",
          `Waiting for deployment "web" rollout to finish: 1 out of 2 new replicas have been updated...`,
          `Waiting for deployment "web" rollout to finish: 1 of 2 updated replicas are available...`,
          `deployment "web" successfully rolled out\n`,
        ].join("\n"),
      });
    });

    it("waits for a condition, and no longer than told", async () => {
      expect(await out("wait", "--for=jsonpath={.spec.replicas}=2", "deploy/web")).toBe("deployment.apps/web condition met\n");
      expect(await out("wait", "--for=delete", "pod/none")).toBe("");
      expect(await line.run("wait", "--for=condition=Available", "deploy/web", "--timeout=0")).toEqual({
        code: 1,
        out: "",
        err: "error: timed out waiting for the condition on deployments/web\n",
      });
    });

    it("describes it", async () => {
      const text = await out("describe", "deploy", "web");
      expect(text).toContain("Replicas:               2 desired | 0 updated | 0 total | 0 available | 0 unavailable\n");
      expect(text).toContain("   c:\n    Image:      nginx:1.14.2\n");
      expect(text).toMatch(/NewReplicaSet: +<none>\nEvents: +<none>\n$/);
    });
  });

  describe("containers", () => {
    beforeEach(async () => void (await out("apply", "-f", "pod.yaml")));

    it("prints logs, of the first container unless told", async () => {
      const first = await line.run("logs", "p1", "--tail=3", "--since=1m");
      expect(first).toEqual({
        code: 0,
        out: "log of /containerLogs/default/p1/main?sinceSeconds=60&tailLines=3\n",
        err: `Defaulted container "main" out of: main, side\n`,
      });
      expect(await out("logs", "-l", "app=x", "--all-containers", "--prefix")).toBe(
        "[pod/p1/main] log of /containerLogs/default/p1/main?tailLines=10\n[pod/p1/side] log of /containerLogs/default/p1/side?tailLines=10\n",
      );
      expect((await line.run("logs", "p1", "-c", "nope")).err).toBe("error: container nope is not valid for pod p1\n");
    });

    it("runs a command, passes its exit code on and its input in", async () => {
      const plain = await line.run("exec", "p1", "-c", "side", "--", "ls", "-l", "a b");
      expect([plain.code, plain.err]).toEqual([3, "command terminated with exit code 3\n"]);
      expect(plain.out).toMatch(/^\/exec\/default\/p1\/side\?.*command=ls&command=-l&command=a(\+|%20)b/);
      line.input = "typed\n";
      expect((await line.run("exec", "-i", "p1", "-cmain", "--", "cat")).out).toMatch(/^typed\n\/exec/);
      expect((await line.run("exec", "p1")).err).toBe("error: you must specify at least one command for the container\n");
      expect((await line.run("exec", "p1", "ls")).err).toContain("Use exec [POD] -- [COMMAND] instead");
    });
  });

  describe("who and where", () => {
    it("changes contexts and namespaces in the kubeconfig", async () => {
      expect(await out("config", "current-context")).toBe("test\n");
      expect(await out("config", "set-context", "--current", "--namespace=kube-system")).toBe(`Context "test" modified.\n`);
      expect((await line.run("get", "pods")).err).toBe("No resources found in kube-system namespace.\n");
      expect(await out("config", "view")).toContain("token: REDACTED");
      expect((await line.run("--context", "nope", "get", "pods")).err).toBe(`error: context "nope" does not exist\n`);
    });

    it("asks what is allowed", async () => {
      expect(await out("auth", "can-i", "create", "pods")).toBe("yes\n");
      expect(await line.run("auth", "can-i", "create", "pods", "--as=eve")).toEqual({ code: 1, out: "no\n", err: "" });
      expect(await out("auth", "whoami", "--as=eve", "--as-group=g")).toContain("Username    eve\nGroups      [g system:authenticated]\n");
    });

    it("lists what is served", async () => {
      expect(await out("api-resources", "--api-group=apps", "-o", "name")).toBe("deployments.apps\nreplicasets.apps\n");
      expect(await out("api-versions")).toContain("apps/v1\n");
      expect(JSON.parse(await out("version", "-o", "json")).serverVersion.minor).toBe("36");
    });
  });

  describe("nodes", () => {
    it("cordons, taints and drains", async () => {
      await out("apply", "-f", "pod.yaml");
      expect(await out("cordon", "n1")).toBe("node/n1 cordoned\n");
      expect(await out("uncordon", "n1")).toBe("node/n1 uncordoned\n");
      expect(await out("taint", "nodes", "n1", "a=b:NoSchedule")).toBe("node/n1 tainted\n");
      expect((await line.run("taint", "nodes", "n1", "a=c:NoSchedule")).err).toContain(
        "already has a taint(s) with same effect(s) and --overwrite is false",
      );
      expect(await out("taint", "nodes", "n1", "a-")).toBe("node/n1 untainted\n");
      const refused = await line.run("drain", "n1");
      expect([refused.code, refused.err]).toEqual([
        1,
        expect.stringContaining("cannot delete Pods that declare no controller (use --force to override): default/p1"),
      ]);
      expect(await out("drain", "n1", "--force", "--dry-run=client")).toContain(
        "evicting pod default/p1 (dry run)\nnode/n1 drained (dry run)\n",
      );
    });
  });
});
