// Verbs that people know from kubectl and that are not here: they say what to do instead.

import { KubectlError } from "../errors.ts";
import type { Verb } from "../verb.ts";

const refused = (name: string, summary: string, instead: string): Verb => ({
  name,
  usage: "",
  summary,
  hidden: true,
  run: () => Promise.reject(new KubectlError(`${name} is not supported: ${instead}`)),
});

export const refusedVerbs: readonly Verb[] = [
  refused("top", "Display resource (CPU/memory) usage", "this cluster serves no metrics.k8s.io API"),
  refused("cp", "Copy files and directories to and from containers", "pipe a tar archive through `kubectl exec -i POD -- tar xf -`"),
  refused("kustomize", "Build a kustomization target", "render it with kustomize and pipe the result into `kubectl apply -f -`"),
  refused("debug", "Create debugging sessions", "run a pod of your own with `kubectl run -it`"),
  refused("proxy", "Run a proxy to the Kubernetes API server", "ask the API server with `kubectl get --raw PATH`"),
  refused(
    "diff",
    "Diff the live version against a would-be applied version",
    "compare `kubectl apply --dry-run=server -o yaml` with `kubectl get -o yaml`",
  ),
  refused("autoscale", "Auto-scale a deployment", "this cluster has no HorizontalPodAutoscaler"),
  refused("certificate", "Modify certificate resources", "this cluster has no CertificateSigningRequest"),
  refused("plugin", "Provides utilities for interacting with plugins", "plugins are commands of the real kubectl"),
];
