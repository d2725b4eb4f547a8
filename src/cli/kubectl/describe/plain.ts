// Kinds with little to say: config maps, secrets, namespaces, accounts and roles.

import { decodeBase64 } from "../../../base/base64.ts";
import type { Item } from "../items.ts";
import type { Description, DescribeContext } from "./description.ts";
import { describeEvents } from "./description.ts";

type Fields = Readonly<Record<string, any>>;
const sortedKeys = (map: Fields | undefined): string[] => Object.keys(map ?? {}).toSorted();

export async function describeConfigMap(text: Description, map: Item, context: DescribeContext): Promise<void> {
  text.metadata(map).line("").line("Data").line("====");
  for (const key of sortedKeys(map["data"])) text.line(`${key}:`).line("----").line(`${map["data"][key]}`).line("");
  text.line("").line("BinaryData").line("====");
  for (const key of sortedKeys(map["binaryData"])) text.line(`${key}: ${decodeBase64(map["binaryData"][key])?.length ?? 0} bytes`);
  text.line("");
  await describeEvents(text, map, context);
}

export function describeSecret(text: Description, secret: Item): void {
  text
    .metadata(secret)
    .line("")
    .line(`Type:\t${secret["type"] ?? ""}`)
    .line("")
    .line("Data")
    .line("====");
  for (const key of sortedKeys(secret["data"])) {
    const bytes = decodeBase64(secret["data"][key]) ?? new Uint8Array(0);
    const shown =
      key === "token" && secret["type"] === "kubernetes.io/service-account-token"
        ? new TextDecoder().decode(bytes)
        : `${bytes.length} bytes`;
    text.line(`${key}:\t${shown}`);
  }
}

export function describeNamespace(text: Description, namespace: Item): void {
  text.line(`Name:\t${namespace.metadata?.name ?? ""}`).pairs("Labels", namespace.metadata?.labels);
  text.annotations("Annotations", namespace.metadata?.annotations).line(`Status:\t${namespace["status"]?.phase ?? ""}`);
  const conditions: readonly Fields[] = namespace["status"]?.conditions ?? [];
  if (conditions.length === 0) return;
  text
    .line("Conditions:")
    .line("  Type\tStatus\tLastTransitionTime\tReason\tMessage")
    .line("  ----\t------\t------------------\t------\t-------");
  for (const { type, status, lastTransitionTime, reason, message } of conditions)
    text.line(`  ${type}\t${status}\t${lastTransitionTime}\t${reason}\t${message}`);
}

export async function describeServiceAccount(text: Description, account: Item, context: DescribeContext): Promise<void> {
  const names = (field: string): string[] => ((account[field] ?? []) as readonly Fields[]).map(({ name }) => name as string);
  text.metadata(account).column("Image pull secrets", names("imagePullSecrets")).column("Mountable secrets", names("secrets"));
  text.column("Tokens", []);
  await describeEvents(text, account, context);
}

const bracketed = (values: readonly string[] | undefined): string => `[${(values ?? []).join(" ")}]`;

export function describeRole(text: Description, role: Item): void {
  text
    .line(`Name:\t${role.metadata?.name ?? ""}`)
    .pairs("Labels", role.metadata?.labels)
    .annotations("Annotations", role.metadata?.annotations);
  text
    .line("PolicyRule:")
    .line("  Resources\tNon-Resource URLs\tResource Names\tVerbs")
    .line("  ---------\t-----------------\t--------------\t-----");
  const rows = ((role["rules"] ?? []) as readonly Fields[]).flatMap((rule) => {
    const tail = `\t${bracketed(rule["nonResourceURLs"])}\t${bracketed(rule["resourceNames"])}\t${bracketed(rule["verbs"])}`;
    const groups: readonly string[] = rule["apiGroups"] ?? [""];
    const named = ((rule["resources"] ?? []) as readonly string[]).flatMap((resource) => groups.map((group) => ({ resource, group })));
    return (named.length === 0 ? [{ resource: "", group: "" }] : named).map(({ resource, group }) => ({
      line: `  ${inGroup(resource, group)}${tail}`,
      order: `${bracketed(rule["verbs"])}${bracketed([group])}${bracketed([resource])}`,
    }));
  });
  for (const { line } of rows.toSorted((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))) text.line(line);
}

/** "deployments.apps/scale" */
function inGroup(resource: string, group: string): string {
  if (group === "") return resource;
  const [name = "", ...part] = resource.split("/");
  return [`${name}.${group}`, ...part].join("/");
}

export function describeBinding(text: Description, binding: Item): void {
  text
    .line(`Name:\t${binding.metadata?.name ?? ""}`)
    .pairs("Labels", binding.metadata?.labels)
    .annotations("Annotations", binding.metadata?.annotations);
  text.line("Role:").line(`  Kind:\t${binding["roleRef"]?.kind}`).line(`  Name:\t${binding["roleRef"]?.name}`);
  text.line("Subjects:").line("  Kind\tName\tNamespace").line("  ----\t----\t---------");
  for (const { kind, name, namespace } of (binding["subjects"] ?? []) as readonly Fields[])
    text.line(`  ${kind}\t${name}\t${namespace ?? ""}`);
}
