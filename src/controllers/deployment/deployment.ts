// Rolls a template out over ReplicaSets: one per template, the new one growing while the old ones shrink, never more than the
// surge above and never more than the allowance below the asked number.

import { matchesLabels, selectorFromObject } from "../../lang/label-selector.ts";
import { revisionAnnotation } from "../../kinds/apps/deployment-rules.ts";
import { deploymentKind } from "../../kinds/apps/deployment.ts";
import { replicaSetKind } from "../../kinds/apps/replica-set.ts";
import { hashPodTemplate } from "../../kinds/apps/template-hash.ts";
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "../../kinds/apps/types.gen.ts";
import { podKind } from "../../kinds/core/pod.ts";
import { deepEqual } from "../../object/copy.ts";
import type { Controller } from "../controller.ts";
import { controllerKey, keyOf, ownKey, splitKey, watch } from "../controller.ts";
import type { Decision, EventNote, Outcome, Write } from "../decision.ts";
import { create, nothing, remove, update, updateStatus } from "../decision.ts";
import { claim, controllerOf, controllerReference } from "../ownership.ts";
import { isPodTerminal } from "../../kinds/core/pod-readiness.ts";
import { conditionOf } from "../pod-state.ts";
import type { View } from "../view.ts";
import { byControllerUid, indexBy } from "../view.ts";
import {
  deadlineCheckMs,
  deploymentStatus,
  hasHistoryLimit,
  hasProgressDeadline,
  isComplete,
  progressing,
  rolloutStatus,
} from "./deployment-status.ts";
import { desiredReplicas, maxReplicasBefore, maxRevision, newSetAnnotations, revisionOf, withSizes } from "./revisions.ts";
import { isRolling, newSetSize, oldestFirst, proportionalSizes, shrinkOldSets, sizeOf, totalSize } from "./rollout-numbers.ts";

const hashLabel = "pod-template-hash";

export const deploymentController: Controller = {
  name: "deployment-controller",
  watches: [
    watch(deploymentKind, ownKey),
    watch(replicaSetKind, deploymentsOf),
    // Only a Recreate rollout waits for pods: for the last old one to be gone.
    watch(podKind, (pod, view) => {
      const set = controllerKey(pod, "ReplicaSet").map((key) => view.get(replicaSetKind, ...splitKey(key)))[0];
      const keys = set === undefined ? [] : controllerKey(set, "Deployment");
      return keys.filter((key) => view.get(deploymentKind, ...splitKey(key))?.spec?.strategy?.type === "Recreate");
    }),
  ],
  indexes: [
    byControllerUid(replicaSetKind),
    byControllerUid(podKind),
    indexBy(replicaSetKind, "orphans", (set) => (controllerOf(set) === undefined ? [set.metadata?.namespace ?? ""] : [])),
  ],
  decide: (view, key, now) => {
    const deployment = view.get(deploymentKind, ...splitKey(key));
    return deployment === undefined ? nothing : new Rollout(view, deployment, now).decide();
  },
};

function deploymentsOf(set: ReplicaSet, view: View): string[] {
  if (controllerOf(set) !== undefined) return controllerKey(set, "Deployment");
  return view
    .list(deploymentKind, set.metadata?.namespace)
    .filter((deployment) => matchesLabels(selectorFromObject(deployment.spec?.selector), set.metadata?.labels))
    .map(keyOf);
}

/** One look at one deployment. Holds what is decided so far: sizes and annotations of its sets, and its conditions. */
class Rollout {
  readonly #view: View;
  readonly #deployment: Deployment;
  readonly #now: number;
  #sets: readonly ReplicaSet[] = [];
  #newSet: ReplicaSet | undefined;
  #old: readonly ReplicaSet[] = [];
  #conditions: readonly DeploymentCondition[];
  readonly #changed = new Map<string, ReplicaSet>();
  readonly #extra: Write[] = [];

  constructor(view: View, deployment: Deployment, now: number) {
    this.#view = view;
    this.#deployment = deployment;
    this.#now = now;
    this.#conditions = deployment.status?.conditions ?? [];
  }

  decide(): Decision {
    const deployment = this.#deployment;
    const candidates = [
      ...this.#view.byIndex(replicaSetKind, "controller-uid", deployment.metadata?.uid ?? ""),
      ...this.#view.byIndex(replicaSetKind, "orphans", deployment.metadata?.namespace ?? ""),
    ];
    const claimed = claim(deploymentKind, deployment, selectorFromObject(deployment.spec?.selector), replicaSetKind, candidates);
    if (claimed.writes.length > 0) return { about: deployment, writes: claimed.writes };
    this.#sets = claimed.mine;
    this.#newSet = oldestFirst(this.#sets).find((set) => sameTemplate(set, deployment));
    this.#old = this.#sets.filter((set) => set !== this.#newSet);

    if (deployment.metadata?.deletionTimestamp !== undefined) return this.#finish("status");
    this.#notePause();
    if (deployment.spec?.paused === true || this.#isScaling()) {
      this.#adoptRevision();
      this.#scale();
      if (deployment.spec?.paused === true) this.#cleanUp();
      return this.#finish("status");
    }
    return isRolling(deployment) ? this.#roll() : this.#recreate();
  }

  // ---- rolling ----

  #roll(): Decision {
    if (this.#newSet === undefined) return this.#createNewSet(newSetSize(this.#deployment, this.#sets, 0));
    this.#adoptRevision();
    const newSet = this.#current(this.#newSet);
    const wanted = this.#deployment.spec?.replicas ?? 1;
    const size = sizeOf(newSet) > wanted ? wanted : newSetSize(this.#deployment, this.#sets, sizeOf(newSet));
    if (size !== sizeOf(newSet)) {
      this.#resize(newSet, size);
      return this.#finish("rollout");
    }
    const active = this.#old.filter((set) => sizeOf(set) > 0);
    if (totalSize(active) > 0) {
      const sizes = new Map<string, number>();
      shrinkOldSets(this.#deployment, newSet, active, sizes);
      for (const set of active) this.#resize(set, sizes.get(set.metadata?.uid ?? "") ?? sizeOf(set));
      if (sizes.size > 0) return this.#finish("rollout");
    }
    if (isComplete(this.#deployment, this.#deployment.status)) this.#cleanUp();
    return this.#finish("rollout");
  }

  // ---- recreate ----

  #recreate(): Decision {
    this.#adoptRevision();
    const active = this.#old.filter((set) => sizeOf(set) > 0);
    if (active.length > 0) {
      for (const set of active) this.#resize(set, 0);
      return this.#finish("rollout");
    }
    if (this.#oldPodsRun()) return this.#finish("rollout");
    const wanted = this.#deployment.spec?.replicas ?? 1;
    if (this.#newSet === undefined) return this.#createNewSet(wanted);
    this.#resize(this.#current(this.#newSet), wanted);
    if (isComplete(this.#deployment, this.#deployment.status)) this.#cleanUp();
    return this.#finish("rollout");
  }

  #oldPodsRun(): boolean {
    return this.#old.some(
      (set) =>
        (set.status?.replicas ?? 0) > 0 ||
        this.#view.byIndex(podKind, "controller-uid", set.metadata?.uid ?? "").some((pod) => !isPodTerminal(pod)),
    );
  }

  // ---- scaling ----

  /** Some active set was told another number of replicas than is asked now. */
  #isScaling(): boolean {
    const wanted = this.#deployment.spec?.replicas ?? 1;
    return this.#sets.some((set) => sizeOf(set) > 0 && (desiredReplicas(set) ?? wanted) !== wanted);
  }

  #scale(): void {
    const wanted = this.#deployment.spec?.replicas ?? 1;
    const newSet = this.#newSet === undefined ? undefined : this.#current(this.#newSet);
    const all = [...this.#old, ...(newSet === undefined ? [] : [newSet])];
    const active = all.filter((set) => sizeOf(set) > 0);
    const only = active.length === 0 ? (newSet ?? oldestFirst(this.#old).at(-1)) : active.length === 1 ? active[0] : undefined;
    if (only !== undefined) {
      this.#resize(only, wanted);
      return;
    }
    if (newSet !== undefined && isSaturated(newSet, wanted)) {
      for (const set of this.#old) if (sizeOf(set) > 0) this.#resize(set, 0);
      return;
    }
    if (!isRolling(this.#deployment)) return;
    const sizes = proportionalSizes(this.#deployment, active, (set) => maxReplicasBefore(set, this.#deployment));
    for (const set of active) {
      this.#resize(set, sizes.get(set.metadata?.uid ?? "") ?? sizeOf(set));
      this.#annotate(set, withSizes(this.#current(set).metadata?.annotations, this.#deployment));
    }
  }

  // ---- the new set ----

  /** The existing new set bears the highest revision, the deployment's annotations and its minReadySeconds. */
  #adoptRevision(): void {
    const newSet = this.#newSet;
    if (newSet === undefined) return;
    const revision = maxRevision(this.#old) + 1;
    this.#annotate(newSet, newSetAnnotations(this.#deployment, newSet.metadata?.annotations, revision));
    const minReadySeconds = this.#deployment.spec?.minReadySeconds;
    if ((newSet.spec?.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
      const present = this.#current(newSet);
      this.#change(newSet, { ...present, spec: { ...present.spec, minReadySeconds } } as ReplicaSet);
    }
    if (hasProgressDeadline(this.#deployment) && conditionOf(this.#conditions, "Progressing") === undefined) {
      this.#setProgressing("True", "FoundNewReplicaSet", `Found new replica set "${newSet.metadata?.name}"`);
    }
  }

  #createNewSet(size: number): Decision {
    const deployment = this.#deployment;
    const hash = hashPodTemplate(deployment.spec!.template, deployment.status?.collisionCount);
    const set = newReplicaSet(deployment, hash, size, maxRevision(this.#old) + 1);
    const name = set.metadata!.name!;
    const event = ({ result }: Outcome): EventNote | undefined =>
      result === undefined || size === 0 ? undefined : scaled(deployment, name, 0, size);
    return {
      about: deployment,
      writes: [create(replicaSetKind, set, "new template", { event })],
      followUp: ([outcome]) => this.#afterCreate(name, outcome!),
    };
  }

  #afterCreate(name: string, { result, error }: Outcome): Decision {
    const deployment = this.#deployment;
    if (error === undefined) {
      if (hasProgressDeadline(deployment)) {
        this.#setProgressing("True", "NewReplicaSetCreated", `Created new replica set "${name}"`);
      }
      const created = result as ReplicaSet | undefined;
      this.#newSet = created;
      if (created !== undefined) this.#sets = [...this.#sets, created];
      return this.#finish("rollout");
    }
    if (error.reason === "AlreadyExists") {
      // Another template has this hash, or somebody else's set this name: the next try salts the hash. A set that we
      // simply do not see yet is found at the next look.
      if (this.#view.get(replicaSetKind, deployment.metadata?.namespace ?? "", name) === undefined) return nothing;
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
      return this.#writeStatus({ ...deployment.status, collisionCount } as DeploymentStatus, "hash collision");
    }
    if (error.status.details?.causes?.some((cause) => cause.reason === "NamespaceTerminating") === true) return nothing;
    const message = `Failed to create new replica set "${name}": ${error.message}`;
    const events = [{ regarding: deployment, type: "Warning", reason: "ReplicaSetCreateError", message } as const];
    if (!hasProgressDeadline(deployment)) return { writes: [], events };
    this.#setProgressing("False", "ReplicaSetCreateError", message);
    return { ...this.#writeStatus({ ...deployment.status, conditions: this.#conditions } as DeploymentStatus, "create failed"), events };
  }

  // ---- what is decided ----

  #current(set: ReplicaSet): ReplicaSet {
    return this.#changed.get(set.metadata?.uid ?? "") ?? set;
  }
  #change(set: ReplicaSet, next: ReplicaSet): void {
    this.#changed.set(set.metadata?.uid ?? "", next);
  }
  #annotate(set: ReplicaSet, annotations: Readonly<Record<string, string>>): void {
    const present = this.#current(set);
    if (deepEqual(annotations, present.metadata?.annotations ?? {})) return;
    this.#change(set, { ...present, metadata: { ...present.metadata, annotations } } as ReplicaSet);
  }
  #resize(set: ReplicaSet, size: number): void {
    const present = this.#current(set);
    if (sizeOf(present) === size) return;
    const annotations = withSizes(present.metadata?.annotations, this.#deployment);
    this.#change(set, {
      ...present,
      metadata: { ...present.metadata, annotations },
      spec: { ...present.spec, replicas: size },
    } as ReplicaSet);
  }

  #setProgressing(status: "True" | "False" | "Unknown", reason: string, message: string): void {
    this.#conditions = progressing(this.#deployment, status, reason, message, this.#now, this.#conditions);
  }

  /** A pause stops the progress deadline's clock, and says so. */
  #notePause(): void {
    if (!hasProgressDeadline(this.#deployment)) return;
    const reason = conditionOf(this.#conditions, "Progressing")?.reason;
    if (reason === "ProgressDeadlineExceeded") return;
    const paused = this.#deployment.spec?.paused === true;
    if (paused && reason !== "DeploymentPaused") this.#setProgressing("Unknown", "DeploymentPaused", "Deployment is paused");
    else if (!paused && reason === "DeploymentPaused") this.#setProgressing("Unknown", "DeploymentResumed", "Deployment is resumed");
  }

  /** Old sets beyond the history limit go, oldest revision first, once nothing runs in them. */
  #cleanUp(): void {
    if (!hasHistoryLimit(this.#deployment)) return;
    const kept = this.#old.filter((set) => set.metadata?.deletionTimestamp === undefined);
    const surplus = kept.length - this.#deployment.spec!.revisionHistoryLimit!;
    if (surplus <= 0) return;
    for (const set of kept.toSorted((a, b) => revisionOf(a) - revisionOf(b)).slice(0, surplus)) {
      const idle = (set.status?.replicas ?? 0) === 0 && sizeOf(set) === 0;
      if (idle && (set.metadata?.generation ?? 0) <= (set.status?.observedGeneration ?? 0)) {
        this.#extra.push(remove(replicaSetKind, set, "revision history limit"));
      }
    }
  }

  #finish(mode: "status" | "rollout"): Decision {
    const deployment = this.#deployment;
    const before = new Map(this.#sets.map((set) => [set.metadata?.uid ?? "", set]));
    const writes: Write[] = [...this.#changed].map(([uid, set]) => this.#updateSet(before.get(uid)!, set));
    writes.push(...this.#extra);
    const current = this.#sets.map((set) => this.#current(set));
    const newSet = this.#newSet === undefined ? undefined : this.#current(this.#newSet);
    const status = (mode === "rollout" ? rolloutStatus : deploymentStatus)(deployment, current, newSet, this.#conditions, this.#now);
    const revision = newSet?.metadata?.annotations?.[revisionAnnotation];
    if (revision !== undefined && deployment.metadata?.annotations?.[revisionAnnotation] !== revision) {
      const annotations = { ...deployment.metadata?.annotations, [revisionAnnotation]: revision };
      const annotated = { ...deployment, metadata: { ...deployment.metadata, annotations } } as Deployment;
      // The status is written over what this write returns: its version is then the newest.
      return {
        about: deployment,
        writes: [...writes, update(deploymentKind, annotated, "revision")],
        followUp: (outcomes) => {
          const written = outcomes.at(-1)?.result as Deployment | undefined;
          return written === undefined ? nothing : this.#writeStatus(status, "status", written);
        },
      };
    }
    const last = this.#writeStatus(status, "status");
    return { ...last, writes: [...writes, ...last.writes] };
  }

  #updateSet(before: ReplicaSet, set: ReplicaSet): Write {
    const [from, to] = [sizeOf(before), sizeOf(set)];
    const event = ({ error }: Outcome): EventNote | undefined =>
      error !== undefined || from === to ? undefined : scaled(this.#deployment, set.metadata?.name ?? "", from, to);
    return update(replicaSetKind, set, from === to ? "annotations" : from < to ? "scale up" : "scale down", { event });
  }

  #writeStatus(status: DeploymentStatus, rule: string, over: Deployment = this.#deployment): Decision {
    const check = deadlineCheckMs(this.#deployment, status, this.#now);
    return {
      about: this.#deployment,
      writes: deepEqual(status, over.status) ? [] : [updateStatus(deploymentKind, { ...over, status }, rule)],
      ...(check !== undefined && { requeueAfterMs: check }),
    };
  }
}

const isSaturated = (set: ReplicaSet, wanted: number): boolean =>
  desiredReplicas(set) === wanted && sizeOf(set) === wanted && (set.status?.availableReplicas ?? 0) === wanted;

const scaled = (deployment: Deployment, set: string, from: number, to: number): EventNote => ({
  regarding: deployment,
  type: "Normal",
  reason: "ScalingReplicaSet",
  message: `Scaled ${from < to ? "up" : "down"} replica set ${set} from ${from} to ${to}`,
});

/** The set was made from this very template: equal but for the hash label that the set's copy got. */
function sameTemplate(set: ReplicaSet, deployment: Deployment): boolean {
  const plain = (template: NonNullable<Deployment["spec"]>["template"] | undefined): unknown => {
    const { [hashLabel]: _, ...labels } = template?.metadata?.labels ?? {};
    return { ...template, metadata: { ...template?.metadata, labels } };
  };
  return deepEqual(plain(set.spec?.template), plain(deployment.spec?.template));
}

function newReplicaSet(deployment: Deployment, hash: string, size: number, revision: number): ReplicaSet {
  const { spec, metadata } = deployment;
  const labels = { ...spec?.template?.metadata?.labels, [hashLabel]: hash };
  const annotations = withSizes(newSetAnnotations(deployment, undefined, revision), deployment);
  return {
    metadata: {
      name: `${metadata?.name}-${hash}`,
      namespace: metadata?.namespace,
      labels,
      annotations,
      ownerReferences: [controllerReference(deploymentKind, deployment)],
    },
    spec: {
      replicas: size,
      ...(spec?.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec?.selector, matchLabels: { ...spec?.selector?.matchLabels, [hashLabel]: hash } },
      template: { ...spec?.template, metadata: { ...spec?.template?.metadata, labels } },
    },
  } as ReplicaSet;
}
