// Tables of refusals: a valid object, a change, and the errors that it must give. Objects are read and defaulted as the API
// server does it before the rules of their kind look at them.

import { expect } from "vitest";
import { SeededRandom } from "../base/random.ts";
import { clone } from "../object/copy.ts";
import { decodeObject } from "../object/decode.ts";
import { applyDefaults } from "../object/defaults.ts";
import { causeMessage } from "../object/field-error.ts";
import type { FieldError } from "../object/field-error.ts";
import type { ApiObject, Kind, RuleContext } from "../object/kind.ts";
import { storageVersionOf } from "../object/kind.ts";

/** Values by path ("spec.ports[0].port"); undefined takes a member away. */
export type Changes = Readonly<Record<string, unknown>>;

/** A row of a table: what changes, and the errors as "field: message". */
export type Row = [what: string, changes: Changes, ...errors: string[]];

/** What a name is told that is no label, no subdomain, no qualified name, no port name. */
export const noLabel =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
export const noSubdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
export const noQualifiedName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
export const noLabelValue =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
export const noIp = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
export const noCidr = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
export const negative = "must be greater than or equal to 0";

export function changed<T>(object: T, changes: Changes): any {
  const draft: any = clone(object);
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
    const last = steps.pop()!;
    const parent = steps.reduce((at, step, position) => (at[step] ??= /^\d+$/.test(steps[position + 1] ?? last) ? [] : {}), draft);
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return draft;
}

/** An object as the rules see it: read strictly, with defaults. */
export function asRead<T extends ApiObject>(kind: Kind<T>, object: object): T {
  const { schema, name } = storageVersionOf(kind as Kind<any>);
  const { object: draft } = decodeObject<any>(schema, clone(object), { unknownFields: "strict", kind: kind.kind, version: name });
  applyDefaults(schema, draft);
  kind.rules?.default?.(draft);
  return draft as T;
}

const contextOf = <T extends ApiObject>(old?: T): RuleContext<T> => ({
  now: Date.parse("2026-01-01T00:00:00Z"),
  random: new SeededRandom(1),
  user: { name: "jane", groups: [] },
  ...(old && { old }),
  subresource: "",
  dryRun: false,
  lookup: () => undefined,
  allocate: { take: async () => undefined, release() {} },
});

export const shown = (errors: readonly FieldError[]): string[] => errors.map((error) => `${error.field}: ${causeMessage(error)}`);

/** Errors of a new object. */
export const refusals = <T extends ApiObject>(kind: Kind<T>, object: object): string[] =>
  shown(kind.rules?.validate?.(asRead(kind, object), contextOf<T>()) ?? []);

/** Errors of an update, of the whole object or through a view of it. */
export function updateRefusals<T extends ApiObject>(kind: Kind<T>, from: object, to: object, subresource?: string): string[] {
  const old = asRead(kind, from);
  const object = asRead(kind, to);
  const context = contextOf(old);
  if (subresource === undefined)
    return shown([...(kind.rules?.validate?.(object, context) ?? []), ...(kind.rules?.validateUpdate?.(object, old, context) ?? [])]);
  const view = kind.subresources?.find((one) => one.name === subresource);
  if (view?.type !== "view") throw new Error(`${kind.kind} has no view ${subresource}`);
  return shown(view.validateUpdate?.(object, old, context) ?? []);
}

export const warningsOf = <T extends ApiObject>(kind: Kind<T>, object: object): readonly string[] =>
  kind.rules?.warnings?.(asRead(kind, object), contextOf<T>()) ?? [];

/** A test for each row: the base is fine, the changed base is refused for exactly these reasons. */
export function checkRow<T extends ApiObject>(kind: Kind<T>, base: object, [, changes, ...errors]: Row): void {
  expect(refusals(kind, base)).toEqual([]);
  expect(refusals(kind, changed(base, changes))).toEqual(errors);
}

export function checkUpdateRow<T extends ApiObject>(kind: Kind<T>, base: object, [, changes, ...errors]: Row, subresource?: string): void {
  expect(updateRefusals(kind, base, base, subresource)).toEqual([]);
  expect(updateRefusals(kind, base, changed(base, changes), subresource)).toEqual(errors);
}
