// What is imported is declared where it belongs: what the product imports in `dependencies`, what only tests and tools import in
// either section; and nothing stands in `dependencies` that the product does not import.

import { type Finding, importsOf, isTest, packageOf, type SourceFile } from "./source.ts";

export interface PackageJson {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export function checkPackages(files: readonly SourceFile[], { name, dependencies = {}, devDependencies = {} }: PackageJson): Finding[] {
  const findings: Finding[] = [];
  const used = new Set<string>();
  for (const file of files) {
    const isProduct = file.path.startsWith("src/") && !isTest(file.path);
    for (const { specifier, line } of importsOf(file)) {
      const imported = packageOf(specifier);
      if (imported === undefined || imported === "node:" || imported === name) continue;
      if (isProduct) used.add(imported);
      if (Object.hasOwn(dependencies, imported) || (!isProduct && Object.hasOwn(devDependencies, imported))) continue;
      const section = isProduct ? "dependencies" : "dependencies or devDependencies";
      findings.push({ path: file.path, line, message: `package "${imported}" is not among the ${section} of package.json` });
    }
  }
  for (const dependency of Object.keys(dependencies)) {
    if (used.has(dependency)) continue;
    findings.push({ path: "package.json", line: 1, message: `nothing in src/ imports "${dependency}"; take it out of dependencies` });
  }
  return findings;
}
