// Services and endpoint slices.

import type { Item } from "../items.ts";
import { nameOf } from "../items.ts";
import type { Description, DescribeContext } from "./description.ts";
import { describeEvents } from "./description.ts";

type Fields = Readonly<Record<string, any>>;
const most = 3;

export async function describeService(text: Description, service: Item, context: DescribeContext): Promise<void> {
  const spec: Fields = service["spec"] ?? {};
  text.metadata(service);
  text.line(`Selector:\t${pairs(spec["selector"])}`).line(`Type:\t${spec["type"] ?? ""}`);
  if (spec["ipFamilyPolicy"]) text.line(`IP Family Policy:\t${spec["ipFamilyPolicy"]}`);
  text.line(`IP Families:\t${(spec["ipFamilies"] ?? []).join(",") || "<none>"}`).line(`IP:\t${spec["clusterIP"] ?? ""}`);
  text.line(`IPs:\t${(spec["clusterIPs"] ?? []).join(",") || "<none>"}`);
  if (spec["externalIPs"]?.length) text.line(`External IPs:\t${spec["externalIPs"].join(",")}`);
  if (spec["loadBalancerIP"]) text.line(`Desired LoadBalancer IP:\t${spec["loadBalancerIP"]}`);
  if (spec["externalName"]) text.line(`External Name:\t${spec["externalName"]}`);
  const ingress: readonly Fields[] = service["status"]?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0) text.line(`LoadBalancer Ingress:\t${ingress.map(({ ip, hostname }) => ip ?? hostname).join(", ")}`);
  const slices = await context.list("endpointslices.discovery.k8s.io", service.metadata?.namespace ?? "", {
    labelSelector: `kubernetes.io/service-name=${nameOf(service)}`,
  });
  for (const port of (spec["ports"] ?? []) as readonly Fields[]) {
    const name = port["name"] || "<unset>";
    text.line(`Port:\t${name}\t${port["port"]}/${port["protocol"]}`);
    const target = port["targetPort"] ?? 0;
    text.line(`TargetPort:\t${target}/${port["protocol"]}`);
    if (port["nodePort"]) text.line(`NodePort:\t${name}\t${port["nodePort"]}/${port["protocol"]}`);
    text.line(`Endpoints:\t${endpointTexts(slices, port["name"] ?? "")}`);
  }
  text.line(`Session Affinity:\t${spec["sessionAffinity"] ?? "None"}`);
  if (spec["externalTrafficPolicy"]) text.line(`External Traffic Policy:\t${spec["externalTrafficPolicy"]}`);
  if (spec["internalTrafficPolicy"]) text.line(`Internal Traffic Policy:\t${spec["internalTrafficPolicy"]}`);
  if (spec["trafficDistribution"]) text.line(`Traffic Distribution:\t${spec["trafficDistribution"]}`);
  if (spec["healthCheckNodePort"]) text.line(`HealthCheck NodePort:\t${spec["healthCheckNodePort"]}`);
  if (spec["loadBalancerSourceRanges"]?.length) text.line(`LoadBalancer Source Ranges:\t${spec["loadBalancerSourceRanges"].join(",")}`);
  await describeEvents(text, service, context);
}

export const pairs = (values: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(values ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(",") || "<none>";

/** Ready addresses behind a port: "10.244.0.3:80,10.244.0.4:80 + 2 more...". */
function endpointTexts(slices: readonly Item[], portName: string): string {
  const addresses = slices.flatMap((slice) =>
    ((slice["ports"] ?? []) as readonly Fields[])
      .filter(({ name = "" }) => name === portName)
      .flatMap(({ port }) =>
        ((slice["endpoints"] ?? []) as readonly Fields[])
          .filter(({ conditions }) => conditions?.ready !== false)
          .flatMap((endpoint) =>
            ((endpoint["addresses"] ?? []) as readonly string[]).map((address) =>
              address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
            ),
          ),
      ),
  );
  if (addresses.length === 0) return slices.length === 0 ? "<none>" : "";
  return addresses.length > most ? `${addresses.slice(0, most).join(",")} + ${addresses.length - most} more...` : addresses.join(",");
}

export async function describeEndpointSlice(text: Description, slice: Item, context: DescribeContext): Promise<void> {
  text.metadata(slice).line(`AddressType:\t${slice["addressType"]}`);
  const ports: readonly Fields[] = slice["ports"] ?? [];
  if (ports.length === 0) text.line("Ports: <unset>");
  else {
    text.line("Ports:").line("  Name\tPort\tProtocol").line("  ----\t----\t--------");
    for (const { name, port, protocol } of ports) text.line(`  ${name || "<unset>"}\t${port ?? "<unset>"}\t${protocol}`);
  }
  const endpoints: readonly Fields[] = slice["endpoints"] ?? [];
  text.line(endpoints.length === 0 ? "Endpoints: <none>" : "Endpoints:");
  for (const { addresses = [], conditions = {}, hostname, targetRef, nodeName, zone } of endpoints) {
    text
      .line(`  - Addresses:\t${addresses.join(", ")}`)
      .line("    Conditions:")
      .line(`      Ready:\t${conditions.ready ?? "<unset>"}`);
    text.line(`    Hostname:\t${hostname ?? "<unset>"}`);
    if (targetRef) text.line(`    TargetRef:\t${targetRef.kind}/${targetRef.name}`);
    text.line(`    NodeName:\t${nodeName ?? "<unset>"}`).line(`    Zone:\t${zone ?? "<unset>"}`);
  }
  await describeEvents(text, slice, context);
}

export async function describeEndpoints(text: Description, endpoints: Item, context: DescribeContext): Promise<void> {
  text.metadata(endpoints).line("Subsets:");
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of (endpoints["subsets"] ?? []) as readonly Fields[]) {
    const list = (of: readonly Fields[]): string => of.map(({ ip }) => ip as string).join(",") || "<none>";
    text.line(`  Addresses:\t${list(addresses)}`).line(`  NotReadyAddresses:\t${list(notReadyAddresses)}`);
    if (ports.length > 0) {
      text.line("  Ports:").line("    Name\tPort\tProtocol").line("    ----\t----\t--------");
      for (const { name, port, protocol } of ports) text.line(`    ${name || "<unset>"}\t${port}\t${protocol}`);
    }
    text.line("");
  }
  await describeEvents(text, endpoints, context);
}
