// Pushes an OCI image layout to a registry by the distribution API: blobs that it lacks, then the manifest under a tag.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** `repository`: path below the registry, "library/nginx". @throws Error with the registry's answer */
export async function pushLayout(layout: string, registry: string, repository: string, tag: string): Promise<void> {
  const blob = (digest: string): Promise<Buffer> => readFile(join(layout, "blobs", digest.replace(":", "/")));
  const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8")) as { manifests: Descriptor[] };
  const descriptor = index.manifests[0]!;
  const manifestBytes = await blob(descriptor.digest);
  const manifest = JSON.parse(manifestBytes.toString()) as { config: Descriptor; layers: Descriptor[] };
  const base = `${registry}/v2/${repository}`;
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    if ((await fetch(`${base}/blobs/${digest}`, { method: "HEAD" })).status === 200) continue;
    const started = await expectStatus(await fetch(`${base}/blobs/uploads/`, { method: "POST" }), 202);
    const place = new URL(started.headers.get("location")!, registry);
    place.searchParams.set("digest", digest);
    const body = new Uint8Array(await blob(digest));
    await expectStatus(await fetch(place, { method: "PUT", body, headers: { "content-type": "application/octet-stream" } }), 201);
  }
  const headers = { "content-type": descriptor.mediaType };
  await expectStatus(await fetch(`${base}/manifests/${tag}`, { method: "PUT", body: new Uint8Array(manifestBytes), headers }), 201);
}

async function expectStatus(response: Response, status: number): Promise<Response> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`${response.url}: ${response.status} instead of ${status}: ${text}`);
  return response;
}
