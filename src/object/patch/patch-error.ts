// What a patch that cannot be applied answers: 400 when it is no patch, 422 when it does not fit the object.

import { badRequest, StatusError } from "../status.ts";

/** The patch itself is malformed. */
export const malformedPatch = (message: string): StatusError => badRequest(message);

/** The patch does not fit the object. Clients are told Kubernetes' general message and nothing more; what is wrong is its cause. */
export const unfittingPatch = (message: string): StatusError =>
  Object.assign(new StatusError("Invalid", "the server rejected our request due to an error in our request", {}), { cause: message });
