import { expect, it } from "vitest";
import { checkPackages } from "./check-packages.ts";

const declared = { name: "timonier", dependencies: { lmdb: "1", "@grpc/grpc-js": "1" }, devDependencies: { vitest: "1" } };
const used = { path: "src/host/b.ts", text: 'import { open } from "lmdb";\nimport * as grpc from "@grpc/grpc-js";\nimport "node:fs";\n' };

it("accepts what is declared, and a test that imports a development package or the package itself", () => {
  const test = { path: "src/host/b.test.ts", text: 'import { it } from "vitest";\nimport "lmdb";\nimport { Cluster } from "timonier";\n' };
  expect(checkPackages([used, test], declared)).toEqual([]);
});

it("refuses a product file that imports a development package, and anybody who imports an undeclared one", () => {
  const product = { path: "src/host/a.ts", text: 'import { it } from "vitest";\n' };
  const bench = { path: "bench/a.ts", text: '\nimport etcd from "etcd3/lib";\n' };
  expect(checkPackages([used, product, bench], declared)).toEqual([
    { path: "src/host/a.ts", line: 1, message: 'package "vitest" is not among the dependencies of package.json' },
    { path: "bench/a.ts", line: 2, message: 'package "etcd3" is not among the dependencies or devDependencies of package.json' },
  ]);
});

it("refuses a dependency that only tests import", () => {
  const test = { path: "src/host/a.test.ts", text: 'import "semver";\n' };
  expect(checkPackages([used, test], { ...declared, dependencies: { ...declared.dependencies, semver: "1" } })).toEqual([
    { path: "package.json", line: 1, message: 'nothing in src/ imports "semver"; take it out of dependencies' },
  ]);
});
