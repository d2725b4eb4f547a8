// Labels of EndpointSlices by which their service and their writer are known.

import { endpointSliceKind } from "../../kinds/discovery/endpoint-slice.ts";
import { indexBy } from "../view.ts";

export const serviceNameLabel = "kubernetes.io/service-name";
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
export const headlessLabel = "service.kubernetes.io/headless";

/** Slices under "namespace/service". */
export const bySliceService = indexBy(endpointSliceKind, "service", (slice) => {
  const service = slice.metadata?.labels?.[serviceNameLabel];
  return service === undefined ? [] : [`${slice.metadata?.namespace ?? ""}/${service}`];
});
