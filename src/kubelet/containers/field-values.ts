// What fieldRef and resourceFieldRef stand for (API document "Downward API").

import type { Container as ApiContainer, Pod } from "../../kinds/core/types.gen.ts";
import { quantityToNumber } from "../../lang/quantity.ts";

/** What a pod's own object does not say. */
export interface FieldContext {
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
  readonly allocatable: Readonly<Record<string, string>>;
}

/** @throws Error for a path that is not supported. */
export function fieldValue(pod: Pod, path: string, context: FieldContext): string {
  const metadata = pod.metadata!;
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) return metadata[subscript[1] as "labels" | "annotations"]?.[subscript[2]!] ?? "";
  switch (path) {
    case "metadata.name":
      return metadata.name ?? "";
    case "metadata.namespace":
      return metadata.namespace ?? "";
    case "metadata.uid":
      return metadata.uid ?? "";
    case "metadata.labels":
      return formatMap(metadata.labels);
    case "metadata.annotations":
      return formatMap(metadata.annotations);
    case "spec.nodeName":
      return pod.spec?.nodeName ?? "";
    case "spec.serviceAccountName":
      return pod.spec?.serviceAccountName ?? "";
    case "status.hostIP":
      return context.hostIps[0] ?? "";
    case "status.hostIPs":
      return context.hostIps.join(",");
    case "status.podIP":
      return context.podIps[0] ?? "";
    case "status.podIPs":
      return context.podIps.join(",");
    default:
      throw new Error(`unsupported fieldPath: ${path}`);
  }
}

/** key="escaped value", one a line, sorted. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.keys(map ?? {})
    .toSorted()
    .map((key) => `${key}=${JSON.stringify(map![key])}`)
    .join("\n");
}

/** A container without a limit may take what the node can give. @throws Error for a resource that is not supported. */
export function resourceValue(
  container: ApiContainer,
  resource: string,
  divisor: string | undefined,
  allocatable: Readonly<Record<string, string>>,
): string {
  const [kind, name] = splitOnce(resource, ".");
  const own = kind === "limits" ? container.resources?.limits : kind === "requests" ? container.resources?.requests : undefined;
  const known = name === "cpu" || name === "memory" || name === "ephemeral-storage" || name.startsWith("hugepages-");
  if ((kind !== "limits" && kind !== "requests") || !known) throw new Error(`unsupported container resource : ${resource}`);
  let amount = own?.[name];
  if (amount === undefined || quantityToNumber(amount) === 0)
    amount = kind === "limits" ? (allocatable[name] ?? "0") : (container.resources?.limits?.[name] ?? "0");
  const unit = divisor === undefined || quantityToNumber(divisor) === 0 ? 1 : quantityToNumber(divisor);
  return String(Math.ceil(quantityToNumber(amount) / unit - 1e-9));
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
