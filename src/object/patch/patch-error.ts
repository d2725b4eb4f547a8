// What a patch that cannot be applied answers: 400 when it is no patch, 422 when it does not fit the object.

import { badRequest, StatusError } from "../status.ts";

/** The patch itself is malformed. */
export const malformedPatch = (message: string): StatusError => badRequest(message);

/** The patch does not fit the object. The general message is Kubernetes'; the cause says what is wrong. */
export const unfittingPatch = (message: string): StatusError =>
  new StatusError("Invalid", "the server rejected our request due to an error in our request", { causes: [{ message }] });
