// What a client sees when something is refused: metav1.Status with a closed list of reasons and Kubernetes' wording.

import type { FieldError } from "./field-error.ts";
import { causeMessage } from "./field-error.ts";

export type StatusReason =
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Expired"
  | "Invalid"
  | "ServerTimeout"
  | "StoreReadError"
  | "Timeout"
  | "TooManyRequests"
  | "BadRequest"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "RequestEntityTooLarge"
  | "UnsupportedMediaType"
  | "InternalError"
  | "ServiceUnavailable"
  | "InsufficientStorage";

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** metav1.Status as it goes over the wire. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: StatusReason;
  readonly details?: StatusDetails;
  readonly code: number;
}

const codes: Readonly<Record<StatusReason, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  Invalid: 422,
  ServerTimeout: 500,
  StoreReadError: 500,
  Timeout: 504,
  TooManyRequests: 429,
  BadRequest: 400,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  InternalError: 500,
  ServiceUnavailable: 503,
  InsufficientStorage: 507,
};

/** Of reasons that share a code, the one that says least. */
const reasonsByCode: ReadonlyMap<number, StatusReason> = new Map(
  (Object.keys(codes) as StatusReason[])
    .filter((reason) => reason !== "AlreadyExists" && reason !== "Expired" && codes[reason] !== 500)
    .map((reason) => [codes[reason], reason]),
);

/** The reason of an answer that names none. */
export const reasonOfCode = (code: number): StatusReason => reasonsByCode.get(code) ?? "InternalError";

/** A refusal that a client is meant to see. Everything else that is thrown becomes InternalError at one boundary. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly status: Status;

  constructor(reason: StatusReason, message: string, details?: StatusDetails, code: number = codes[reason]) {
    super(message);
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason,
      ...(details && { details }),
      code,
    };
  }

  get reason(): StatusReason {
    return this.status.reason!;
  }
  get code(): number {
    return this.status.code;
  }

  /** The error that a Status from the wire stands for. */
  static from(status: Status): StatusError {
    return new StatusError(status.reason ?? "InternalError", status.message ?? "unknown error", status.details, status.code);
  }
}

/** "pods", "deployments.apps": how messages name a resource. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
}
const qualified = (of: ResourceName): string => (of.group === "" ? of.resource : `${of.resource}.${of.group}`);

export const notFound = (of: ResourceName, name: string): StatusError =>
  new StatusError("NotFound", `${qualified(of)} "${name}" not found`, detailsOf(of, name));

export const alreadyExists = (of: ResourceName, name: string): StatusError =>
  new StatusError("AlreadyExists", `${qualified(of)} "${name}" already exists`, detailsOf(of, name));

export const conflict = (of: ResourceName, name: string, why: string): StatusError =>
  new StatusError("Conflict", `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`, detailsOf(of, name));

/** The message of a write whose resourceVersion is not the stored one. */
export const staleObject = "the object has been modified; please apply your changes to the latest version and try again";

export const forbidden = (of: ResourceName, name: string, why: string): StatusError =>
  new StatusError(
    "Forbidden",
    name === "" ? `${qualified(of)} is forbidden: ${why}` : `${qualified(of)} "${name}" is forbidden: ${why}`,
    detailsOf(of, name),
  );

export const badRequest = (message: string): StatusError => new StatusError("BadRequest", message);

export const unauthorized = (): StatusError => new StatusError("Unauthorized", "Unauthorized");

/** A resourceVersion or continue token older than what is kept. */
export const expired = (message: string): StatusError => new StatusError("Expired", message);

/** Validation failed: one cause per error, the message joining them as Kubernetes does. `kind` is the kind, not the resource. */
export function invalid(of: { readonly group: string; readonly kind: string }, name: string, errors: readonly FieldError[]): StatusError {
  const name1 = of.group === "" ? of.kind : `${of.kind}.${of.group}`;
  const seen = new Set<string>();
  const messages = errors.map((error) => `${error.field}: ${causeMessage(error)}`).filter((text) => !seen.has(text) && seen.add(text));
  const joined = messages.length === 1 ? messages[0]! : `[${messages.join(", ")}]`;
  return new StatusError("Invalid", `${name1} "${name}" is invalid: ${joined}`, {
    ...(name !== "" && { name }),
    ...(of.group !== "" && { group: of.group }),
    kind: of.kind,
    causes: errors.map((error) => ({ reason: error.type, message: causeMessage(error), field: error.field })),
  });
}

function detailsOf(of: ResourceName, name: string): StatusDetails {
  return { ...(name !== "" && { name }), ...(of.group !== "" && { group: of.group }), kind: of.resource };
}
