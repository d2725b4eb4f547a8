// A registry for tests: Debian's docker-registry on a free loopback port, filled with the images of images/, and a
// registries.yaml that sends every registry name that the examples use to it. It stops with its disposal.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../src/host/run-program.ts";
import { pushLayout } from "./push-layout.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const mirrored = ["docker.io", "gcr.io", "k8s.gcr.io", "registry.k8s.io", "game.example", "test.example"];
const startTimeoutMs = 10_000;

export interface TestRegistry extends AsyncDisposable {
  /** "127.0.0.1:41234" */
  readonly address: string;
  readonly pid: number;
  /** Text of a registries.yaml whose mirrors lead here. */
  readonly registriesYaml: string;
  /** Full names of every image that can be pulled. */
  readonly images: readonly string[];
}

export interface TestRegistryOptions {
  /** Address to listen on; nodes in network namespaces of their own do not reach 127.0.0.1. */
  readonly host?: string;
  /** Recipes to build and push; all by default. */
  readonly recipes?: readonly string[];
}

/** @throws Error saying what to install when Debian's docker-registry is missing */
export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const host = options.host ?? "127.0.0.1";
  const program = "/usr/bin/docker-registry";
  await access(program).catch(() => {
    throw new Error("the tests' registry needs Debian's docker-registry: apt-get install --no-install-recommends docker-registry");
  });
  await runProgram(join(checkout, "images/build.sh"), options.recipes ?? []);

  const directory = await mkdtemp(join(tmpdir(), "timonier-registry-"));
  const storage = join(directory, "data");
  await mkdir(storage);
  const port = await freePort(host);
  const address = `${host}:${port}`;
  const config = {
    version: "0.1",
    log: { accesslog: { disabled: true }, level: "error" },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true }, maintenance: { uploadpurging: { enabled: false } } },
    http: { addr: address, secret: "for tests only" },
  };
  // JSON is YAML.
  await writeFile(join(directory, "config.yml"), JSON.stringify(config));
  const child = spawn(program, ["serve", join(directory, "config.yml")], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await answers(
      `http://${address}/v2/`,
      () => child.exitCode !== null,
      () => said,
    );
    const images = await fill(`http://${address}`, options.recipes);
    return { address, pid: child.pid!, registriesYaml: registriesYaml(address), images, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const layoutsDir = (): string => join(process.env["TIMONIER_IMAGE_CACHE"] ?? join(checkout, ".cache/images"), "layouts");

/** Where the image of a recipe lies, once the registry has been started with it. */
export const layoutOf = (recipe: string): string => join(layoutsDir(), recipe);

/** Each registry name keeps a path of its own here, so that docker.io/a/b and gcr.io/a/b stay two images. */
function registriesYaml(address: string): string {
  const lines = mirrored.flatMap((name) => [`  ${name}:`, "    endpoint:", `      - http://${address}/v2/${name}`]);
  return ["mirrors:", ...lines, ""].join("\n");
}

async function fill(registry: string, recipes: readonly string[] | undefined): Promise<readonly string[]> {
  const layouts = layoutsDir();
  const images: string[] = [];
  for (const recipe of recipes ?? (await readdir(layouts))) {
    const names = (await readFile(join(layouts, recipe, "names"), "utf8")).trim().split("\n");
    for (const name of names) {
      const colon = name.lastIndexOf(":");
      await pushLayout(join(layouts, recipe), registry, name.slice(0, colon), name.slice(colon + 1));
      images.push(name);
    }
  }
  return images;
}

async function answers(url: string, isOver: () => boolean, said: () => string): Promise<void> {
  const limit = performance.now() + startTimeoutMs;
  for (;;) {
    try {
      if ((await fetch(url)).ok) return;
    } catch (error) {
      if (isOver() || performance.now() > limit) throw new Error(`the registry does not start: ${said()}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
