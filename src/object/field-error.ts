// One thing wrong with one field, in Kubernetes' wording. Validation collects these; status.ts turns them into a Status.

export type FieldErrorType =
  | "FieldValueNotFound"
  | "FieldValueRequired"
  | "FieldValueDuplicate"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "InternalError"
  | "FieldValueTypeInvalid";

export interface FieldError {
  readonly type: FieldErrorType;
  /** "spec.containers[0].image" */
  readonly field: string;
  readonly badValue?: unknown;
  readonly detail: string;
}

/** Path of a child field: `child("spec", "ports")`; keys of maps in brackets: `key("data", "a.b")`. */
export const child = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
export const index = (path: string, position: number): string => `${path}[${position}]`;
export const key = (path: string, name: string): string => `${path}[${name}]`;

export const required = (field: string, detail = ""): FieldError => ({ type: "FieldValueRequired", field, detail });
export const invalidValue = (field: string, badValue: unknown, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  badValue,
  detail,
});
export const notSupported = (field: string, badValue: unknown, supported: readonly string[]): FieldError => ({
  type: "FieldValueNotSupported",
  field,
  badValue,
  detail: supported.length === 0 ? "" : `supported values: ${supported.map((value) => JSON.stringify(value)).join(", ")}`,
});
export const forbiddenField = (field: string, detail: string): FieldError => ({ type: "FieldValueForbidden", field, detail });
export const duplicate = (field: string, badValue: unknown): FieldError => ({ type: "FieldValueDuplicate", field, badValue, detail: "" });
export const notFoundValue = (field: string, badValue: unknown): FieldError => ({
  type: "FieldValueNotFound",
  field,
  badValue,
  detail: "",
});
/** The value itself is not repeated: it may be megabytes. */
export const tooLong = (field: string, maxLength: number): FieldError => ({
  type: "FieldValueTooLong",
  field,
  detail: `may not be more than ${maxLength} bytes`,
});
export const tooMany = (field: string, actual: number, maximum: number): FieldError => ({
  type: "FieldValueTooMany",
  field,
  badValue: actual,
  detail: `must have at most ${maximum} ${maximum === 1 ? "item" : "items"}`,
});

const titles: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: "Not found",
  FieldValueRequired: "Required value",
  FieldValueDuplicate: "Duplicate value",
  FieldValueInvalid: "Invalid value",
  FieldValueNotSupported: "Unsupported value",
  FieldValueForbidden: "Forbidden",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
  InternalError: "Internal error",
  FieldValueTypeInvalid: "Invalid value",
};

/** "Invalid value: \"x\": must be ..." — without the field, as a Status cause carries it. */
export function causeMessage(error: FieldError): string {
  const title = titles[error.type];
  const valueless =
    error.type === "FieldValueRequired" ||
    error.type === "FieldValueForbidden" ||
    error.type === "FieldValueTooLong" ||
    error.type === "InternalError";
  const text = valueless ? title : `${title}: ${show(error.badValue)}`;
  return error.detail === "" ? text : `${text}: ${error.detail}`;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === undefined || value === null) return "null";
  if (typeof value === "object") return JSON.stringify(value);
  return String(value as number | boolean);
}
