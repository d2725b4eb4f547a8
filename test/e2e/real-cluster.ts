// A whole cluster on the real machine, made by `timonier up` with the tests' registry behind it, and taken away by
// `timonier delete` however a test ends.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient } from "../../src/client/client.ts";
import { parseKubeconfig, resolveContext } from "../../src/client/kubeconfig.ts";
import type { ClusterConfig } from "../../src/cluster/cluster-config.ts";
import { clusterLayout, type ClusterLayout } from "../../src/cluster/layout.ts";
import { createDialer, type Dialer } from "../../src/host/http/dial.ts";
import { findProgram } from "../../src/host/node/packages.ts";
import { builtinKinds } from "../../src/kinds/all.ts";
import { podKind } from "../../src/kinds/core/pod.ts";
import type { Container, ContainerStatus, Pod } from "../../src/kinds/core/types.gen.ts";
import { KindRegistry } from "../../src/object/kind-registry.ts";
import type { ApiObject, Kind } from "../../src/object/kind.ts";
import { StatusError } from "../../src/object/status.ts";
import { parseYamlDocuments } from "../../src/wire/yaml.ts";
import type { TestRegistry } from "../registry/registry.ts";
import { startRegistry } from "../registry/registry.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
/** The launcher under test; another build's, to test an installed package. */
export const launcher = process.env["TIMONIER_LAUNCHER"] ?? join(checkout, "bin/timonier");
const kinds = new KindRegistry(builtinKinds);

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, whatever its exit code. A program that hangs is killed after `timeoutMs`. */
export async function run(
  command: readonly string[],
  options: { readonly input?: string; readonly environment?: NodeJS.ProcessEnv; readonly timeoutMs?: number; readonly cwd?: string } = {},
): Promise<Ran> {
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...options.environment },
    cwd: options.cwd ?? checkout,
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 60_000);
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  child.stdin.on("error", () => undefined); // it may end without reading everything
  child.stdin.end(options.input ?? "");
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  return { code: code ?? 255, out, err };
}

/** @throws Error with what the program said when it fails */
export function outputOf(ran: Ran): string {
  if (ran.code !== 0) throw new Error(`exit code ${ran.code}: ${ran.err}${ran.out}`);
  return ran.out;
}

/** Asks again and again until there is an answer; errors while asking count as none. @throws Error when there is none in time */
export async function until<T>(what: () => Promise<T | undefined | false>, withinMs = 30_000, everyMs = 50): Promise<T> {
  const limit = performance.now() + withinMs;
  for (let last: unknown = "no answer"; ;) {
    try {
      const value = await what();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > limit) {
      throw new Error(`not within ${withinMs} ms: ${last instanceof Error ? last.message : String(last)}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

export interface RealClusterOptions {
  /** More words for `up`. */
  readonly arguments?: readonly string[];
  /** Images to serve; all by default. */
  readonly recipes?: readonly string[];
  /** Instead of the plain mirrors of the tests' registry. */
  readonly registries?: (registry: TestRegistry) => string;
  /** What the kubeconfig holds already. */
  readonly kubeconfig?: string;
}

export class RealCluster implements AsyncDisposable {
  readonly name: string;
  readonly directory: string;
  readonly registry: TestRegistry;
  readonly #dialer: Dialer = createDialer();
  readonly #children = new Set<ChildProcess>();
  #client: Client | undefined;
  #upMs = 0;

  private constructor(name: string, directory: string, registry: TestRegistry) {
    this.name = name;
    this.directory = directory;
    this.registry = registry;
  }

  /** @throws Error when a cluster of this name is there already: it is somebody's */
  static async start(name: string, options: RealClusterOptions = {}): Promise<RealCluster> {
    const present = await run([launcher, "status", "--name", name]);
    if (!present.err.includes("there is no cluster")) {
      throw new Error(`a cluster named ${name} is on this machine already; these tests need the name: timonier delete --name ${name}`);
    }
    const directory = await mkdtemp(join(tmpdir(), "timonier-cluster-"));
    const registry = await startRegistry(options.recipes === undefined ? {} : { recipes: options.recipes });
    const cluster = new RealCluster(name, directory, registry);
    try {
      await writeFile(cluster.registriesFile, options.registries?.(registry) ?? registry.registriesYaml);
      if (options.kubeconfig !== undefined) await writeFile(cluster.kubeconfig, options.kubeconfig);
      const startedAt = performance.now();
      outputOf(await cluster.up(...(options.arguments ?? [])));
      cluster.#upMs = performance.now() - startedAt;
      return cluster;
    } catch (error) {
      const logs = await cluster.timonier("logs", "--name", name, "--tail", "20");
      await cluster[Symbol.asyncDispose]();
      throw new Error(`${(error as Error).message}\n${logs.out}`, { cause: error });
    }
  }

  get kubeconfig(): string {
    return join(this.directory, "kubeconfig");
  }
  get registriesFile(): string {
    return join(this.directory, "registries.yaml");
  }
  /** How long the first `up` took. */
  get upMs(): number {
    return this.#upMs;
  }

  timonier(...words: readonly string[]): Promise<Ran> {
    return run([launcher, ...words], { environment: { KUBECONFIG: this.kubeconfig }, timeoutMs: 120_000 });
  }
  up(...words: readonly string[]): Promise<Ran> {
    // After a delete the new cluster has another authority.
    this.#client = undefined;
    return this.timonier("up", "--name", this.name, "--registries", this.registriesFile, ...words);
  }

  /** The real kubectl where there is one, else ours. */
  async kubectl(words: readonly string[], options: { readonly input?: string; readonly timeoutMs?: number } = {}): Promise<Ran> {
    return await run([...(await kubectlProgram()), ...words], { ...options, environment: { KUBECONFIG: this.kubeconfig } });
  }

  /** A kubectl that goes on; it ends with the cluster at the latest. */
  async startKubectl(words: readonly string[]): Promise<{ readonly child: ChildProcess; readonly said: () => string }> {
    const [program, ...first] = await kubectlProgram();
    const child = spawn(program!, [...first, ...words], { env: { ...process.env, KUBECONFIG: this.kubeconfig }, cwd: checkout });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.stdin.on("error", () => undefined);
    this.#children.add(child);
    child.once("close", () => this.#children.delete(child));
    return { child, said: () => said };
  }

  /** As the administrator of the kubeconfig. */
  async client(): Promise<Client> {
    if (this.#client) return this.#client;
    const { cluster, user } = resolveContext(parseKubeconfig(await readFile(this.kubeconfig, "utf8")))!;
    const decode = (data: unknown): string => Buffer.from(String(data), "base64").toString();
    const url = new URL(cluster.server!);
    const exchange = this.#dialer.dial(
      { scheme: "https", host: url.hostname, port: Number(url.port) },
      { caPem: decode(cluster["certificate-authority-data"]) },
      { certificatePem: decode(user["client-certificate-data"]), keyPem: decode(user["client-key-data"]) },
    );
    return (this.#client = createClient(exchange, { userAgent: "e2e" }));
  }

  async config(): Promise<ClusterConfig> {
    return JSON.parse(await readFile(join(this.#anyLayout().names.dataDir, "cluster.json"), "utf8")) as ClusterConfig;
  }
  async layout(): Promise<ClusterLayout> {
    return clusterLayout(this.name, (await this.config()).slot);
  }
  /** Directories do not depend on the slot. */
  #anyLayout(): ClusterLayout {
    return clusterLayout(this.name, this.name === "timonier" ? 0 : 1);
  }

  /** Process id of a component. */
  async pidOf(component: "server" | "agent" | "containerd" | "supervisor"): Promise<number> {
    return Number((await readFile(join(this.#anyLayout().names.runDir, `${component}.pid`), "utf8")).split(" ")[0]);
  }

  async create<T extends ApiObject>(object: T): Promise<T> {
    const kind = kindOf(object);
    const namespace = kind.namespaced ? (object.metadata?.namespace ?? "default") : "";
    return (await (await this.client()).of(kind, namespace).create(object)) as T;
  }
  /** Creates every object of a YAML text. */
  async createAll(yaml: string): Promise<void> {
    for (const { value } of parseYamlDocuments(yaml)) await this.create(value as ApiObject);
  }

  async pod(name: string, namespace = "default"): Promise<Pod> {
    return await (await this.client()).of(podKind, namespace).get(name);
  }
  /** The pod once it is as wanted. @throws Error with its status when it is not in time */
  async untilPod(name: string, is: (pod: Pod) => boolean, withinMs = 30_000, namespace = "default"): Promise<Pod> {
    let last: Pod | undefined;
    try {
      return await until(async () => {
        last = await this.pod(name, namespace);
        return is(last) ? last : undefined;
      }, withinMs);
    } catch (error) {
      throw new Error(`pod ${name} is not as wanted: ${JSON.stringify(last?.status, undefined, 1)}`, { cause: error });
    }
  }
  async startPod(name: string, container: Partial<Container>, spec: Partial<NonNullable<Pod["spec"]>> = {}): Promise<Pod> {
    await this.create(podOf(name, container, spec));
    return await this.untilPod(name, isReady);
  }

  /** What `sh -c` prints in a container; its errors too. */
  async sh(pod: string, script: string, options: { readonly timeoutMs?: number } = {}): Promise<string> {
    return outputOf(await this.kubectl(["exec", pod, "--", "sh", "-c", `exec 2>&1; ${script}`], options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await this.#dialer[Symbol.asyncDispose]();
    const deleted = await this.timonier("delete", "--name", this.name);
    await this.registry[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true });
    outputOf(deleted);
  }
}

export function kindOf(object: ApiObject): Kind {
  const [version, group = ""] = (object.apiVersion ?? "").split("/").toReversed();
  const kind = kinds.byKind(group, version!, object.kind ?? "");
  if (!kind) throw new StatusError("NotFound", `no kind ${object.apiVersion} ${object.kind}`);
  return kind;
}

/** A pod of one container, `main`, on busybox unless said otherwise; it ends at once when it is asked to. */
export function podOf(name: string, container: Partial<Container>, spec: Partial<NonNullable<Pod["spec"]>> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "main", image: "busybox:1.28", command: ["sleep", "3600"], ...container } as Container],
      ...spec,
    },
  };
}

export const containerOf = (pod: Pod, name = "main"): ContainerStatus | undefined =>
  pod.status?.containerStatuses?.find((status) => status.name === name);
export const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ?? false;
export const isRunning = (pod: Pod): boolean => pod.status?.phase === "Running";

let program: Promise<readonly string[]> | undefined;
function kubectlProgram(): Promise<readonly string[]> {
  return (program ??= findProgram("kubectl").then((path) => (path === undefined ? [launcher, "kubectl"] : [path])));
}
