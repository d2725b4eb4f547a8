// Containers of a pod or of a template, as `describe` shows them.

import { amountOf } from "../../../kinds/core/pod-resources.ts";
import type { Item } from "../items.ts";
import type { Description } from "./description.ts";
import { longTime } from "./description.ts";

type Fields = Readonly<Record<string, any>>;

/** `space` is the indentation of the title: "" in a pod, "  " in a template. `pod` gives values of fields to variables. */
export function describeContainers(
  text: Description,
  title: string,
  containers: readonly Fields[],
  statuses: readonly Fields[] | undefined,
  space: string,
  pod?: Item,
): void {
  text.line(`${space}${title}:`);
  const nameIndent = space === "" ? "  " : `${space} `;
  for (const container of containers) {
    const status = statuses?.find(({ name }) => name === container["name"]);
    text.line(`${nameIndent}${container["name"]}:`);
    if (status) text.line(`    Container ID:\t${status["containerID"] ?? ""}`);
    text.line(`    Image:\t${container["image"]}`);
    if (status) text.line(`    Image ID:\t${status["imageID"] ?? ""}`);
    describePorts(text, container["ports"] ?? []);
    describeWords(text, "Command", container["command"]);
    describeWords(text, "Args", container["args"]);
    if (status) describeStatus(text, status);
    describeResources(text, container["resources"] ?? {});
    for (const [name, shown] of [
      ["livenessProbe", "Liveness"],
      ["readinessProbe", "Readiness"],
      ["startupProbe", "Startup"],
    ] as const) {
      if (container[name]) text.line(`    ${shown}:\t${probeText(container[name])}`);
    }
    describeSources(text, container["envFrom"] ?? []);
    describeEnvironment(text, container["env"] ?? [], container, pod);
    describeMounts(text, container["volumeMounts"] ?? []);
  }
}

function describePorts(text: Description, ports: readonly Fields[]): void {
  const list = (field: string): string =>
    ports
      .map(
        (port) =>
          `${port[field] ?? 0}/${port["protocol"] ?? "TCP"}${port["name"] && field === "containerPort" ? ` (${port["name"]})` : ""}`,
      )
      .join(", ");
  const plural = ports.length > 1 ? "s" : "";
  text.line(`    Port${plural}:\t${list("containerPort") || "<none>"}`);
  text.line(`    Host Port${plural}:\t${list("hostPort") || "<none>"}`);
}

function describeWords(text: Description, title: string, words: readonly string[] | undefined): void {
  if (!words?.length) return;
  text.line(`    ${title}:`);
  for (const word of words) for (const part of word.split("\n")) text.line(`      ${part}`);
}

function describeStatus(text: Description, status: Fields): void {
  describeState(text, "State", status["state"] ?? {});
  if (status["lastState"]?.terminated) describeState(text, "Last State", status["lastState"]);
  text.line(`    Ready:\t${status["ready"] ? "True" : "False"}`);
  text.line(`    Restart Count:\t${status["restartCount"] ?? 0}`);
}

function describeState(text: Description, title: string, { running, terminated, waiting }: Fields): void {
  if (running) text.line(`    ${title}:\tRunning`).line(`      Started:\t${longTime(running.startedAt)}`);
  else if (terminated) {
    text.line(`    ${title}:\tTerminated`);
    if (terminated.reason) text.line(`      Reason:\t${terminated.reason}`);
    if (terminated.message) text.line(`      Message:\t${terminated.message}`);
    text.line(`      Exit Code:\t${terminated.exitCode ?? 0}`);
    if (terminated.signal > 0) text.line(`      Signal:\t${terminated.signal}`);
    text.line(`      Started:\t${longTime(terminated.startedAt)}`).line(`      Finished:\t${longTime(terminated.finishedAt)}`);
  } else {
    text.line(`    ${title}:\tWaiting`);
    if (waiting?.reason) text.line(`      Reason:\t${waiting.reason}`);
  }
}

function describeResources(text: Description, resources: Fields, indent = "    "): void {
  for (const [field, title] of [
    ["limits", "Limits"],
    ["requests", "Requests"],
  ] as const) {
    const amounts = Object.entries(resources[field] ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (amounts.length === 0) continue;
    text.line(`${indent}${title}:`);
    for (const [name, amount] of amounts) text.line(`${indent}  ${name}:\t${String(amount)}`);
  }
}

function probeText(probe: Fields): string {
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe;
  const attributes = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s #success=${successThreshold} #failure=${failureThreshold}`;
  const { exec, httpGet, tcpSocket, grpc } = probe;
  if (exec) return `exec [${(exec.command ?? []).join(" ")}] ${attributes}`;
  if (httpGet)
    return `http-get ${String(httpGet.scheme ?? "HTTP").toLowerCase()}://${httpGet.host ?? ""}:${httpGet.port}${httpGet.path ?? ""} ${attributes}`;
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ""}:${tcpSocket.port} ${attributes}`;
  if (grpc) return `grpc <pod>:${grpc.port} ${grpc.service ?? ""} ${attributes}`;
  return `unknown ${attributes}`;
}

function describeSources(text: Description, sources: readonly Fields[]): void {
  if (sources.length === 0) return;
  text.line("    Environment Variables from:");
  for (const { configMapRef, secretRef, prefix } of sources) {
    const reference = configMapRef ?? secretRef ?? {};
    const from = configMapRef ? "ConfigMap" : "Secret";
    text.line(`      ${reference.name}\t${from}${prefix ? ` with prefix '${prefix}'` : ""}\tOptional: ${reference.optional === true}`);
  }
}

function describeEnvironment(text: Description, variables: readonly Fields[], container: Fields, pod: Item | undefined): void {
  if (variables.length === 0) {
    text.line("    Environment:\t<none>");
    return;
  }
  text.line("    Environment:");
  for (const { name, value, valueFrom } of variables) {
    if (!valueFrom) {
      for (const [at, part] of String(value ?? "")
        .split("\n")
        .entries())
        text.line(at === 0 ? `      ${name}:\t${part}` : `        \t${part}`);
      continue;
    }
    const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
    if (fieldRef) text.line(`      ${name}:\t${podField(pod, fieldRef.fieldPath)} (${fieldRef.apiVersion ?? "v1"}:${fieldRef.fieldPath})`);
    else if (resourceFieldRef) text.line(`      ${name}:\t${resourceValue(container, resourceFieldRef)} (${resourceFieldRef.resource})`);
    else if (secretKeyRef)
      text.line(
        `      ${name}:\t<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name}'>\tOptional: ${secretKeyRef.optional === true}`,
      );
    else if (configMapKeyRef)
      text.line(
        `      ${name}:\t<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name}'>\tOptional: ${configMapKeyRef.optional === true}`,
      );
  }
}

/** The value of a field that a variable may show; "" where there is no pod. */
function podField(pod: Item | undefined, path: string): string {
  if (pod === undefined) return "";
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) return pod.metadata?.[subscript[1] as "labels"]?.[subscript[2]!] ?? "";
  if (path === "spec.serviceAccountName") return pod["spec"]?.serviceAccountName ?? "";
  let value: any = pod;
  for (const part of path.split(".")) value = value?.[part];
  return typeof value === "string" ? value : "";
}

function resourceValue(container: Fields, { resource, divisor }: Fields): string {
  const [kind = "", name = ""] = String(resource).split(".");
  const amount = container["resources"]?.[kind]?.[name];
  if (amount === undefined) return "0";
  const by = divisor === undefined || divisor === "0" ? undefined : String(divisor);
  if (by === undefined && name !== "cpu") return String(amount);
  return String(Math.ceil(amountOf(name, amount) / amountOf(name, by ?? "1")));
}

function describeMounts(text: Description, mounts: readonly Fields[]): void {
  if (mounts.length === 0) {
    text.line("    Mounts:\t<none>");
    return;
  }
  text.line("    Mounts:");
  for (const mount of mounts.toSorted((a, b) => (a["mountPath"] < b["mountPath"] ? -1 : 1))) {
    const flags = [mount["readOnly"] === true ? "ro" : "rw", ...(mount["subPath"] ? [`path=${JSON.stringify(mount["subPath"])}`] : [])];
    text.line(`      ${mount["mountPath"]} from ${mount["name"]} (${flags.join(",")})`);
  }
}
