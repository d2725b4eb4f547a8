// A small OCI image as a tar archive that `ctr images import` reads: image layout 1.0 with one uncompressed layer.

import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

export interface ImageFile {
  /** Without a leading slash. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}
export interface ImageContent {
  /** Full name with tag. */
  readonly name: string;
  /** As Go names it: "amd64". */
  readonly architecture: string;
  readonly files: readonly ImageFile[];
  /** The OCI image configuration's `config`. */
  readonly config: Readonly<Record<string, unknown>>;
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** The same content gives the same bytes. */
export async function buildOciArchive(content: ImageContent): Promise<Uint8Array> {
  const layer = await tar(content.files);
  const config = json({
    architecture: content.architecture,
    os: "linux",
    config: content.config,
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    history: [{ created_by: "timonier" }],
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: describe("application/vnd.oci.image.config.v1+json", config),
    layers: [describe("application/vnd.oci.image.layer.v1.tar", layer)],
  });
  const index = json({
    schemaVersion: 2,
    manifests: [
      {
        ...describe("application/vnd.oci.image.manifest.v1+json", manifest),
        platform: { architecture: content.architecture, os: "linux" },
        annotations: { "io.containerd.image.name": content.name },
      },
    ],
  });
  const blobs = [layer, config, manifest].map((bytes) => ({ path: `blobs/sha256/${digestOf(bytes).slice(7)}`, bytes, mode: 0o644 }));
  return await tar([
    { path: "oci-layout", bytes: json({ imageLayoutVersion: "1.0.0" }), mode: 0o644 },
    { path: "index.json", bytes: index, mode: 0o644 },
    ...blobs,
  ]);
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function describe(mediaType: string, bytes: Uint8Array): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

async function tar(files: readonly ImageFile[]): Promise<Uint8Array> {
  const archive = pack();
  for (const { path, bytes, mode } of files) {
    archive.entry({ name: path, mode, mtime: new Date(0), uid: 0, gid: 0 }, Buffer.from(bytes));
  }
  archive.finalize();
  return await buffer(archive as unknown as NodeJS.ReadableStream);
}
