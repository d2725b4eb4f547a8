// Defaults of a Service that depend on more than one field.

type Members = Record<string, any>;

const defaultAffinitySeconds = 10_800;

export function defaultServicePort(port: Members): void {
  port["targetPort"] ??= port["port"];
}

export function defaultServiceSpec(spec: Members): void {
  const type = spec["type"] as string;
  if (spec["sessionAffinity"] === "None") delete spec["sessionAffinityConfig"];
  if (spec["sessionAffinity"] === "ClientIP") {
    const config = (spec["sessionAffinityConfig"] ??= {}) as Members;
    const client = (config["clientIP"] ??= {}) as Members;
    client["timeoutSeconds"] ??= defaultAffinitySeconds;
  }
  const exposed = type === "NodePort" || type === "LoadBalancer";
  if (exposed || (type === "ClusterIP" && (spec["externalIPs"]?.length ?? 0) > 0)) spec["externalTrafficPolicy"] ??= "Cluster";
  if (exposed || type === "ClusterIP") spec["internalTrafficPolicy"] ??= "Cluster";
  if (type === "LoadBalancer") spec["allocateLoadBalancerNodePorts"] ??= true;
}

/** Traffic to a load balancer's address arrives with that address unless it says otherwise. */
export function defaultLoadBalancerIngress(ingress: Members): void {
  if (ingress["ip"] !== undefined) ingress["ipMode"] ??= "VIP";
}
