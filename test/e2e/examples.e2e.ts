// The examples of examples/, each checked by what it does: from inside a container, through the node's port, by its names.
// They use the default cluster's addresses and ports.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readdirSync } from "node:fs";
import type { Pod } from "../../src/kinds/core/types.gen.ts";
import { containerOf, isReady, outputOf, RealCluster, run, until } from "./real-cluster.ts";

let cluster: RealCluster;
let nodeAddress: string;
beforeAll(async () => {
  cluster = await RealCluster.start("timonier");
  ({ nodeAddress } = await cluster.config());
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

const apply = async (name: string): Promise<string> => outputOf(await cluster.timonier("kubectl", "apply", "-f", `examples/${name}.yaml`));
const remove = async (name: string): Promise<string> =>
  outputOf(await cluster.kubectl(["delete", "-f", `examples/${name}.yaml`, "--wait=true", "--timeout=60s"]));
async function podsOf(selector: string): Promise<readonly Pod[]> {
  const client = await cluster.client();
  const list = await client.request<{ items: Pod[] }>(
    "GET",
    `/api/v1/namespaces/default/pods?labelSelector=${encodeURIComponent(selector)}`,
  );
  return list.items.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
}
/** The pods once this many are ready. */
const readyPods = (selector: string, count: number): Promise<readonly Pod[]> =>
  until(async () => {
    const ready = (await podsOf(selector)).filter(isReady);
    return ready.length === count ? ready : undefined;
  }, 60_000);
const curl = (url: string): ReturnType<typeof run> => run(["curl", "-sS", "--max-time", "3", url]);

describe("examples", () => {
  test("init containers wait for Services by DNS", async () => {
    await apply("pod-init-containers");
    const state = async (): Promise<string> => /^myapp-pod +\S+ +(\S+)/m.exec(outputOf(await cluster.kubectl(["get", "pods"])))?.[1] ?? "";
    await until(async () => (await cluster.kubectl(["logs", "myapp-pod", "-c", "init-myservice"])).out.includes("waiting for myservice"));
    expect(await state()).toBe("Init:0/2");
    expect((await cluster.pod("myapp-pod")).status?.phase).toBe("Pending");
    await apply("services-for-init");
    await cluster.untilPod("myapp-pod", isReady, 60_000);
    expect(await state()).toBe("Running");
    expect((await cluster.kubectl(["logs", "myapp-pod"])).out).toBe("The app is running!\n");
    // Its `sleep` does not hear SIGTERM: nobody waits out the grace period here.
    outputOf(await cluster.kubectl(["delete", "pod", "myapp-pod", "--wait=false"]));
  });

  test("a NodePort Service answers on the node", async () => {
    await apply("service-nodeport");
    expect(
      (
        await until(async () =>
          (await curl(`http://${nodeAddress}:30007/`)).code === 0 ? curl(`http://${nodeAddress}:30007/`) : undefined,
        )
      ).out,
    ).toContain("Welcome to nginx!");
    await remove("service-nodeport");
    await until(async () => (await curl(`http://${nodeAddress}:30007/`)).code === 7);
  });

  test("a ClusterIP Service answers to its name inside", async () => {
    await apply("service-clusterip");
    await readyPods("app=hello", 2);
    await cluster.startPod("visitor", {});
    expect(await until(() => cluster.sh("visitor", "wget -q -T 3 -O - http://hello/"))).toContain("Welcome to nginx!");
    expect(await cluster.sh("visitor", "nslookup hello.default.svc.cluster.local")).toMatch(/Server:\s+10\.96\.0\.10/);
  });

  test("an ExternalName Service is an alias", async () => {
    await apply("service-externalname");
    const said = await until(async () => {
      const answer = await cluster.sh("visitor", "nslookup -type=cname my-service.prod.svc.cluster.local || true");
      return answer.includes("canonical name") ? answer : undefined;
    });
    expect(said).toContain("my.database.example.com");
  });

  test("a LoadBalancer Service is accepted and waits for an address", async () => {
    await apply("service-loadbalancer");
    expect(outputOf(await cluster.kubectl(["get", "service", "my-balanced-service"]))).toMatch(
      /LoadBalancer +10\.96\.\d+\.\d+ +<pending> +80:3\d{4}\/TCP/,
    );
  });

  test("a ReplicaSet starts a killed container again and replaces a deleted pod", async () => {
    await apply("replicaset");
    const [first, second] = await readyPods("tier=frontend", 3);
    await cluster.sh(first!.metadata!.name!, "kill 1").catch(() => undefined);
    await cluster.untilPod(first!.metadata!.name!, (pod) => (containerOf(pod, "php-redis")?.restartCount ?? 0) === 1 && isReady(pod));
    outputOf(await cluster.kubectl(["delete", "pod", second!.metadata!.name!]));
    const after = await readyPods("tier=frontend", 3);
    expect(after.map((pod) => pod.metadata!.uid)).not.toContain(second!.metadata!.uid);
    await remove("replicaset");
    await until(async () => (await podsOf("tier=frontend")).length === 0);
  });

  test("a Deployment rolls to another image without a failed request, and back", async () => {
    await apply("deployment");
    await readyPods("app=nginx", 3);
    // nginx ends at once when asked to; a moment before lets the node forget it first.
    const careful = {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: "nginx",
                lifecycle: { preStop: { sleep: { seconds: 1 } } },
                readinessProbe: { httpGet: { path: "/", port: 80 }, periodSeconds: 1 },
              },
            ],
          },
        },
      },
    };
    outputOf(await cluster.kubectl(["patch", "deployment", "nginx-deployment", "--patch", JSON.stringify(careful)]));
    outputOf(await cluster.timonier("kubectl", "rollout", "status", "deployment/nginx-deployment", "--timeout=60s"));
    let isOver = false;
    let asked = 0;
    const failures: string[] = [];
    const asking = (async () => {
      while (!isOver) {
        asked++;
        const got = await curl(`http://${nodeAddress}:30007/`);
        if (got.code !== 0 || !got.out.includes("Welcome to nginx!")) failures.push(got.err);
      }
    })();
    outputOf(await cluster.kubectl(["set", "image", "deployment/nginx-deployment", "nginx=k8s.gcr.io/nginx-slim:0.8"]));
    expect(outputOf(await cluster.kubectl(["rollout", "status", "deployment/nginx-deployment", "--timeout=90s"]))).toContain(
      "successfully rolled out",
    );
    const images = async (): Promise<ReadonlySet<string | undefined>> =>
      new Set((await podsOf("app=nginx")).filter(isReady).map((pod) => pod.spec!.containers[0]!.image));
    expect(await images()).toEqual(new Set(["k8s.gcr.io/nginx-slim:0.8"]));
    outputOf(await cluster.kubectl(["rollout", "undo", "deployment/nginx-deployment"]));
    outputOf(await cluster.kubectl(["rollout", "status", "deployment/nginx-deployment", "--timeout=90s"]));
    isOver = true;
    await asking;
    expect(await images()).toEqual(new Set(["nginx:1.14.2"]));
    expect(failures).toEqual([]);
    expect(asked).toBeGreaterThan(20);
    await remove("deployment");
  });

  test("a ConfigMap as environment and as files", async () => {
    await apply("configmap");
    await cluster.untilPod("configmap-demo-pod", isReady);
    expect((await cluster.kubectl(["logs", "configmap-demo-pod"])).out).toBe(
      "3 user-interface.properties\nenemy.types=aliens,monsters\nplayer.maximum-lives=5\n",
    );
    expect(
      await cluster.sh("configmap-demo-pod", "ls /config; cat /config/user-interface.properties; touch /config/x || echo read-only"),
    ).toMatch(
      /^game\.properties\nplayer_initial_lives\nui_properties_file_name\nuser-interface\.properties\ncolor\.good=purple\n[^]*read-only\n$/,
    );
  });

  test("a Secret as a file with its own path and mode, and as environment", async () => {
    await apply("secret");
    await cluster.untilPod("mypod", isReady);
    await cluster.untilPod("secret-env-pod", isReady);
    expect(
      await cluster.sh(
        "mypod",
        "cat /etc/foo/my-group/my-username; stat -L -c %a /etc/foo/my-group/my-username; find /etc/foo/ -type l | sort",
      ),
    ).toMatch(/^admin777\n/);
    expect(await cluster.sh("mypod", "ls /etc/foo")).toBe("my-group\n");
    expect(await cluster.sh("secret-env-pod", 'echo "$SECRET_USERNAME $SECRET_PASSWORD"')).toBe("admin 1f2d1e2e67df\n");
  });

  test("the unmended texts are refused, and nothing of them is made", async () => {
    const refusals: Readonly<Record<string, RegExp>> = {
      "configmap.yaml": /BadRequest.*(json: )?cannot unmarshal number into Go struct field ConfigMap\.data of type string/s,
      "service-externalname.yaml": /resource name may not be empty|unknown field/,
      "service-loadbalancer.yaml":
        /^The Service "my-service" is invalid: spec\.clusterIPs: Invalid value: \["10\.0\.171\.239"\]: failed to allocate IP 10\.0\.171\.239: the provided IP/,
      "service-nodeport.yaml": /error converting YAML to JSON: yaml: line \d+/,
    };
    expect(readdirSync("examples/unmended").toSorted()).toEqual(Object.keys(refusals));
    for (const [file, refusal] of Object.entries(refusals)) {
      const ran = await cluster.kubectl(["apply", "-f", `examples/unmended/${file}`]);
      expect([file, ran.code, ran.err]).toEqual([file, 1, expect.stringMatching(refusal)]);
    }
    const services = outputOf(await cluster.kubectl(["get", "services", "-o", "name"]));
    expect(services).not.toContain("service/my-service\n");
  });
});
