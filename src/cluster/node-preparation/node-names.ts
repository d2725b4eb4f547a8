// Every name that a node uses on its machine, derived from the cluster's name (and, where several nodes share a machine, the
// node's), so that clusters live side by side and tests never collide.

/** The cluster whose pods' directories lie where charts look for them. */
export const defaultClusterName = "timonier";

export interface NodeNames {
  readonly cluster: string;
  /** Data that survives a reboot. */
  readonly dataDir: string;
  /** Sockets, pid files and runtime state; on a tmpfs on most machines. */
  readonly runDir: string;
  /** The kubelet's root: pod directories, plugins. */
  readonly kubeletDir: string;
  readonly podLogsDir: string;
  readonly containerLogsDir: string;

  readonly containerdRoot: string;
  readonly containerdState: string;
  readonly containerdSocket: string;
  readonly containerdConfig: string;
  /** hosts.toml trees, one folder per registry. */
  readonly registriesDir: string;
  readonly cniConfDir: string;
  /** Where host-local keeps which address is whose. */
  readonly cniDataDir: string;
  /** Name of the pod network in its CNI configuration. */
  readonly networkName: string;
  /** Linux interface name, at most 15 characters. */
  readonly bridge: string;
  /** Parent of all control groups of pods, as a path below every hierarchy's root: "/kubepods". */
  readonly cgroupRoot: string;
  /** Name of the node's nftables table. */
  readonly nftTable: string;
}

export interface NodePlace {
  readonly cluster: string;
  /** Only where a machine carries several nodes of one cluster. */
  readonly node?: string;
  /** Everything below this directory instead of the machine's own places: tests, rootless trials. */
  readonly root?: string;
}

const interfaceNameLimit = 15;

/** @throws RangeError when the name is not a DNS-1123 label of at most 40 characters */
export function nodeNames(place: NodePlace): NodeNames {
  const { cluster, node, root = "" } = place;
  for (const [what, name] of [
    ["cluster", cluster],
    ["node", node],
  ] as const) {
    if (name !== undefined && !/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(name)) {
      throw new RangeError(`${what} name ${JSON.stringify(name)} must consist of lower case letters, digits, "-" and "." (at most 63)`);
    }
  }
  const isDefault = cluster === defaultClusterName;
  const own = isDefault ? "timonier" : `timonier-${cluster}`;
  const label = node === undefined ? own : `${own}-${node}`;
  const clusterData = `${root}/var/lib/${own}`;
  const dataDir = node === undefined ? clusterData : `${clusterData}/nodes/${node}`;
  const runDir = node === undefined ? `${root}/run/${own}` : `${root}/run/${own}/nodes/${node}`;
  const wellKnown = isDefault && node === undefined;
  return {
    cluster,
    dataDir,
    runDir,
    kubeletDir: wellKnown ? `${root}/var/lib/kubelet` : `${dataDir}/kubelet`,
    podLogsDir: wellKnown ? `${root}/var/log/pods` : `${dataDir}/log/pods`,
    containerLogsDir: wellKnown ? `${root}/var/log/containers` : `${dataDir}/log/containers`,
    containerdRoot: `${dataDir}/containerd`,
    containerdState: `${runDir}/containerd`,
    containerdSocket: `${runDir}/containerd.sock`,
    containerdConfig: `${dataDir}/etc/containerd.toml`,
    registriesDir: `${dataDir}/etc/registries`,
    cniConfDir: `${dataDir}/etc/cni`,
    cniDataDir: `${dataDir}/cni`,
    networkName: label,
    bridge: interfaceName(wellKnown ? "timonier0" : `tm-${label.slice("timonier-".length)}`),
    cgroupRoot: wellKnown ? "/kubepods" : `/${label}/kubepods`,
    nftTable: label,
  };
}

/** `name` where it fits an interface, else its start and a digest of the whole. */
function interfaceName(name: string): string {
  if (name.length <= interfaceNameLimit) return name;
  const digest = fnv1a(name).toString(36).padStart(7, "0");
  return `${name.slice(0, interfaceNameLimit - digest.length - 1).replace(/[-.]$/, "")}-${digest}`;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
