// A consumer's view of the npm package: packed, unpacked into another project, imported, type-checked and run there.

import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

const consumer = `
import { Cluster } from "timonier";
import { podKind, type core } from "timonier/kinds";

await using cluster = await Cluster.start({ nodes: 2, script: () => ({ log: ["hello"] }) });
const pod: core.Pod = { metadata: { name: "web" }, spec: { containers: [{ name: "web", image: "web:1" }] } };
await cluster.client.of(podKind, "default").create(pod);
await cluster.settled();
const { status } = await cluster.client.of(podKind, "default").get("web");
const phase: string | undefined = status?.phase;
await cluster.clock.advance(60_000);
console.log(phase, (await cluster.logs("web")).trim());
`;
const wrong = `
import { Cluster } from "timonier";
await using cluster = await Cluster.start({ nodes: "two" });
await cluster.clock.advance();
`;

describe("the packed package", { timeout: 60_000 }, () => {
  let directory: string;
  let project: string;
  const run = (command: string, args: readonly string[], cwd: string): string => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, HOME: directory } });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stdout}${stderr}`);
    return stdout;
  };
  const tsc = (): string => {
    const { stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", "."], { cwd: project, encoding: "utf8" });
    return stdout;
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "timonier-package-"));
    const staged = join(directory, "staged");
    project = join(directory, "project");
    const { dependencies, files } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
      files: readonly string[];
    };
    await mkdir(staged);
    for (const path of ["package.json", ...files.filter((name) => name !== "dist")])
      await cp(join(root, path), join(staged, path), { recursive: true });
    run(process.execPath, ["--import", "tsx", "tools/build.ts", "--types", "--out", join(staged, "dist")], root);
    const packed = run("npm", ["pack", "--ignore-scripts", "--silent", "--offline", staged], directory).trim();
    const installed = join(project, "node_modules/timonier");
    await mkdir(installed, { recursive: true });
    run("tar", ["-xzf", join(directory, packed), "-C", installed, "--strip-components=1"], directory);
    for (const name of Object.keys(dependencies)) {
      await mkdir(dirname(join(project, "node_modules", name)), { recursive: true });
      await symlink(join(root, "node_modules", name), join(project, "node_modules", name));
    }
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "consumer", type: "module", private: true }));
    const compilerOptions = {
      strict: true,
      target: "ES2022",
      module: "NodeNext",
      lib: ["ES2022", "ESNext.Disposable", "DOM"],
      types: [],
      outDir: "out",
    };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
  }, 60_000);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test("holds the launcher, the bundles and the declarations, and no sources or tests", async () => {
    const all = await readdir(join(project, "node_modules/timonier"), { recursive: true });
    expect(all).toEqual(
      expect.arrayContaining(["bin/timonier", "dist/cli.js", "dist/cluster.js", "dist/types/main/cluster.d.ts", "LICENSE", "README.md"]),
    );
    expect(all.filter((path) => /\.test\.|\.laws\./.test(path) || path.startsWith("src"))).toEqual([]);
  });

  test("is imported, checked with its own types, and runs", async () => {
    await writeFile(join(project, "main.ts"), consumer);
    expect(tsc()).toBe("");
    expect(run(process.execPath, ["out/main.js"], project)).toBe("Running hello\n");
  });

  test("its types refuse what is wrong", async () => {
    await writeFile(join(project, "main.ts"), wrong);
    const said = tsc();
    expect(said).toContain("Type 'string' is not assignable to type 'number'");
    expect(said).toContain("Expected 1 arguments, but got 0");
  });
});
