// Generated from the schemas by `npm run generate`. Do not edit.

import type { ApiObject } from "../../object/kind.ts";
import type { ObjectMeta } from "../../object/meta.gen.ts";
import type { ObjectReference } from "../core/types.gen.ts";

/** One backend of a service. */
export interface Endpoint {
  /** Its addresses, all the same backend; consumers use the first. */
  readonly addresses: readonly string[];
  /** Its state. */
  readonly conditions?: EndpointConditions;
  /** Host name, for DNS. */
  readonly hostname?: string;
  /** Object that stands behind it. */
  readonly targetRef?: ObjectReference;
  /** Topology of the earlier version; not written today. */
  readonly deprecatedTopology?: Readonly<Record<string, string>>;
  /** Node that has it. */
  readonly nodeName?: string;
  /** Zone that has it. */
  readonly zone?: string;
  /** Who should use it. */
  readonly hints?: EndpointHints;
}

/** State of an endpoint. */
export interface EndpointConditions {
  /** Whether it takes traffic; unknown counts as yes. */
  readonly ready?: boolean;
  /** Like ready, whether or not it is going away. */
  readonly serving?: boolean;
  /** Whether it is going away. */
  readonly terminating?: boolean;
}

/** Who should use an endpoint. */
export interface EndpointHints {
  /** Zones that should use it; at most 8. */
  readonly forZones?: readonly ForZone[];
  /** Nodes that should use it; at most 8. */
  readonly forNodes?: readonly ForNode[];
}

/** A port of all endpoints of a slice. */
export interface EndpointPort {
  /** Name of the service's port. */
  readonly name?: string;
  /** Protocol of the port. */
  readonly protocol?: "TCP" | "UDP" | "SCTP";
  /** Port number; absent means all ports. */
  readonly port?: number;
  /** Application protocol, as a hint to implementations. */
  readonly appProtocol?: string;
}

/** Some of the endpoints behind a service; the label kubernetes.io/service-name names it. */
export interface EndpointSlice extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** At most 1000 endpoints. */
  readonly endpoints?: readonly Endpoint[];
  /** Ports of all these endpoints. */
  readonly ports?: readonly EndpointPort[];
  /** Sort of the addresses; never changes. */
  readonly addressType: "IPv4" | "IPv6" | "FQDN";
}

/** A node that should use an endpoint. */
export interface ForNode {
  /** Name of the node. */
  readonly name: string;
}

/** A zone that should use an endpoint. */
export interface ForZone {
  /** Name of the zone. */
  readonly name: string;
}
