// Golden pairs: what goes in (NAME.in.yaml, or an example) and every object that a settled cluster makes of it (NAME.out.yaml).
// After a wanted change: `npx vitest run test/golden -u`, and read the difference.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtinKinds } from "../../src/kinds/all.ts";
import { eventKind } from "../../src/kinds/core/event.ts";
import { Cluster } from "../../src/main/cluster.ts";
import type { ApiObject } from "../../src/object/kind.ts";
import { formatYaml } from "../../src/wire/yaml.ts";
import { Symbols } from "./symbolic.ts";

const shown = ["Deployment", "ReplicaSet", "Pod", "Service", "Endpoints", "EndpointSlice", "ConfigMap", "Secret", "ServiceAccount"];
const examples = join(import.meta.dirname, "../../examples");
const inputs: readonly (readonly [name: string, path: string])[] = [
  ...["deployment", "replicaset", "configmap", "secret", "service-clusterip"].map(
    (name) => [name, join(examples, `${name}.yaml`)] as const,
  ),
  ...readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(".in.yaml"))
    .map((file) => [file.slice(0, -".in.yaml".length), join(import.meta.dirname, file)] as const),
];

/** How many steps took a slice to where it is depends on who spoke first; where it is does not. */
function withoutGeneration(object: ApiObject): ApiObject {
  const { generation: _, ...metadata } = object.metadata!;
  return { ...object, metadata };
}

test.each(inputs)("%s", async (name, path) => {
  const input = readFileSync(path, "utf8");
  // Which of several pods would pull an image for the others is nothing to rely on, so all are there.
  const images = [...input.matchAll(/\bimage: "?([^\s",}]+)/g)].map(([, image]) => image!);
  await using cluster = await Cluster.start({ nodes: 1, images });
  const startMs = cluster.clock.now();
  await cluster.apply(input);
  await cluster.settled();
  await cluster.clock.advance(30_000);
  const symbols = new Symbols(startMs);
  const objects: ApiObject[] = [];
  for (const kind of shown) {
    const record = builtinKinds.find((one) => one.kind === kind && one.group !== "events.k8s.io")!;
    for (const object of (await cluster.client.of(record, "default").list()).items) {
      if (["kubernetes", "default", "kube-root-ca.crt"].includes(object.metadata!.name!)) continue;
      objects.push(kind === "EndpointSlice" ? withoutGeneration(object) : object);
      // Generated names: a hash of the template, letters drawn for each pod.
      const { name: given = "", generateName, labels } = object.metadata!;
      symbols.name(labels?.["pod-template-hash"] ?? "", "HASH");
      if (generateName !== undefined) symbols.name(given.slice(generateName.length), "RANDOM");
    }
  }
  const text = objects.map((object) => symbols.format(object)).join("---\n");
  // Events that happen at one instant have no order that anybody may rely on.
  const events = (await cluster.client.of(eventKind, "default").list()).items
    .filter(({ involvedObject }) => involvedObject.kind !== "Node")
    .map(({ involvedObject: { kind, name: about, fieldPath }, type, reason, message, count, source }) =>
      symbols.text(
        `${kind}/${about}${fieldPath ? ` ${fieldPath}` : ""}: ${type} ${reason}: ${message} (x${count ?? 1}, ${source?.component})`,
      ),
    )
    .toSorted();
  await expect(`# From ${name}; written by \`npx vitest run test/golden -u\`.\n${text}---\n${formatYaml({ events })}`).toMatchFileSnapshot(
    `${name}.out.yaml`,
  );
});
