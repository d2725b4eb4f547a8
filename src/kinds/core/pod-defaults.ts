// Defaults of a pod that depend on more than one field. They hold wherever the struct is embedded, pod templates included;
// what holds for pods alone is in pod-rules.ts.

type Members = Record<string, any>;

/** Always for the tag "latest" or none, IfNotPresent for any other tag or a digest. */
export function defaultPullPolicy(image: string): "Always" | "IfNotPresent" {
  const [name = "", digest] = image.split("@", 2);
  const tag = /:([^:/]*)$/.exec(name)?.[1];
  if (tag === undefined) return digest === undefined ? "Always" : "IfNotPresent";
  return tag === "latest" ? "Always" : "IfNotPresent";
}

export function defaultContainer(container: Members): void {
  container["imagePullPolicy"] ??= defaultPullPolicy(container["image"] ?? "");
}

export function defaultImageVolume(source: Members): void {
  source["pullPolicy"] ??= defaultPullPolicy(source["reference"] ?? "");
}

/** A volume that names no source is an empty directory. */
export function defaultVolume(volume: Members): void {
  const sources = Object.keys(volume).filter((name) => name !== "name" && volume[name] !== undefined);
  if (sources.length === 0) volume["emptyDir"] = {};
}

/** serviceAccount is the older name of serviceAccountName: both are always written, and the newer one wins. */
export function defaultPodSpec(spec: Members): void {
  const account = spec["serviceAccountName"] ?? spec["serviceAccount"];
  if (account === undefined) return;
  spec["serviceAccountName"] = account;
  spec["serviceAccount"] = account;
}

/** podIP is the first of podIPs; whoever writes the older field alone means both. */
export function defaultPodStatus(status: Members): void {
  const addresses = status["podIPs"] as Members[] | undefined;
  const first = status["podIP"] as string | undefined;
  if (first !== undefined && addresses?.[0]?.["ip"] !== first) status["podIPs"] = [{ ip: first }];
  else if (first === undefined && addresses?.[0]?.["ip"] !== undefined) status["podIP"] = addresses[0]["ip"];
}
