// Every file of examples/, applied to an embedded cluster, and looked at by what it does there.

import { describe, expect, test } from "vitest";
import { replicaSetKind } from "../../src/kinds/apps/replica-set.ts";
import { configMapKind } from "../../src/kinds/core/config-map.ts";
import { podKind } from "../../src/kinds/core/pod.ts";
import { serviceKind } from "../../src/kinds/core/service.ts";
import { endpointSliceKind } from "../../src/kinds/discovery/endpoint-slice.ts";
import { Cluster } from "../../src/main/cluster.ts";
import { StatusError } from "../../src/object/status.ts";
import { containerOf, example, Eyes, isReady } from "./eyes.ts";

async function addressesBehind(cluster: Cluster, service: string): Promise<readonly string[]> {
  const slices = await cluster.client.of(endpointSliceKind, "default").list({ labelSelector: `kubernetes.io/service-name=${service}` });
  return slices.items
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready === true)
    .flatMap((endpoint) => endpoint.addresses)
    .toSorted();
}
const ips = async (eyes: Eyes, selector: string): Promise<readonly string[]> =>
  (await eyes.pods(selector)).map((pod) => pod.status!.podIP!).toSorted();

describe("examples", () => {
  test("pod-init-containers: waits for its two Services, one after the other", async () => {
    // A simulated nslookup: the container ends when the Service exists.
    let known = async (_name: string): Promise<boolean> => false;
    await using cluster = await Cluster.start({
      script: (container) => {
        const service = /nslookup (\w+)\./.exec(container.command.join(" "))?.[1];
        return service === undefined ? undefined : { exitWhen: () => known(service), checkEveryMs: 2000 };
      },
    });
    known = async (name) => (await cluster.client.of(serviceKind, "default").list()).items.some(({ metadata }) => metadata!.name === name);
    const eyes = new Eyes(cluster);
    await cluster.apply(example("pod-init-containers.yaml"));
    await cluster.clock.advance(60_000);
    const waiting = await eyes.pod("myapp-pod");
    expect(waiting.status!.phase).toBe("Pending");
    expect(containerOf(waiting, "init-myservice").state!.running).toBeDefined();
    expect(containerOf(waiting, "init-mydb").state!.waiting!.reason).toBe("PodInitializing");
    const [myservice, mydb] = example("services-for-init.yaml").split("---\n");
    await cluster.apply(myservice!);
    await cluster.clock.advance(10_000);
    expect(containerOf(await eyes.pod("myapp-pod"), "init-myservice").state!.terminated!.reason).toBe("Completed");
    expect(isReady(await eyes.pod("myapp-pod"))).toBe(false);
    await cluster.apply(mydb!);
    const running = await eyes.untilPod("myapp-pod", isReady, 10_000);
    expect(running.status!.phase).toBe("Running");
    expect(containerOf(running, "myapp-container").state!.running).toBeDefined();
  });

  test("deployment: three pods behind a node port", async () => {
    await using cluster = await Cluster.start({ nodes: 3 });
    const eyes = new Eyes(cluster);
    await cluster.apply(example("deployment.yaml"));
    await cluster.settled();
    const pods = await eyes.pods("app=nginx");
    expect(pods.map(isReady)).toEqual([true, true, true]);
    expect(new Set(pods.map((pod) => pod.spec!.nodeName))).toEqual(new Set(["node-1", "node-2", "node-3"]));
    const service = await cluster.client.of(serviceKind, "default").get("nginx");
    expect(service.spec).toMatchObject({ type: "NodePort", ports: [{ port: 80, targetPort: 80, nodePort: 30007, protocol: "TCP" }] });
    expect(await addressesBehind(cluster, "nginx")).toEqual(await ips(eyes, "app=nginx"));
  });

  test("replicaset: heals when a pod is deleted, and when one is fenced off by its label", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    await cluster.apply(example("replicaset.yaml"));
    await cluster.settled();
    const [first, second] = await eyes.pods("tier=frontend");
    await cluster.client.of(podKind, "default").delete(first!.metadata!.name!);
    await cluster.client.of(podKind, "default").patch(second!.metadata!.name!, "merge", { metadata: { labels: { tier: "debug" } } });
    await cluster.settled();
    const healed = await eyes.pods("tier=frontend");
    expect(healed).toHaveLength(3);
    expect(healed.every(isReady)).toBe(true);
    expect((await eyes.pod(second!.metadata!.name!)).metadata!.ownerReferences ?? []).toEqual([]);
    expect((await cluster.client.of(replicaSetKind, "default").get("frontend")).status).toMatchObject({ replicas: 3, readyReplicas: 3 });
  });

  test("configmap: as environment and as files, which follow the map", async () => {
    await using cluster = await Cluster.start();
    await cluster.apply(example("configmap.yaml"));
    await cluster.settled();
    const inside = async (...command: string[]): Promise<string> => (await cluster.exec("configmap-demo-pod", command)).stdout;
    expect(await inside("printenv", "PLAYER_INITIAL_LIVES")).toBe("3\n");
    expect(await inside("printenv", "UI_PROPERTIES_FILE_NAME")).toBe("user-interface.properties\n");
    expect(await inside("ls", "/config")).toBe(
      "game.properties\nplayer_initial_lives\nui_properties_file_name\nuser-interface.properties\n",
    );
    expect(await inside("cat", "/config/game.properties")).toBe("enemy.types=aliens,monsters\nplayer.maximum-lives=5\n");
    await cluster.client.of(configMapKind, "default").patch("game-demo", "merge", { data: { player_initial_lives: "5" } });
    await cluster.clock.advance(120_000);
    expect(await inside("cat", "/config/player_initial_lives")).toBe("5");
    expect(await inside("printenv", "PLAYER_INITIAL_LIVES")).toBe("3\n");
  });

  test("secret: as a file with its path and mode, and as environment", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await cluster.apply(example("secret.yaml"));
    await cluster.settled();
    expect((await cluster.exec("mypod", ["cat", "/etc/foo/my-group/my-username"])).stdout).toBe("admin");
    expect((await cluster.exec("mypod", ["ls", "/etc/foo"])).stdout).toBe("my-group\n");
    const { uid } = (await eyes.pod("mypod")).metadata!;
    const file = await cluster.nodes
      .get("node-1")!
      .files.stat(`/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~secret/foo/my-group/my-username`);
    expect(file!.mode & 0o777).toBe(0o777);
    expect((await cluster.exec("secret-env-pod", ["printenv", "SECRET_USERNAME"])).stdout).toBe("admin\n");
    expect((await cluster.exec("secret-env-pod", ["printenv", "SECRET_PASSWORD"])).stdout).toBe("1f2d1e2e67df\n");
  });

  test("service-clusterip: an address in the range, both replicas behind it, by the name of their port", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    await cluster.apply(example("service-clusterip.yaml"));
    await cluster.settled();
    const { spec } = await cluster.client.of(serviceKind, "default").get("hello");
    expect(spec!.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
    expect(spec).toMatchObject({ type: "ClusterIP", clusterIPs: [spec!.clusterIP], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" });
    expect(await addressesBehind(cluster, "hello")).toEqual(await ips(eyes, "app=hello"));
    const [slice] = (await cluster.client.of(endpointSliceKind, "default").list({ labelSelector: "kubernetes.io/service-name=hello" }))
      .items;
    expect(slice!.ports).toEqual([{ name: "http", port: 80, protocol: "TCP" }]);
  });

  test("service-externalname: a name, no address", async () => {
    await using cluster = await Cluster.start();
    await cluster.apply(example("service-externalname.yaml"));
    await cluster.settled();
    const { spec } = await cluster.client.of(serviceKind, "prod").get("my-service");
    expect(spec!.externalName).toBe("my.database.example.com");
    expect(spec!.clusterIP ?? "").toBe("");
  });

  test("service-loadbalancer: waits for a balancer with its cluster address and node port", async () => {
    await using cluster = await Cluster.start();
    await cluster.apply(example("service-loadbalancer.yaml"));
    await cluster.settled();
    const { spec, status } = await cluster.client.of(serviceKind, "default").get("my-balanced-service");
    expect(spec).toMatchObject({ type: "LoadBalancer", allocateLoadBalancerNodePorts: true, ports: [{ targetPort: 9376 }] });
    expect(spec!.ports![0]!.nodePort).toBeGreaterThanOrEqual(30_000);
    expect(status!.loadBalancer ?? {}).toEqual({});
  });

  test("service-nodeport: one Service a node port", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await cluster.apply(example("deployment.yaml"));
    await expect(cluster.apply(example("service-nodeport.yaml"))).rejects.toThrow("provided port is already allocated");
    await cluster.client.of(serviceKind, "default").delete("nginx");
    await cluster.apply(example("service-nodeport.yaml"));
    await cluster.settled();
    expect(await addressesBehind(cluster, "my-service")).toEqual(await ips(eyes, "app=MyApp"));
  });
});

describe("examples before they were mended are refused as Kubernetes refuses them", () => {
  async function refusal(name: string): Promise<string> {
    await using cluster = await Cluster.start({ nodes: 0 });
    const error = await cluster.client
      .request(
        "POST",
        "/api/v1/namespaces/default/PLURAL?fieldValidation=Strict".replace("PLURAL", name === "configmap" ? "configmaps" : "services"),
        example(`unmended/${name}.yaml`),
        { contentType: "application/yaml" },
      )
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    return error instanceof StatusError ? `${error.reason}: ${error.message}` : String(error);
  }

  test("a number where a ConfigMap wants a string", async () => {
    expect(await refusal("configmap")).toBe(
      'BadRequest: ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    );
  });
  test("fields one level too far left", async () => {
    const message = await refusal("service-externalname");
    expect(message).toContain('BadRequest: Service in version "v1" cannot be handled as a Service: strict decoding error: ');
    for (const field of ["externalName", "name", "namespace", "type"]) expect(message).toContain(`unknown field "${field}"`);
  });
  test("an address outside the range", async () => {
    expect(await refusal("service-loadbalancer")).toBe(
      'Invalid: Service "my-service" is invalid: spec.clusterIPs: Invalid value: ["10.0.171.239"]: failed to allocate IP 10.0.171.239: the provided IP (10.0.171.239) is not in the valid range. The range of valid IPs is 10.96.0.0/16',
    );
  });
  test("a list that is no YAML", async () => {
    expect(await refusal("service-nodeport")).toMatch(/^BadRequest: .*yaml/);
  });
});
