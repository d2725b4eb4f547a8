import { describe, expect, test } from "vitest";
import { readPodRanges, renderCniConflist } from "./cni-config.ts";
import { renderContainerdConfig, sandboxImage } from "./containerd-config.ts";
import { nodeNames } from "./node-names.ts";
import { readRegistries, renderRegistries } from "./registries.ts";
import { wantedSysctls } from "./sysctls.ts";
import { formatToml } from "./toml.ts";

describe("names", () => {
  test("the default cluster keeps pods where charts look for them, others keep theirs", () => {
    const names = nodeNames({ cluster: "timonier" });
    expect(names).toMatchObject({
      dataDir: "/var/lib/timonier",
      runDir: "/run/timonier",
      kubeletDir: "/var/lib/kubelet",
      podLogsDir: "/var/log/pods",
      containerLogsDir: "/var/log/containers",
      containerdSocket: "/run/timonier/containerd.sock",
      bridge: "timonier0",
      cgroupRoot: "/kubepods",
      nftTable: "timonier",
    });
    const named = nodeNames({ cluster: "shop" });
    expect(named.kubeletDir).toBe("/var/lib/timonier-shop/kubelet");
    expect(named.cgroupRoot).toBe("/timonier-shop/kubepods");
    expect(named.bridge).toBe("tm-shop");
  });

  test("no two clusters or nodes share a name, and interfaces fit the kernel", () => {
    const places = [
      { cluster: "timonier" },
      { cluster: "timonier", node: "a" },
      { cluster: "a-very-long-name-of-a-cluster-1" },
      { cluster: "a-very-long-name-of-a-cluster-2" },
      { cluster: "a-very-long-name-of-a-cluster-1", node: "a-very-long-name-of-a-node" },
      { cluster: "shop", node: "n1" },
      { cluster: "shop", node: "n2" },
      { cluster: "shop" },
    ];
    const all = places.map(nodeNames);
    for (const field of [
      "dataDir",
      "runDir",
      "bridge",
      "cgroupRoot",
      "nftTable",
      "containerdSocket",
      "networkName",
      "kubeletDir",
    ] as const) {
      expect(new Set(all.map((names) => names[field])).size).toBe(places.length);
    }
    for (const { bridge } of all) expect(bridge).toMatch(/^[a-z][a-z0-9.-]{0,14}$/);
  });

  test("refuses what is no name", () => {
    expect(() => nodeNames({ cluster: "../etc" })).toThrow(RangeError);
    expect(() => nodeNames({ cluster: "shop", node: "A b" })).toThrow("node name");
  });

  test("everything may lie below another root", () => {
    const paths = Object.entries(nodeNames({ cluster: "timonier", root: "/tmp/x" })).filter(([, value]) => value.startsWith("/"));
    expect(paths.filter(([name, value]) => !value.startsWith("/tmp/x/") && name !== "cgroupRoot")).toEqual([]);
  });
});

describe("containerd's configuration", () => {
  const options = {
    names: nodeNames({ cluster: "shop" }),
    snapshotter: "overlayfs",
    runc: "/usr/sbin/runc",
    cniBinDir: "/usr/lib/cni",
    restrictOomScoreAdj: true,
    systemdCgroup: false,
    apparmor: false,
    majorVersion: 1,
  } as const;

  test("is private to the node", () => {
    const text = renderContainerdConfig({ ...options, credentials: [{ host: "r.example:5000", username: "u", password: 'p"w' }] });
    expect(text.startsWith('version = 2\nroot = "/var/lib/timonier-shop/containerd"\nstate = "/run/timonier-shop/containerd"\n')).toBe(
      true,
    );
    expect(text).toContain('[grpc]\naddress = "/run/timonier-shop/containerd.sock"\n');
    expect(text).toContain(`sandbox_image = "${sandboxImage}"`);
    expect(text).toContain("restrict_oom_score_adj = true");
    expect(text).toContain('[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\nBinaryName = "/usr/sbin/runc"\n');
    expect(text).toContain(
      '[plugins."io.containerd.grpc.v1.cri".registry.configs."r.example:5000".auth]\nusername = "u"\npassword = "p\\"w"\n',
    );
    for (const [, path] of text.matchAll(/"(\/[^"]*)"/g)) expect(path).toMatch(/timonier-shop|^\/usr\//);
  });

  test("version 2 has its plugins under other names", () => {
    const text = renderContainerdConfig({ ...options, majorVersion: 2 });
    expect(text).toContain("version = 3\n");
    expect(text).toContain(`[plugins."io.containerd.cri.v1.images".pinned_images]\nsandbox = "${sandboxImage}"\n`);
    expect(text).toContain('bin_dir = "/usr/lib/cni"');
  });
});

test("the pod network is a bridge with addresses from the node's ranges", () => {
  const names = nodeNames({ cluster: "shop" });
  const text = renderCniConflist({ names, podCidrs: ["10.244.1.0/24", "fd00:1::/64"], hostPorts: true, bandwidth: false, mtu: 1400 });
  expect(JSON.parse(text)).toEqual({
    cniVersion: "0.4.0",
    name: "timonier-shop",
    plugins: [
      {
        type: "bridge",
        bridge: "tm-shop",
        isGateway: true,
        hairpinMode: true,
        ipMasq: false,
        mtu: 1400,
        ipam: {
          type: "host-local",
          dataDir: "/var/lib/timonier-shop/cni",
          ranges: [[{ subnet: "10.244.1.0/24" }], [{ subnet: "fd00:1::/64" }]],
          routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  });
});

describe("registries", () => {
  const registries = readRegistries({
    mirrors: {
      "docker.io": { endpoint: ["http://127.0.0.1:5000/v2/docker.io/", "https://mirror.example"] },
      "*": { endpoint: ["https://mirror.example"] },
    },
    configs: {
      "mirror.example": {
        auth: { username: "me", password: "secret" },
        tls: { ca_file: "/ca.pem", cert_file: "/c.pem", key_file: "/k.pem", insecure_skip_verify: true },
      },
    },
  });

  test("mirrors first, then the registry itself", () => {
    const { files, credentials } = renderRegistries(registries, { defaultEndpoint: true });
    expect([...files.keys()]).toEqual(["docker.io/hosts.toml", "_default/hosts.toml", "mirror.example/hosts.toml"]);
    expect(files.get("docker.io/hosts.toml")).toBe(
      [
        'server = "https://registry-1.docker.io"',
        "",
        '[host."http://127.0.0.1:5000/v2/docker.io"]',
        'capabilities = ["pull", "resolve"]',
        "override_path = true",
        "",
        '[host."https://mirror.example"]',
        'capabilities = ["pull", "resolve"]',
        'ca = "/ca.pem"',
        'client = [["/c.pem", "/k.pem"]]',
        "skip_verify = true",
        "",
      ].join("\n"),
    );
    expect(files.get("_default/hosts.toml")).not.toContain("server");
    expect(files.get("mirror.example/hosts.toml")).toContain('server = "https://mirror.example"\n');
    expect(credentials).toEqual([{ host: "mirror.example", username: "me", password: "secret" }]);
  });

  test("without the default endpoint a registry with mirrors is never asked", () => {
    const { files } = renderRegistries(readRegistries({ mirrors: { "k8s.gcr.io": { endpoint: ["http://h:1/v2/x"] } } }), {
      defaultEndpoint: false,
    });
    const text = files.get("k8s.gcr.io/hosts.toml")!;
    expect(text.startsWith('server = "http://h:1/v2/x"\noverride_path = true\n')).toBe(true);
    expect(text).not.toContain("https://k8s.gcr.io");
  });

  test("says which field is wrong", () => {
    expect(() => readRegistries({ mirror: {} })).toThrow('registries has the unknown field "mirror"');
    expect(() => readRegistries({ mirrors: { a: { endpoint: "http://x" } } })).toThrow('mirrors["a"].endpoint must be a list');
    expect(() => readRegistries({ mirrors: { a: { endpoint: ["ftp://x"] } } })).toThrow("must be http or https");
    expect(readRegistries(null)).toEqual({ mirrors: {}, configs: {} });
  });
});

test("TOML: scalars before tables, keys and texts quoted where they must be", () => {
  const text = formatToml({ b: { "x/y": { n: 1, list: ["a", "b"], inline: [{ k: true }] }, empty: {} }, a: 'q"\u007f', none: undefined });
  expect(text).toBe('a = "q\\"\\u007F"\n\n[b."x/y"]\nn = 1\nlist = ["a", "b"]\ninline = [{ k = true }]\n\n[b.empty]\n');
});

test("IPv6 wants more of the kernel", () => {
  const names = (ipv6: boolean): string[] => wantedSysctls({ ipv6 }).map(({ name }) => name);
  expect(names(false)).toContain("net.ipv4.ip_forward");
  expect(names(false).some((name) => name.includes("ipv6"))).toBe(false);
  expect(names(true)).toContain("net.ipv6.conf.all.forwarding");
});

describe("the pod ranges of a node", () => {
  test("are read back from its network's configuration, and from nothing else", () => {
    const podCidrs = ["10.244.3.0/24", "fd00:3::/64"];
    const text = renderCniConflist({ names: nodeNames({ cluster: "timonier" }), podCidrs, hostPorts: true, bandwidth: false });
    expect(readPodRanges(text)).toEqual(podCidrs);
    expect(readPodRanges("{}")).toBeUndefined();
    expect(readPodRanges(text.slice(0, 40))).toBeUndefined();
  });
});
