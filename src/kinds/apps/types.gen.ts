// Generated from the schemas by `npm run generate`. Do not edit.

import type { ApiObject } from "../../object/kind.ts";
import type { LabelSelector, ObjectMeta } from "../../object/meta.gen.ts";
import type { PodTemplateSpec } from "../core/types.gen.ts";

/** Keeps a number of equal pods and rolls them over to new templates. */
export interface Deployment extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** What is wanted. */
  readonly spec?: DeploymentSpec;
  /** What is observed. */
  readonly status?: DeploymentStatus;
}

/** One observed aspect of a deployment. */
export interface DeploymentCondition {
  /** Name of the aspect: Available, Progressing or ReplicaFailure. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: "True" | "False" | "Unknown";
  /** One CamelCase word for the last change. */
  readonly reason?: string;
  /** The same for people. */
  readonly message?: string;
  /** When this was last written. */
  readonly lastUpdateTime?: string;
  /** When status last changed. */
  readonly lastTransitionTime?: string;
}

/** What is wanted of a deployment. */
export interface DeploymentSpec {
  /** How many pods. */
  readonly replicas?: number;
  /** Which pods count; must match the template's labels and never changes. */
  readonly selector: LabelSelector;
  /** What the pods look like; a change starts a rollout. */
  readonly template: PodTemplateSpec;
  /** How old pods are replaced. */
  readonly strategy?: DeploymentStrategy;
  /** Seconds of readiness before a pod counts as available. */
  readonly minReadySeconds?: number;
  /** How many old replica sets are kept for undoing. */
  readonly revisionHistoryLimit?: number;
  /** Start no rollouts. */
  readonly paused?: boolean;
  /** Seconds without progress after which a rollout counts as stuck. */
  readonly progressDeadlineSeconds?: number;
}

/** What is observed of a deployment. */
export interface DeploymentStatus {
  /** The metadata.generation that this was observed at. */
  readonly observedGeneration?: number;
  /** Pods that do not terminate. */
  readonly replicas?: number;
  /** Those of the present template. */
  readonly updatedReplicas?: number;
  /** Those that have been ready long enough. */
  readonly availableReplicas?: number;
  /** How many are yet to become available. */
  readonly unavailableReplicas?: number;
  /** Observed aspects. */
  readonly conditions?: readonly DeploymentCondition[];
  /** Those that are ready. */
  readonly readyReplicas?: number;
  /** How often a replica set's name was already taken; changes the template's hash. */
  readonly collisionCount?: number;
  /** Pods that are on their way out. */
  readonly terminatingReplicas?: number;
}

/** How old pods are replaced. */
export interface DeploymentStrategy {
  /** All at once or step by step. */
  readonly type?: "Recreate" | "RollingUpdate";
  /** How fast, for RollingUpdate. */
  readonly rollingUpdate?: RollingUpdateDeployment;
}

/** Keeps a number of equal pods. */
export interface ReplicaSet extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** What is wanted. */
  readonly spec?: ReplicaSetSpec;
  /** What is observed. */
  readonly status?: ReplicaSetStatus;
}

/** One observed aspect of a replica set. */
export interface ReplicaSetCondition {
  /** Name of the aspect, such as ReplicaFailure. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: "True" | "False" | "Unknown";
  /** When status last changed. */
  readonly lastTransitionTime?: string;
  /** One CamelCase word for the last change. */
  readonly reason?: string;
  /** The same for people. */
  readonly message?: string;
}

/** What is wanted of a replica set. */
export interface ReplicaSetSpec {
  /** How many pods. */
  readonly replicas?: number;
  /** Which pods count; must match the template's labels and never changes. */
  readonly selector: LabelSelector;
  /** What the pods look like. */
  readonly template?: PodTemplateSpec;
  /** Seconds of readiness before a pod counts as available. */
  readonly minReadySeconds?: number;
}

/** What is observed of a replica set. */
export interface ReplicaSetStatus {
  /** Pods that do not terminate. */
  readonly replicas: number;
  /** Those with all labels of the template. */
  readonly fullyLabeledReplicas?: number;
  /** The metadata.generation that this was observed at. */
  readonly observedGeneration?: number;
  /** Those that are ready. */
  readonly readyReplicas?: number;
  /** Those that have been ready long enough. */
  readonly availableReplicas?: number;
  /** Observed aspects. */
  readonly conditions?: readonly ReplicaSetCondition[];
  /** Pods that are on their way out. */
  readonly terminatingReplicas?: number;
}

/** How fast a rollout goes. */
export interface RollingUpdateDeployment {
  /** How many pods may be missing meanwhile, as number or percentage, rounded down. */
  readonly maxUnavailable?: number | string;
  /** How many pods may be too many meanwhile, as number or percentage, rounded up. */
  readonly maxSurge?: number | string;
}
