// `up` on a system that has Node.js and nothing else: packages are installed without starting anything, and a pod runs. The
// system is a directory with a mount namespace of its own; kernel, network and control groups are this machine's.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRegistry, type TestRegistry } from "../registry/registry.ts";
import { freshSystemArchive, installCopy } from "./installed-copy.ts";
import { outputOf, run } from "./real-cluster.ts";

const name = "e2e-fresh";
const isThere = existsSync(freshSystemArchive);
let tree: string;
let registry: TestRegistry;

beforeAll(async () => {
  if (!isThere) return;
  tree = await mkdtemp(join(tmpdir(), "timonier-fresh-"));
  registry = await startRegistry({ recipes: ["busybox"] });
  outputOf(await run(["tar", "-x", "-f", freshSystemArchive, "-C", tree], { timeoutMs: 120_000 }));
  await installCopy(join(tree, "opt/timonier"));
  await writeFile(join(tree, "root/registries.yaml"), registry.registriesYaml);
  await writeFile(join(tree, "root/work.sh"), work);
  for (const place of ["proc", "sys", "dev", "run"]) await mkdir(join(tree, place), { recursive: true });
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  if (tree) await rm(tree, { recursive: true, force: true });
});

/** Run inside. However it ends, the cluster is taken away. */
const work = `set -eu
export HOME=/root KUBECONFIG=/root/kubeconfig
timonier=/opt/timonier/bin/timonier
trap '$timonier delete --name ${name} >&2' EXIT
$timonier up --name ${name} --registries /root/registries.yaml
echo "policy: $(ls /usr/sbin/policy-rc.d 2>/dev/null || echo none)"
$timonier kubectl create configmap settings --from-literal=greeting=hello
cat >/root/pod.yaml <<END
apiVersion: v1
kind: Pod
metadata: {name: first}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: main
      image: busybox:1.28
      command: [sleep, "3600"]
      envFrom: [{configMapRef: {name: settings}}]
END
$timonier kubectl apply -f /root/pod.yaml
$timonier kubectl wait --for=condition=Ready pod/first --timeout=60s || {
  $timonier kubectl describe pod first
  $timonier logs --name ${name} agent
  exit 1
}
$timonier kubectl exec first -- sh -c 'echo "said: $greeting"'
`;

/** Mounts of the new namespace only: they go with its last process. */
const enter = (directory: string): string => `set -eu
mount --make-rprivate /
mount --bind ${directory} ${directory}
touch ${directory}/usr/bin/node ${directory}/etc/resolv.conf
mount --bind ${process.execPath} ${directory}/usr/bin/node
mount --bind /etc/resolv.conf ${directory}/etc/resolv.conf
for place in proc sys dev; do mount --rbind /$place ${directory}/$place; done
mount -t tmpfs tmpfs ${directory}/run
# Container runtimes need a root that is a mount: a chroot has none.
mkdir -p ${directory}/mnt/before
cd ${directory}
pivot_root . mnt/before
umount -l mnt/before
exec chroot . /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/sh /root/work.sh
`;

test.skipIf(!isThere)("a fresh system gets what it lacks, and a cluster", { timeout: 240_000 }, async () => {
  const startedAt = performance.now();
  const ran = await run(["unshare", "--mount", "sh", "-c", enter(tree)], { timeoutMs: 220_000 });
  console.info(`with installation: ${Math.round(performance.now() - startedAt)} ms`);
  const said = outputOf(ran);
  expect(ran.err).toMatch(/installing containerd, runc, containernetworking-plugins, iptables, nftables, iproute2, conntrack, catatonit/);
  expect(said).toContain(`Cluster ${name} is ready`);
  expect(said).toContain("policy: none");
  expect(said).toContain("said: hello\n");
  expect(ran.err).toContain(`Cluster ${name} is gone.`);
  // Debian's own containerd was installed and never started.
  expect(existsSync(join(tree, "usr/bin/containerd"))).toBe(true);
  expect(existsSync(join(tree, "var/lib/containerd"))).toBe(false);
});
