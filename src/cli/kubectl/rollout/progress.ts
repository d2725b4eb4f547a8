// How far a roll-out is, in kubectl's words.

import { KubectlError } from "../errors.ts";
import type { Item } from "../items.ts";
import { nameOf } from "../items.ts";
import type { Target } from "../selection.ts";
import type { Session } from "../session.ts";
import { follow } from "../watching.ts";
import { revisionOf } from "./revisions.ts";

export interface Progress {
  readonly message: string;
  readonly done: boolean;
}

/** @throws KubectlError when the roll-out has failed, or `revision` (0: any) is not the present one */
export function deploymentProgress(deployment: Item, revision: number): Progress {
  const name = JSON.stringify(nameOf(deployment));
  if (revision > 0) {
    const present = revisionOf(deployment);
    if (present !== revision) throw new KubectlError(`desired revision (${revision}) is different from the running revision (${present})`);
  }
  const { replicas: wanted = 1 } = deployment["spec"] ?? {};
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0, conditions = [] } = deployment["status"] ?? {};
  if ((deployment.metadata?.generation ?? 0) > observedGeneration)
    return { message: "Waiting for deployment spec update to be observed...\n", done: false };
  const progressing = (conditions as readonly { type: string; reason?: string }[]).find(({ type }) => type === "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") throw new KubectlError(`deployment ${name} exceeded its progress deadline`);
  const waiting = (what: string): Progress => ({ message: `Waiting for deployment ${name} rollout to finish: ${what}...\n`, done: false });
  if (updatedReplicas < wanted) return waiting(`${updatedReplicas} out of ${wanted} new replicas have been updated`);
  if (replicas > updatedReplicas) return waiting(`${replicas - updatedReplicas} old replicas are pending termination`);
  if (availableReplicas < updatedReplicas) return waiting(`${availableReplicas} of ${updatedReplicas} updated replicas are available`);
  return { message: `deployment ${name} successfully rolled out\n`, done: true };
}

/** Resolves when as many replicas are there as are wanted. */
export async function waitForReplicas(session: Session, target: Target & { readonly name: string }, timeoutMs: number): Promise<void> {
  await follow(session, target, timeoutMs, "timed out waiting for the condition", (seen) => {
    if (seen === undefined) return true;
    const status = seen["status"] ?? {};
    return (seen.metadata?.generation ?? 0) <= (status.observedGeneration ?? 0) && (status.replicas ?? 0) === (seen["spec"]?.replicas ?? 0);
  });
}
