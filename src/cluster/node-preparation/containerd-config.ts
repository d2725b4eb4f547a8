// containerd's configuration for one node: everything private to it, nothing of the distribution's file is read.

import type { NodeNames } from "./node-names.ts";
import type { RegistryCredential } from "./registries.ts";
import type { TomlTable } from "./toml.ts";
import { formatToml } from "./toml.ts";

/** The image that holds a pod's namespaces; built on the node, never pulled. */
export const sandboxImage = "timonier.local/pause:1";

export interface ContainerdOptions {
  readonly names: NodeNames;
  /** "overlayfs", or "native" where overlays cannot be mounted. */
  readonly snapshotter: "overlayfs" | "native";
  /** Absolute path of runc. */
  readonly runc: string;
  readonly cniBinDir: string;
  /** Address on which exec, attach and port-forward streams are served to the kubelet. Default 127.0.0.1. */
  readonly streamAddress?: string;
  /** The process may not lower oom_score_adj (no CAP_SYS_RESOURCE): clamp instead of failing. */
  readonly restrictOomScoreAdj: boolean;
  /** Control groups are systemd's: scopes and slices instead of directories of ours. */
  readonly systemdCgroup: boolean;
  readonly apparmor: boolean;
  /** Major version of containerd: 1, or 2 with its renamed plugins. */
  readonly majorVersion: 1 | 2;
  readonly credentials?: readonly RegistryCredential[];
}

/** The text of config.toml. */
export function renderContainerdConfig(options: ContainerdOptions): string {
  const { names } = options;
  const common: TomlTable = {
    root: names.containerdRoot,
    state: names.containerdState,
    // Default places are shared with the distribution's containerd: none of them is used.
    temp: `${names.containerdState}/tmp`,
    grpc: { address: names.containerdSocket },
    ttrpc: { address: `${names.containerdSocket}.ttrpc` },
    debug: { address: `${names.containerdSocket}.debug`, level: "warn" },
  };
  return formatToml(
    options.majorVersion === 1
      ? { version: 2, ...common, plugins: pluginsOfVersion1(options) }
      : { version: 3, ...common, plugins: pluginsOfVersion2(options) },
  );
}

function runtimes(options: ContainerdOptions): TomlTable {
  return { runc: { runtime_type: "io.containerd.runc.v2", options: { BinaryName: options.runc, SystemdCgroup: options.systemdCgroup } } };
}

function credentialTables(credentials: readonly RegistryCredential[] = []): TomlTable | undefined {
  if (credentials.length === 0) return undefined;
  return Object.fromEntries(
    credentials.map(({ host, username, password, auth, identityToken }) => [
      host,
      { auth: { username, password, auth, identitytoken: identityToken } },
    ]),
  );
}

function pluginsOfVersion1(options: ContainerdOptions): TomlTable {
  const { names } = options;
  return {
    "io.containerd.grpc.v1.cri": {
      sandbox_image: sandboxImage,
      stream_server_address: options.streamAddress ?? "127.0.0.1",
      stream_server_port: "0",
      restrict_oom_score_adj: options.restrictOomScoreAdj,
      disable_apparmor: !options.apparmor,
      netns_mounts_under_state_dir: true,
      // Logs of Kubernetes may have lines of any length: 16 KiB parts are marked "P", as kubectl expects.
      max_container_log_line_size: 16384,
      cni: { bin_dir: options.cniBinDir, conf_dir: names.cniConfDir },
      registry: { config_path: names.registriesDir, configs: credentialTables(options.credentials) },
      containerd: { snapshotter: options.snapshotter, default_runtime_name: "runc", runtimes: runtimes(options) },
    },
    "io.containerd.internal.v1.opt": { path: `${names.containerdRoot}/opt` },
  };
}

function pluginsOfVersion2(options: ContainerdOptions): TomlTable {
  const { names } = options;
  return {
    "io.containerd.cri.v1.images": {
      snapshotter: options.snapshotter,
      pinned_images: { sandbox: sandboxImage },
      registry: { config_path: names.registriesDir, configs: credentialTables(options.credentials) },
    },
    "io.containerd.cri.v1.runtime": {
      restrict_oom_score_adj: options.restrictOomScoreAdj,
      disable_apparmor: !options.apparmor,
      netns_mounts_under_state_dir: true,
      max_container_log_line_size: 16384,
      // Newer 2.x would rather have a list, bin_dirs; all of 2.x read this.
      cni: { bin_dir: options.cniBinDir, conf_dir: names.cniConfDir },
      containerd: { default_runtime_name: "runc", runtimes: runtimes(options) },
    },
    "io.containerd.grpc.v1.cri": { stream_server_address: options.streamAddress ?? "127.0.0.1", stream_server_port: "0" },
    "io.containerd.internal.v1.opt": { path: `${names.containerdRoot}/opt` },
  };
}
