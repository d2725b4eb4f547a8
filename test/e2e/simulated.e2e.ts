// A cluster without root and without containers: anybody's `timonier up --runtime simulated`.

import { chown, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installCopy } from "./installed-copy.ts";
import { outputOf, type Ran, run, until } from "./real-cluster.ts";

/** A user without any rights; the number of Debian's `nobody`. */
const nobody = 65_534;
const name = "e2e-simulated";
let home: string;
let program: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "timonier-home-"));
  await chown(home, nobody, nobody);
  // What runs is not where the sources are, and belongs to somebody else.
  program = await installCopy(join(home, "package"));
});
afterAll(async () => {
  await timonier("delete", "--name", name);
  await rm(home, { recursive: true, force: true });
});

function timonier(...words: readonly string[]): Promise<Ran> {
  const command = [
    "setpriv",
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    "--clear-groups",
    "env",
    "-i",
    `HOME=${home}`,
    `PATH=${process.env["PATH"]}`,
    program,
    ...words,
  ];
  return run(command, { cwd: join(home, "package"), timeoutMs: 90_000 });
}
const kubectl = (...words: readonly string[]): Promise<Ran> => timonier("kubectl", ...words);

test("anybody has a cluster below their home, and takes it away again", async () => {
  const refused = await timonier("up", "--name", name);
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining("needs root: try `sudo timonier up`, or `timonier up --runtime simulated`"),
  ]);
  const startedAt = performance.now();
  outputOf(await timonier("up", "--name", name, "--runtime", "simulated"));
  console.info(`up --runtime simulated took ${Math.round(performance.now() - startedAt)} ms`);
  expect(await stat(join(home, ".kube/config"))).toMatchObject({ uid: nobody });

  outputOf(await timonier("kubectl", "create", "deployment", "web", "--image=nginx:1.14.2", "--replicas=3"));
  await until(async () => outputOf(await kubectl("get", "pods")).match(/ 1\/1 +Running /g)?.length === 3);
  expect(outputOf(await kubectl("get", "nodes"))).toMatch(/ Ready /);
  outputOf(await kubectl("scale", "deployment/web", "--replicas=1"));
  await until(
    async () =>
      outputOf(await kubectl("get", "pods", "--no-headers"))
        .trim()
        .split("\n").length === 1,
  );

  outputOf(await timonier("down", "--name", name));
  outputOf(await timonier("up", "--name", name));
  await until(async () => /web +1\/1 /.test(outputOf(await kubectl("get", "deployments"))));
  outputOf(await timonier("delete", "--name", name));
  expect((await readdir(home)).filter((entry) => !["package", ".kube", ".local", ".npm"].includes(entry))).toEqual([]);
  expect(await readdir(join(home, ".kube"))).toEqual([]);
  const left = await run(["find", join(home, ".local"), "-type", "f"]);
  expect(left.out).toBe("");
});
