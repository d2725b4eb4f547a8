// The node's nftables table: about thirty rules whatever the number of services, which live in maps as elements.
// A random number is drawn per connection and looked up together with address, protocol and port in one interval map.

import { affinitySet, nodePortAffinitySet, randomRange } from "./elements.ts";

export interface RulesetOptions {
  /** Name of the table, which this cluster alone uses. */
  readonly table: string;
  /** CIDRs of services and of pods, IPv4. */
  readonly serviceRange: string;
  readonly podRange: string;
  /** Bridge that this node's pods hang on. */
  readonly podBridge: string;
  /** Session affinity timeouts in use, in seconds. */
  readonly affinityTimeouts: readonly number[];
}

const service = "ip daddr . meta l4proto . th dport";
const nodePort = "meta l4proto . th dport";
const originalService = "ct original ip daddr . meta l4proto . ct original proto-dst";
const originalNodePort = "meta l4proto . ct original proto-dst";
const random = `numgen random mod ${randomRange}`;
const transport = "meta l4proto { tcp, udp, sctp }";
const translated = "ct status & dnat == dnat";

/** The whole table without elements, replacing what stands: one script, applied as one transaction. */
export function renderTable(options: RulesetOptions): string {
  const { table, serviceRange, podRange, podBridge, affinityTimeouts } = options;
  const sets = [
    map("services", `${service} . ${random}`),
    map("inside_services", `${service} . ${random}`),
    map("node_ports", `${nodePort} . ${random}`),
    map("inside_node_ports", `${nodePort} . ${random}`),
    ...["masqueraded", "dropped", "rejected"].flatMap((what) => [set(`${what}_services`, service), set(`${what}_node_ports`, nodePort)]),
    set("hairpins", "ip saddr . ip daddr"),
    ...affinityTimeouts.flatMap((seconds) => [set(affinitySet(seconds), service), set(nodePortAffinitySet(seconds), nodePort)]),
    `map affinities { typeof ip saddr . ${service} : ip daddr . th dport; flags dynamic,timeout; size 65535; }`,
  ];
  const sticky = (keys: string, name: (seconds: number) => string): string[] =>
    affinityTimeouts.map((seconds) => `${keys} @${name(seconds)} dnat ip to ip saddr . ${service} map @affinities`);
  const learn = affinityTimeouts.flatMap((seconds) => {
    const update = `update @affinities { ip saddr . ${originalService} timeout ${seconds}s : ip daddr . th dport }`;
    return [
      `ct state new ${translated} ${transport} ${originalService} @${affinitySet(seconds)} ${update}`,
      `ct state new ${translated} ${transport} ${originalNodePort} @${nodePortAffinitySet(seconds)} ${update}`,
    ];
  });
  const translate = (key: string, name: string): string => `${transport} dnat ip to ${key} . ${random} map @${name}`;
  const chains = [
    chain("translate", undefined, [
      ...sticky(service, affinitySet),
      `ip saddr ${podRange} ${translate(service, "inside_services")}`,
      translate(service, "services"),
      `ip daddr != { ${serviceRange}, 127.0.0.0/8 } fib daddr type local jump translate_node_ports`,
    ]),
    chain("translate_node_ports", undefined, [
      ...sticky(nodePort, nodePortAffinitySet),
      `ip saddr ${podRange} ${translate(nodePort, "inside_node_ports")}`,
      `fib saddr type local ${translate(nodePort, "inside_node_ports")}`,
      translate(nodePort, "node_ports"),
    ]),
    chain("prerouting", "type nat hook prerouting priority -100; policy accept;", ["jump translate"]),
    chain("output", "type nat hook output priority -100; policy accept;", ["jump translate"]),
    chain("postrouting", "type nat hook postrouting priority 100; policy accept;", [
      `${translated} ip saddr . ip daddr @hairpins masquerade`,
      `${translated} ct original ip daddr ${serviceRange} ip saddr != ${podRange} masquerade`,
      `${translated} ${transport} ${originalService} @masqueraded_services ip saddr != ${podRange} masquerade`,
      `${translated} ct original ip daddr != ${serviceRange} ${transport} ${originalNodePort} @masqueraded_node_ports masquerade`,
      `${translated} fib saddr type local oifname "${podBridge}" masquerade`,
      `ip saddr ${podRange} ip daddr != { ${podRange}, ${serviceRange}, 224.0.0.0/4 } oifname != "${podBridge}" masquerade`,
    ]),
    chain("guard", "type filter hook prerouting priority -110; policy accept;", [
      `${transport} ${service} @dropped_services drop`,
      `ip saddr != ${podRange} fib daddr type local ${transport} ${nodePort} @dropped_node_ports drop`,
    ]),
    chain("guard_output", "type filter hook output priority -110; policy accept;", [`${transport} ${service} @dropped_services drop`]),
    chain("refuse", undefined, [
      `${transport} ${service} @rejected_services goto reject_now`,
      "fib daddr type local return",
      `ip daddr ${serviceRange} goto reject_now`,
    ]),
    chain("reject_now", undefined, ["meta l4proto tcp reject with tcp reset", "reject with icmp type port-unreachable"]),
    chain("forward", "type filter hook forward priority 0; policy accept;", ["jump refuse"]),
    chain("output_refuse", "type filter hook output priority 0; policy accept;", [
      `fib daddr type local ${transport} ${nodePort} @rejected_node_ports goto reject_now`,
      "jump refuse",
    ]),
    chain("input", "type filter hook input priority 0; policy accept;", [
      `${transport} ${nodePort} @rejected_node_ports ct state new goto reject_now`,
    ]),
    ...(learn.length === 0
      ? []
      : [
          chain("learn", "type filter hook postrouting priority -150; policy accept;", learn),
          chain("learn_input", "type filter hook input priority -150; policy accept;", learn),
        ]),
  ];
  return `add table ip ${table}\ndelete table ip ${table}\ntable ip ${table} {\n${[...sets, ...chains].map(indent).join("\n")}\n}\n`;
}

function map(name: string, key: string): string {
  return `map ${name} { typeof ${key} : ip daddr . th dport; flags interval; }`;
}

function set(name: string, key: string): string {
  return `set ${name} { typeof ${key}; }`;
}

function chain(name: string, hook: string | undefined, rules: readonly string[]): string {
  return [`chain ${name} {`, ...(hook === undefined ? [] : [`  ${hook}`]), ...rules.map((rule) => `  ${rule}`), "}"].join("\n");
}

const indent = (text: string): string => text.replaceAll(/^/gm, "  ");
