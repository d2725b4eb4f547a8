// `wait`: until objects are as wanted.

import { findJsonPath, parseJsonPath, relaxedJsonPath } from "../../../lang/jsonpath.ts";
import { isNotFound, KubectlError, throwCollected } from "../errors.ts";
import { array, duration } from "../flags.ts";
import type { Item } from "../items.ts";
import { fileFlags } from "../manifests.ts";
import { createReport } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import type { Found, Target } from "../selection.ts";
import { findObjects, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { allFlag, allNamespacesFlag, fieldSelectorFlag, selectorFlag } from "../verb.ts";
import type { Seen } from "../watching.ts";
import { follow } from "../watching.ts";

/** Whether an object is as wanted; undefined stands for one that does not exist. */
type Condition = (seen: Seen) => boolean;

export const waitVerb: Verb = {
  name: "wait",
  usage:
    "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  summary: "Wait for a specific condition on one or many resources",
  examples: `
kubectl wait --for=condition=Ready pod/busybox1
kubectl wait --for=jsonpath='{.status.phase}'=Running pod/busybox1
kubectl wait --for=delete pod/busybox1 --timeout=60s`,
  flags: [
    ...fileFlags("identifying the resource."),
    ...outputFlags,
    allFlag,
    allNamespacesFlag,
    selectorFlag,
    fieldSelectorFlag,
    array(
      "for",
      "The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]].",
    ),
    duration(
      "timeout",
      "The length of time to wait before giving up. Zero means check once and don't wait, negative means wait for a week.",
      {
        default: "30s",
      },
    ),
  ],
  run: async (session, { words, flags }) => {
    const [wanted, ...more] = flags.list("for");
    if (wanted === undefined) throw new KubectlError("--for must be set");
    if (more.length > 0) throw new KubectlError("--for may be given once");
    const condition = parseCondition(wanted);
    const report = await createReport(session);
    const targets = await selectTargets(session, words);
    const found = await present(session, targets, wanted);
    if (found.length === 0 && wanted.toLowerCase() !== "delete") throw new KubectlError("no matching resources found");
    const errors: unknown[] = [];
    // All are waited for within the same time.
    const ends = await Promise.allSettled(found.map((one) => waitFor(session, one, condition)));
    for (const [at, end] of ends.entries()) {
      if (end.status === "rejected") errors.push(end.reason);
      else report(end.value ?? found[at]!.object, "condition met");
    }
    throwCollected(errors);
  },
};

const weekMs = 7 * 24 * 3600 * 1000;

/** Targets with names stand for themselves, lists for what is there now. */
async function present(session: Session, targets: readonly Target[], wanted: string): Promise<Found[]> {
  const named = targets.filter(({ name }) => name !== undefined) as (Target & { readonly name: string })[];
  const found = await findObjects(
    session,
    targets.filter(({ name }) => name === undefined),
  );
  for (const target of named) {
    try {
      found.push(...(await findObjects(session, [target])));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // One that is gone already is what `delete` waits for; `create` waits for one that is not there yet.
      if (wanted.toLowerCase() === "create") found.push({ ...target, object: placeholder(target) });
      else if (wanted.toLowerCase() !== "delete") throw error;
    }
  }
  return found;
}

const placeholder = ({ resource, namespace, name }: Target): Item => ({
  apiVersion: resource.group === "" ? resource.version : `${resource.group}/${resource.version}`,
  kind: resource.kind,
  metadata: { ...(name !== undefined && { name }), ...(namespace !== "" && { namespace }) },
});

async function waitFor(session: Session, found: Found, condition: Condition): Promise<Item | undefined> {
  const given = session.flags.durationMs("timeout");
  const tooLate = `timed out waiting for the condition on ${found.resource.plural}/${found.name}`;
  if (given === 0) {
    if (!condition(found.object)) throw new KubectlError(tooLate);
    return found.object;
  }
  let last: Item | undefined;
  await follow(session, found, given < 0 ? weekMs : given, tooLate, (seen) => {
    last = seen;
    return condition(seen);
  });
  return last;
}

/** @throws KubectlError for a text that names no condition */
function parseCondition(text: string): Condition {
  const lower = text.toLowerCase();
  if (lower === "delete") return (seen) => seen === undefined;
  if (lower === "create") return (seen) => seen !== undefined;
  if (lower.startsWith("condition=")) {
    const [name = "", value = "true"] = text.slice("condition=".length).split("=");
    return (seen) => hasCondition(seen, name.toLowerCase(), value.toLowerCase());
  }
  if (lower.startsWith("jsonpath=")) return jsonPathCondition(text.slice("jsonpath=".length));
  throw new KubectlError(`unrecognized condition: ${JSON.stringify(text)}`);
}

function hasCondition(seen: Seen, name: string, value: string): boolean {
  if (seen === undefined) return false;
  const conditions = (seen["status"]?.conditions ?? []) as readonly { type: string; status: string; observedGeneration?: number }[];
  const found = conditions.find(({ type }) => type.toLowerCase() === name);
  if (found === undefined || found.status.toLowerCase() !== value) return false;
  // A condition about an older generation says nothing about the present one.
  const observed = found.observedGeneration ?? seen["status"]?.observedGeneration;
  return observed === undefined || observed >= (seen.metadata?.generation ?? 0);
}

function jsonPathCondition(text: string): Condition {
  const close = text.lastIndexOf("}");
  const equals = text.indexOf("=", close < 0 ? 0 : close);
  const [expression, value] =
    equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1).replace(/^(["'])(.*)\1$/, "$2")];
  let path: ReturnType<typeof parseJsonPath>;
  try {
    path = parseJsonPath(relaxedJsonPath(expression.replace(/^(["'])(.*)\1$/, "$2")));
  } catch (error) {
    throw new KubectlError((error as Error).message);
  }
  return (seen) => {
    if (seen === undefined) return false;
    const values = findJsonPath(path, seen, { allowMissingKeys: true }).filter((one) => one !== null);
    if (values.length > 1) throw new KubectlError("given jsonpath expression matches more than one value");
    const [only] = values;
    if (only === undefined) return false;
    if (typeof only === "object") throw new KubectlError("jsonpath leads to a nested object or list which is not supported");
    return value === undefined || String(only as string) === value;
  };
}
