// The real kubectl against an embedded cluster, through the kubeconfig that it hands out. Left out where there is no kubectl.

import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Cluster } from "../../src/main/cluster.ts";
import { example } from "./eyes.ts";

const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;

describe.skipIf(!hasKubectl)("kubectl", { timeout: 60_000 }, () => {
  let cluster: Cluster;
  let directory: string;

  /** Runs to its end; virtual time stands still meanwhile. */
  function kubectl(args: readonly string[], input = ""): Promise<{ stdout: string; stderr: string; code: number | null }> {
    const env = { PATH: process.env["PATH"], HOME: directory, KUBECONFIG: join(directory, "config") };
    const child = spawn("kubectl", args, { env, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ stdout, stderr, code }));
    });
  }
  async function good(args: readonly string[], input?: string): Promise<string> {
    const { stdout, stderr, code } = await kubectl(args, input);
    expect({ stderr, code }, `kubectl ${args.join(" ")}`).toEqual({ stderr: "", code: 0 });
    return stdout;
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "timonier-kubectl-"));
    cluster = await Cluster.start({ nodes: 2, script: () => ({ log: ["hello from the simulation"] }) });
    await writeFile(join(directory, "config"), await cluster.kubeconfig(), { mode: 0o600 });
  }, 60_000);
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  test("get nodes", async () => {
    const lines = (await good(["get", "nodes"])).split("\n");
    expect(lines[0]).toMatch(/^NAME +STATUS +ROLES +AGE +VERSION/);
    expect(lines[1]).toMatch(/^node-1 +Ready +<none> +\S+ +v1\.36/);
  });

  test("apply, rollout status, get, wait", async () => {
    expect(await good(["apply", "-f", "-"], example("deployment.yaml"))).toBe(
      "deployment.apps/nginx-deployment created\nservice/nginx created\n",
    );
    await cluster.settled();
    expect(await good(["apply", "-f", "-"], example("deployment.yaml"))).toBe(
      "deployment.apps/nginx-deployment unchanged\nservice/nginx unchanged\n",
    );
    expect(await good(["rollout", "status", "deployment/nginx-deployment", "--timeout=20s"])).toBe(
      'deployment "nginx-deployment" successfully rolled out\n',
    );
    expect(await good(["get", "deployment", "nginx-deployment"])).toMatch(/nginx-deployment +3\/3 +3 +3 /);
    expect((await good(["get", "pods", "-l", "app=nginx", "-o", "jsonpath={.items[*].status.phase}"])).trim()).toBe(
      "Running Running Running",
    );
    expect(await good(["wait", "--for=condition=Available", "deployment/nginx-deployment", "--timeout=20s"])).toBe(
      "deployment.apps/nginx-deployment condition met\n",
    );
  });

  test("logs and exec reach the simulated container", async () => {
    const pod = (await good(["get", "pods", "-l", "app=nginx", "-o", "jsonpath={.items[0].metadata.name}"])).trim();
    expect(await good(["logs", pod])).toBe("hello from the simulation\n");
    expect(await good(["exec", pod, "--", "echo", "one", "two"])).toBe("one two\n");
    expect(await good(["exec", "-i", pod, "--", "cat"], "through the pipe")).toBe("through the pipe");
    const failed = await kubectl(["exec", pod, "--", "sh", "-c", "exit 7"]);
    expect(failed.code).toBe(7);
    expect(failed.stderr).toContain("command terminated with exit code 7");
  });

  test("scale, describe, delete", async () => {
    expect(await good(["scale", "deployment/nginx-deployment", "--replicas=1"])).toBe("deployment.apps/nginx-deployment scaled\n");
    await cluster.settled();
    expect(await good(["describe", "deployment", "nginx-deployment"])).toMatch(
      /Replicas: +1 desired \| 1 updated \| 1 total \| 1 available/,
    );
    expect(await good(["delete", "deployment", "nginx-deployment"])).toMatch(/^deployment\.apps "nginx-deployment" deleted/);
    await cluster.settled();
    const { stderr } = await kubectl(["get", "pods"]);
    expect(stderr).toBe("No resources found in default namespace.\n");
  });

  test("explain and api-resources come from the served documents", async () => {
    expect(await good(["explain", "deployment.spec.replicas"])).toMatch(
      /GROUP: +apps\nKIND: +Deployment\nVERSION: +v1\n\nFIELD: replicas <integer>/,
    );
    expect(await good(["api-resources", "--api-group=apps"])).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/);
  });

  test("what is wrong is told as kubectl's users know it", async () => {
    const { stderr, code } = await kubectl(["get", "pod", "nobody"]);
    expect({ stderr, code }).toEqual({ stderr: 'Error from server (NotFound): pods "nobody" not found\n', code: 1 });
    const refused = await kubectl(["apply", "-f", "-"], example("unmended/configmap.yaml"));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("cannot unmarshal number into Go struct field ConfigMap.data of type string");
  });
});
