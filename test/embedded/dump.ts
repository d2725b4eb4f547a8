// Every object of a cluster as text, found by discovery: two runs are the same when their dumps are.

import type { Cluster } from "../../src/main/cluster.ts";
import type { ApiObject } from "../../src/object/kind.ts";

interface GroupVersion {
  readonly groupVersion: string;
}
interface Resource {
  readonly name: string;
  readonly verbs: readonly string[];
}

/** One line an object. The CA is drawn anew for each cluster, since real peers must trust it, so it is left out. */
export async function dump(cluster: Cluster): Promise<string> {
  const { client } = cluster;
  const { groups } = await client.request<{ groups: readonly { readonly versions: readonly GroupVersion[] }[] }>("GET", "/apis");
  const paths = ["/api/v1", ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`))];
  const lines: string[] = [];
  for (const path of paths) {
    const { resources } = await client.request<{ resources: readonly Resource[] }>("GET", path);
    for (const { name } of resources.filter(({ verbs }) => verbs.includes("list"))) {
      const { items } = await client.request<{ items: readonly ApiObject[] }>("GET", `${path}/${name}`);
      for (const item of items) lines.push(`${path}/${name} ${JSON.stringify(item)}`);
    }
  }
  return lines.join("\n").replaceAll(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/g, "CERTIFICATE");
}
