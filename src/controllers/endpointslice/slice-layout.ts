// How endpoints are spread over slices: endpoints with the same ports share slices of at most a hundred, and a change
// rewrites as few slices as it can, because every node watches them all. Pure; used for pods and for mirrored Endpoints.

import type { Endpoint, EndpointPort, EndpointSlice } from "../../kinds/discovery/types.gen.ts";
import { deepEqual } from "../../object/copy.ts";

/** Most endpoints in a slice that the controllers write. */
const maxEndpointsPerSlice = 100;

export interface Wanted {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}
export interface Layout {
  /** New slices, as the content that they shall have. */
  readonly create: readonly Wanted[];
  readonly update: readonly { readonly slice: EndpointSlice; readonly endpoints: readonly Endpoint[] }[];
  readonly keep: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
}

/** What to do with the present slices of one address family so that they show what is wanted. */
export function layOut(present: readonly EndpointSlice[], wanted: readonly Wanted[]): Layout {
  const layout = {
    create: [] as Wanted[],
    update: [] as Layout["update"][number][],
    keep: [] as EndpointSlice[],
    delete: [] as EndpointSlice[],
  };
  const left = new Set(present);
  for (const group of wanted) {
    const ours = present.filter((slice) => left.has(slice) && samePorts(slice.ports, group.ports));
    for (const slice of ours) left.delete(slice);
    layOutGroup(ours, group, layout);
  }
  layout.delete.push(...left);
  return layout;
}

function layOutGroup(
  present: readonly EndpointSlice[],
  wanted: Wanted,
  layout: { create: Wanted[]; update: Layout["update"][number][]; keep: EndpointSlice[]; delete: EndpointSlice[] },
): void {
  const waiting = new Map(wanted.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const slots = present.map((slice) => {
    const endpoints: Endpoint[] = [];
    let changed = false;
    for (const old of slice.endpoints ?? []) {
      const next = waiting.get(identityOf(old));
      if (next === undefined) changed = true;
      else {
        waiting.delete(identityOf(old));
        endpoints.push(next);
        if (!deepEqual(next, old)) changed = true;
      }
    }
    return { slice, endpoints, changed };
  });
  const fill = (slot: (typeof slots)[number]): void => {
    for (const [identity, endpoint] of waiting) {
      if (slot.endpoints.length >= maxEndpointsPerSlice) return;
      slot.endpoints.push(endpoint);
      slot.changed = true;
      waiting.delete(identity);
    }
  };
  // Slices that are rewritten anyway take what is new; then one slice that can take all the rest; then new slices.
  for (const slot of slots) if (slot.changed && slot.endpoints.length > 0) fill(slot);
  if (waiting.size > 0) {
    const room = slots
      .filter((slot) => slot.endpoints.length + waiting.size <= maxEndpointsPerSlice)
      .toSorted((a, b) => b.endpoints.length - a.endpoints.length)[0];
    if (room !== undefined) fill(room);
  }
  for (const { slice, endpoints, changed } of slots) {
    if (!changed) layout.keep.push(slice);
    else if (endpoints.length === 0 && (slice.endpoints?.length ?? 0) > 0) layout.delete.push(slice);
    else layout.update.push({ slice, endpoints });
  }
  const rest = [...waiting.values()];
  for (let at = 0; at < rest.length; at += maxEndpointsPerSlice) {
    layout.create.push({ ports: wanted.ports, endpoints: rest.slice(at, at + maxEndpointsPerSlice) });
  }
}

/** Two endpoints are the same one when they name the same target, or else have the same addresses. */
const identityOf = (endpoint: Endpoint): string =>
  endpoint.targetRef?.uid !== undefined
    ? `${endpoint.targetRef.kind}/${endpoint.targetRef.uid}`
    : JSON.stringify([
        endpoint.addresses,
        endpoint.targetRef?.kind,
        endpoint.targetRef?.namespace,
        endpoint.targetRef?.name,
        endpoint.hostname,
      ]);

const portKey = (port: EndpointPort): string =>
  JSON.stringify([port.name ?? "", port.port, port.protocol ?? "TCP", port.appProtocol ?? ""]);
export const portsKey = (ports: readonly EndpointPort[] | undefined): string => (ports ?? []).map(portKey).toSorted().join(" ");
const samePorts = (a: readonly EndpointPort[] | undefined, b: readonly EndpointPort[]): boolean => portsKey(a) === portsKey(b);
