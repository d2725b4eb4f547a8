// The cluster's zone by the Kubernetes DNS specification (schema version 1.1.0): services, headless endpoints, named ports,
// pods by address, external names, and the way back from addresses.

import type { Service } from "../kinds/core/types.gen.ts";
import type { EndpointSlice } from "../kinds/discovery/types.gen.ts";
import { ipFamily } from "../lang/ip.ts";
import { addressOfReverseName, podAddress } from "./addresses.ts";
import type { DnsQuestion, DnsRecord, DnsResult } from "./records.ts";

/** What the zone is made from; informers keep it current. */
export interface ZoneView {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, service: string): readonly EndpointSlice[];
  /** The service that owns a cluster IP. */
  serviceByAddress(address: string): Service | undefined;
  /** Slices that contain an endpoint address. */
  slicesByAddress(address: string): readonly EndpointSlice[];
}

const ttlSeconds = 5;
const schemaVersion = "1.1.0";

/** Answers from the view; names outside the zone and outside the reverse names that it knows are forwarded. */
export function resolveInZone(question: DnsQuestion, zone: string, view: ZoneView): DnsResult {
  const name = question.name.toLowerCase();
  const reversed = addressOfReverseName(name);
  if (reversed !== undefined) return resolveReverse(question, reversed, zone, view);
  if (name !== zone && !name.endsWith(`.${zone}`)) return { kind: "forward" };
  const labels = name === zone ? [] : name.slice(0, -zone.length - 1).split(".");
  const found = lookUp(labels, question, zone, view);
  if (found === undefined) return { ...empty(zone), code: "NXDOMAIN" };
  const answers = found.records.filter((record) => record.type === question.type || question.type === "ANY" || record.type === "CNAME");
  if (answers.length === 0) return empty(zone);
  const additionals = question.type === "SRV" ? found.targets : [];
  const alias = answers.find((record) => record.type === "CNAME");
  const chases = alias?.type === "CNAME" && (question.type === "A" || question.type === "AAAA");
  return {
    kind: "answer",
    code: "NOERROR",
    answers,
    additionals,
    authorities: [],
    ...(chases && { chase: alias.target }),
  };
}

/** Records of a name; undefined when there is no such name. `targets` are the addresses that SRV records point to. */
interface Found {
  readonly records: readonly DnsRecord[];
  readonly targets: readonly DnsRecord[];
}
const nodata: Found = { records: [], targets: [] };

function lookUp(labels: readonly string[], question: DnsQuestion, zone: string, view: ZoneView): Found | undefined {
  if (labels.length === 0) return { records: [soa(zone)], targets: [] };
  const [first] = labels;
  if (labels.length === 1 && first === "dns-version") {
    return { records: [{ name: question.name, ttlSeconds, type: "TXT", text: schemaVersion }], targets: [] };
  }
  const kind = labels.at(-1);
  const namespace = labels.at(-2);
  if (kind !== "svc" && kind !== "pod") return undefined;
  if (namespace === undefined) return nodata;
  if (!view.hasNamespace(namespace)) return undefined;
  const rest = labels.slice(0, -2);
  if (rest.length === 0) return nodata;
  return kind === "pod" ? podRecords(rest, question) : serviceRecords(rest, namespace, question, zone, view);
}

function podRecords(rest: readonly string[], question: DnsQuestion): Found | undefined {
  const address = rest.length === 1 ? podAddress(rest[0]!) : undefined;
  return address === undefined ? undefined : { records: [addressRecord(question.name, address)], targets: [] };
}

function serviceRecords(
  rest: readonly string[],
  namespace: string,
  question: DnsQuestion,
  zone: string,
  view: ZoneView,
): Found | undefined {
  const service = view.service(namespace, rest.at(-1)!);
  if (!service) return undefined;
  const spec = service.spec;
  const host = `${service.metadata!.name}.${namespace}.svc.${zone}`;
  if (spec?.type === "ExternalName") {
    if (rest.length !== 1) return undefined;
    const target = (spec.externalName ?? "").replace(/\.$/, "");
    return { records: [{ name: question.name, ttlSeconds, type: "CNAME", target }], targets: [] };
  }
  const isHeadless = spec?.clusterIP === "None";
  const endpoints = isHeadless ? headlessEndpoints(view.slices(namespace, service.metadata!.name!)) : [];
  if (rest.length === 1) {
    const addresses = isHeadless ? unique(endpoints.map((endpoint) => endpoint.address)) : (spec?.clusterIPs ?? []);
    return { records: addresses.map((address) => addressRecord(question.name, address)), targets: [] };
  }
  if (rest.length === 2 && isHeadless) {
    const matching = endpoints.filter((endpoint) => endpoint.host === rest[0]);
    if (matching.length === 0) return undefined;
    return { records: unique(matching.map(({ address }) => address)).map((address) => addressRecord(question.name, address)), targets: [] };
  }
  if (rest.length === 3 && rest[0]!.startsWith("_") && rest[1]!.startsWith("_")) {
    return portRecords(rest[0]!.slice(1), rest[1]!.slice(1), service, endpoints, question, host);
  }
  return undefined;
}

function portRecords(
  port: string,
  protocol: string,
  service: Service,
  endpoints: readonly HeadlessEndpoint[],
  question: DnsQuestion,
  host: string,
): Found | undefined {
  const srv = (target: string, number: number): DnsRecord => ({
    name: question.name,
    ttlSeconds,
    type: "SRV",
    priority: 0,
    weight: 100,
    port: number,
    target,
  });
  if (service.spec?.clusterIP !== "None") {
    const found = service.spec?.ports?.find(
      (candidate) => candidate.name === port && (candidate.protocol ?? "TCP").toLowerCase() === protocol,
    );
    if (!found) return undefined;
    return { records: [srv(host, found.port)], targets: (service.spec?.clusterIPs ?? []).map((address) => addressRecord(host, address)) };
  }
  const records = new Map<string, DnsRecord>();
  const targets = new Map<string, DnsRecord>();
  for (const endpoint of endpoints) {
    for (const candidate of endpoint.ports) {
      if (candidate.name !== port || candidate.protocol !== protocol) continue;
      const target = `${endpoint.host}.${host}`;
      records.set(`${target}:${candidate.port}`, srv(target, candidate.port));
      targets.set(`${target} ${endpoint.address}`, addressRecord(target, endpoint.address));
    }
  }
  return records.size === 0 ? undefined : { records: [...records.values()], targets: [...targets.values()] };
}

interface HeadlessEndpoint {
  readonly address: string;
  /** The endpoint's hostname, or its address with dashes. */
  readonly host: string;
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}

function headlessEndpoints(slices: readonly EndpointSlice[]): HeadlessEndpoint[] {
  const found: HeadlessEndpoint[] = [];
  for (const slice of slices) {
    if (slice.addressType === "FQDN") continue;
    const ports = (slice.ports ?? []).flatMap(({ name, protocol, port }) =>
      port === undefined ? [] : [{ name: name ?? "", protocol: (protocol ?? "TCP").toLowerCase(), port }],
    );
    for (const endpoint of slice.endpoints ?? []) {
      if (!(endpoint.conditions?.ready ?? true)) continue;
      for (const address of endpoint.addresses) found.push({ address, host: hostOf(endpoint.hostname, address), ports });
    }
  }
  return found;
}

const hostOf = (hostname: string | undefined, address: string): string => hostname || address.replaceAll(/[.:]/g, "-");

function resolveReverse(question: DnsQuestion, address: string, zone: string, view: ZoneView): DnsResult {
  const targets: string[] = [];
  const service = view.serviceByAddress(address);
  if (service) targets.push(`${service.metadata!.name}.${service.metadata!.namespace}.svc.${zone}`);
  for (const slice of view.slicesByAddress(address)) {
    const serviceName = slice.metadata?.labels?.["kubernetes.io/service-name"];
    const namespace = slice.metadata?.namespace;
    if (serviceName === undefined || namespace === undefined) continue;
    if (view.service(namespace, serviceName)?.spec?.clusterIP !== "None") continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (!endpoint.addresses.includes(address)) continue;
      targets.push(`${hostOf(endpoint.hostname, address)}.${serviceName}.${namespace}.svc.${zone}`);
    }
  }
  if (targets.length === 0) return { kind: "forward" };
  const isAsked = question.type === "PTR" || question.type === "ANY";
  const answers = isAsked ? unique(targets).map((target): DnsRecord => ({ name: question.name, ttlSeconds, type: "PTR", target })) : [];
  return { kind: "answer", code: "NOERROR", answers, additionals: [], authorities: [] };
}

function addressRecord(name: string, address: string): DnsRecord {
  return { name, ttlSeconds, type: ipFamily(address) === 6 ? "AAAA" : "A", address };
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** The name exists but not with this type: NOERROR, with the SOA record that says how long to remember that. */
function empty(zone: string): Extract<DnsResult, { kind: "answer" }> {
  return { kind: "answer", code: "NOERROR", answers: [], additionals: [], authorities: [soa(zone)] };
}

function soa(zone: string): DnsRecord {
  return {
    name: zone,
    ttlSeconds,
    type: "SOA",
    primary: `ns.dns.${zone}`,
    mailbox: `hostmaster.${zone}`,
    serial: 1,
    refreshSeconds: 7200,
    retrySeconds: 1800,
    expireSeconds: 86_400,
    minimumSeconds: ttlSeconds,
  };
}
