// A pod whose scheduling waits for gates may still be narrowed in where it goes, never widened (KEP-3838).

import { deepEqual } from "../../object/copy.ts";
import { invalidValue } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import type { NodeAffinity, NodeSelectorTerm, PodSpec } from "./types.gen.ts";

type Selector = Readonly<Record<string, string>>;

const validateNarrowedSelector = (field: string, selector: Selector = {}, before: Selector = {}): FieldError[] =>
  Object.entries(before).every(([name, value]) => selector[name] === value)
    ? []
    : [invalidValue(field, selector, "only additions to spec.nodeSelector are allowed (no mutations or deletions)")];

function validateNarrowedAffinity(path: string, affinity: NodeAffinity | undefined, before: NodeAffinity | undefined): FieldError[] {
  const formerly = before?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (formerly.length === 0) return [];
  const field = `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  if (formerly.length !== terms.length)
    return [invalidValue(field, terms, "no additions/deletions to non-empty NodeSelectorTerms list are allowed")];
  return formerly.flatMap((old, position) =>
    hasOnlyAdditions(terms[position]!, old)
      ? []
      : [invalidValue(`${field}[${position}]`, terms[position], "only additions are allowed (no mutations or deletions)")],
  );
}

/** A term without requirements matches nothing: a requirement would let it match something. */
function hasOnlyAdditions(term: NodeSelectorTerm, before: NodeSelectorTerm): boolean {
  const size = (one: NodeSelectorTerm): number => (one.matchExpressions?.length ?? 0) + (one.matchFields?.length ?? 0);
  if (size(before) === 0 && size(term) > 0) return false;
  return (["matchExpressions", "matchFields"] as const).every((list) => {
    const former = before[list] ?? [];
    return deepEqual((term[list] ?? []).slice(0, former.length), former);
  });
}

/** Errors of what a gated pod's update changes, and the spec with these changes put back. */
export function takeGatedChanges(spec: PodSpec, before: PodSpec): { readonly errors: FieldError[]; readonly rest: PodSpec } {
  if ((before.schedulingGates ?? []).length === 0) return { errors: [], rest: spec };
  const affinity = { ...spec.affinity, nodeAffinity: before.affinity?.nodeAffinity };
  const others = affinity.podAffinity !== undefined || affinity.podAntiAffinity !== undefined;
  const keep = others || affinity.nodeAffinity !== undefined || before.affinity !== undefined;
  return {
    errors: [
      ...validateNarrowedSelector("spec.nodeSelector", spec.nodeSelector, before.nodeSelector),
      ...validateNarrowedAffinity("spec.affinity.nodeAffinity", spec.affinity?.nodeAffinity, before.affinity?.nodeAffinity),
    ],
    rest: { ...spec, nodeSelector: before.nodeSelector, affinity: keep ? affinity : undefined },
  };
}
