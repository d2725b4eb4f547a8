import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import * as fs from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { extract } from "tar-stream";
import { cpuWeight } from "./cgroups.ts";
import { hostFiles } from "./files.ts";
import { createHostInfo, parseResolvConf } from "./host-info.ts";
import { parseMountInfo } from "./mount-table.ts";
import { buildOciArchive } from "./oci-archive.ts";
import { installCommand } from "./packages.ts";
import { hostProbeDial } from "./probe-dial.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);

describe("files", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await fs.mkdtemp(join(tmpdir(), "timonier-files-"));
  });
  afterEach(async () => {
    await fs.rm(directory, { recursive: true });
  });

  test("directories and files have the mode that was asked for, whatever the umask", async () => {
    const before = process.umask(0o077);
    try {
      const deep = join(directory, "a/b");
      await hostFiles.mkdir(deep, 0o755);
      await hostFiles.mkdir(deep, 0o700);
      expect((await hostFiles.stat(join(directory, "a")))!.mode).toBe(0o755);
      expect((await hostFiles.stat(deep))!.mode).toBe(0o755);
      await hostFiles.writeFile(join(deep, "f"), bytes("one"), { mode: 0o4777 });
      expect(await hostFiles.stat(join(deep, "f"))).toMatchObject({ type: "file", mode: 0o4777, sizeBytes: 3 });
    } finally {
      process.umask(before);
    }
  });

  test("a file is replaced whole, and nothing else stays", async () => {
    const path = join(directory, "f");
    await hostFiles.writeFile(path, bytes("old"), { mode: 0o600 });
    await using open = (await hostFiles.open(path))!;
    await hostFiles.writeFile(path, bytes("newer"), { mode: 0o644 });
    expect(textOf(await open.read(0, 100))).toBe("old");
    expect(textOf(await hostFiles.readFile(path))).toBe("newer");
    expect((await hostFiles.stat(path))!.identity).not.toBe(open.identity);
    await expect(hostFiles.writeFile(join(directory, "no/f"), bytes(""), { mode: 0o600 })).rejects.toThrow("ENOENT");
    expect(await hostFiles.list(directory)).toEqual(["f"]);
  });

  test("what is absent is undefined, empty or fine", async () => {
    const path = join(directory, "none");
    expect(await hostFiles.readFile(path)).toBeUndefined();
    expect(await hostFiles.stat(path)).toBeUndefined();
    expect(await hostFiles.lstat(path)).toBeUndefined();
    expect(await hostFiles.open(path)).toBeUndefined();
    expect(await hostFiles.realPath(path)).toBeUndefined();
    expect(await hostFiles.readLink(path)).toBeUndefined();
    expect(await hostFiles.list(path)).toEqual([]);
    await hostFiles.remove(path);
    await hostFiles.unmount(path);
  });

  test("reads the start or the end of a file", async () => {
    const path = join(directory, "f");
    await hostFiles.writeFile(path, bytes("0123456789"), { mode: 0o600 });
    expect(textOf(await hostFiles.readFile(path, { limitBytes: 3 }))).toBe("012");
    expect(textOf(await hostFiles.readFile(path, { limitBytes: 3, fromEnd: true }))).toBe("789");
    expect(textOf(await hostFiles.readFile(path, { limitBytes: 30, fromEnd: true }))).toBe("0123456789");
  });

  test("links are swapped by renaming, and followed only on demand", async () => {
    await hostFiles.mkdir(join(directory, "v1"), 0o755);
    await hostFiles.symlink("v1", join(directory, "..data_tmp"));
    await hostFiles.rename(join(directory, "..data_tmp"), join(directory, "..data"));
    expect(await hostFiles.readLink(join(directory, "..data"))).toBe("v1");
    expect(await hostFiles.readLink(join(directory, "v1"))).toBeUndefined();
    expect((await hostFiles.lstat(join(directory, "..data")))!.type).toBe("symlink");
    expect((await hostFiles.stat(join(directory, "..data")))!.type).toBe("directory");
  });

  test("removes a tree without following links out of it", async () => {
    await hostFiles.mkdir(join(directory, "keep"), 0o755);
    await hostFiles.writeFile(join(directory, "keep/f"), bytes("x"), { mode: 0o600 });
    await hostFiles.mkdir(join(directory, "tree/deep"), 0o755);
    await hostFiles.symlink(join(directory, "keep"), join(directory, "tree/deep/link"));
    await hostFiles.remove(join(directory, "tree"));
    expect(await hostFiles.list(directory)).toEqual(["keep"]);
    expect(await hostFiles.list(join(directory, "keep"))).toEqual(["f"]);
  });

  test("measures hard links once", async () => {
    await fs.writeFile(join(directory, "big"), Buffer.alloc(1 << 20, 1));
    const one = await hostFiles.usage(directory);
    await fs.link(join(directory, "big"), join(directory, "same"));
    expect(await hostFiles.usage(directory)).toEqual(one);
    expect(one.usedBytes).toBeGreaterThanOrEqual(1 << 20);
    expect(one.inodesUsed).toBe(2);
    const space = await hostFiles.space(directory);
    expect(space.availableBytes).toBeLessThanOrEqual(space.capacityBytes);
  });

  test("tells that a file grew, appeared or was replaced; nothing else wakes it", async () => {
    const path = join(directory, "log");
    const stop = new AbortController();
    const changes = hostFiles.changes(path, stop.signal)[Symbol.asyncIterator]();
    const next = changes.next();
    await fs.writeFile(path, "1");
    expect((await next).done).toBe(false);
    const drained = changes.next();
    stop.abort();
    await drained;
    expect((await changes.next()).done).toBe(true);
  });

  test("falls back to looking where there is nothing to watch yet", async () => {
    const stop = new AbortController();
    const changes = hostFiles.changes(join(directory, "later/log"), stop.signal)[Symbol.asyncIterator]();
    expect((await changes.next()).done).toBe(false);
    stop.abort();
    expect((await changes.next()).done).toBe(true);
  });

  test.runIf(process.getuid?.() === 0)("gives a volume to a group, the root last", async () => {
    const volume = join(directory, "v");
    await hostFiles.mkdir(join(volume, "d"), 0o700);
    await hostFiles.writeFile(join(volume, "d/f"), bytes("x"), { mode: 0o600 });
    await hostFiles.giveToGroup(volume, 2000, { onRootMismatch: true, readonly: false });
    expect(await hostFiles.stat(volume)).toMatchObject({ gid: 2000, mode: 0o2770 });
    expect(await hostFiles.stat(join(volume, "d/f"))).toMatchObject({ gid: 2000, mode: 0o660 });
    await hostFiles.chmod(join(volume, "d/f"), 0o600);
    await hostFiles.giveToGroup(volume, 2000, { onRootMismatch: true, readonly: false });
    expect((await hostFiles.stat(join(volume, "d/f")))!.mode).toBe(0o600);
    await hostFiles.giveToGroup(volume, 2000, { onRootMismatch: false, readonly: true });
    expect((await hostFiles.stat(join(volume, "d/f")))!.mode).toBe(0o640);
  });
});

test("mount table: escapes, propagation, options", () => {
  const text = [
    "36 35 98:0 /a /mnt/with\\040blank rw,noatime shared:7 master:1 - ext3 /dev/root rw,errors=continue",
    "37 35 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
    "",
  ].join("\n");
  expect(parseMountInfo(text)).toEqual([
    { mountPoint: "/mnt/with blank", fsType: "ext3", shared: true, superOptions: "rw,errors=continue" },
    { mountPoint: "/sys/fs/cgroup/cpu,cpuacct", fsType: "cgroup", shared: false, superOptions: "rw,cpu,cpuacct" },
  ]);
});

test("CPU shares on version 2's scale", () => {
  expect([2, 1024, 262_144, 0].map(cpuWeight)).toEqual([1, 39, 10_000, 1]);
});

test("resolv.conf: the last search counts, comments do not", () => {
  const text =
    "# nameserver 9.9.9.9\nsearch a.example\nnameserver 1.1.1.1 ; first\nnameserver ::1\nsearch b.example .\noptions ndots:2 rotate\n";
  expect(parseResolvConf(text)).toEqual({ servers: ["1.1.1.1", "::1"], searches: ["b.example"], options: ["ndots:2", "rotate"] });
});

test("the machine's facts and load are plausible", async () => {
  const host = createHostInfo();
  const [facts, load] = await Promise.all([host.facts(), host.load()]);
  expect(facts.cpus).toBeGreaterThan(0);
  expect(facts.memoryBytes).toBeGreaterThan(1 << 27);
  expect(facts.operatingSystem).toBe("linux");
  expect(load.memoryAvailableBytes + load.memoryWorkingSetBytes).toBe(facts.memoryBytes);
  expect(load.processes).toBeGreaterThan(0);
  expect(load.startedAtMs).toBeLessThan(Date.now());
});

test("an image archive is the same twice and names its image", async () => {
  const content = {
    name: "timonier.local/x:1",
    architecture: "amd64",
    files: [{ path: "program", bytes: bytes("#!"), mode: 0o755 }],
    config: { Entrypoint: ["/program"] },
  };
  const archive = await buildOciArchive(content);
  expect(await buildOciArchive(content)).toEqual(archive);
  const files = new Map<string, string>();
  const reader = extract();
  reader.end(Buffer.from(archive));
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files.set(entry.header.name, Buffer.concat(chunks).toString());
  }
  const index = JSON.parse(files.get("index.json")!) as { manifests: { digest: string; annotations: object }[] };
  expect(index.manifests[0]!.annotations).toEqual({ "io.containerd.image.name": "timonier.local/x:1" });
  const manifest = JSON.parse(files.get(`blobs/sha256/${index.manifests[0]!.digest.slice(7)}`)!) as { layers: { digest: string }[] };
  expect(files.get(`blobs/sha256/${manifest.layers[0]!.digest.slice(7)}`)).toContain("#!");
});

test("installing never removes anything", () => {
  expect(installCommand(["runc", "nftables"]).join(" ")).toBe("apt-get install --no-remove --no-install-recommends -y runc nftables");
});

describe("probes", () => {
  test("end with their signal while the server says nothing", async () => {
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const signal = AbortSignal.timeout(50);
    const request = { scheme: "http", host: "127.0.0.1", port, target: "/", headers: [] } as const;
    await expect(hostProbeDial.http(request, signal)).rejects.toThrow("aborted due to timeout");
    await expect(hostProbeDial.grpc("127.0.0.1", port, "", AbortSignal.timeout(50))).rejects.toThrow();
    await hostProbeDial.tcp("127.0.0.1", port, AbortSignal.timeout(1000));
    server.close();
    server.unref();
  });

  test("speak gRPC's health protocol", async () => {
    const server = new Server();
    const identity = (bytes: Buffer): Buffer => bytes;
    const path = "/grpc.health.v1.Health/Check";
    const method = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    };
    server.addService({ Check: method } as never, {
      Check: (call: { request: Buffer }, reply: (error: object | null, answer?: Buffer) => void) => {
        const service = call.request.subarray(2).toString();
        if (service === "none") reply({ code: status.NOT_FOUND, details: "unknown service" });
        else reply(null, Buffer.from([8, service === "ill" ? 2 : 1]));
      },
    });
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    const never = new AbortController().signal;
    expect(await hostProbeDial.grpc("127.0.0.1", port, "", never)).toBe("SERVING");
    expect(await hostProbeDial.grpc("127.0.0.1", port, "ill", never)).toBe("NOT_SERVING");
    expect(await hostProbeDial.grpc("127.0.0.1", port, "none", never)).toBe("SERVICE_UNKNOWN");
    server.forceShutdown();
  });

  test("say why nobody answers", async () => {
    const never = new AbortController().signal;
    await expect(hostProbeDial.tcp("127.0.0.1", 1, never)).rejects.toThrow("dial tcp 127.0.0.1:1: connect: connection refused");
  });
});
