// Every verb.

import type { Verb } from "../verb.ts";
import { applyVerb } from "./apply.ts";
import { authVerb } from "./auth.ts";
import { completionVerb } from "./completion.ts";
import { configVerb } from "./config.ts";
import { createVerb } from "./create.ts";
import { deleteVerb } from "./delete.ts";
import { describeVerb } from "./describe.ts";
import { editVerb } from "./edit.ts";
import { eventsVerb } from "./events.ts";
import { attachVerb, execVerb } from "./exec.ts";
import { explainVerb } from "./explain.ts";
import { getVerb } from "./get.ts";
import { logsVerb } from "./logs.ts";
import { annotateVerb, labelVerb } from "./metadata.ts";
import { cordonVerb, drainVerb, taintVerb, uncordonVerb } from "./nodes.ts";
import { patchVerb } from "./patch.ts";
import { portForwardVerb } from "./port-forward.ts";
import { refusedVerbs } from "./refused.ts";
import { replaceVerb } from "./replace.ts";
import { rolloutVerb } from "./rollout.ts";
import { exposeVerb, runVerb } from "./run.ts";
import { scaleVerb } from "./scale.ts";
import { setVerb } from "./set.ts";
import { apiResourcesVerb, apiVersionsVerb, clusterInfoVerb, versionVerb } from "./version.ts";
import { waitVerb } from "./wait.ts";

export const verbs: readonly Verb[] = [
  annotateVerb,
  apiResourcesVerb,
  apiVersionsVerb,
  applyVerb,
  attachVerb,
  authVerb,
  clusterInfoVerb,
  completionVerb(() => verbs),
  configVerb,
  cordonVerb,
  createVerb,
  deleteVerb,
  describeVerb,
  drainVerb,
  editVerb,
  eventsVerb,
  execVerb,
  explainVerb,
  exposeVerb,
  getVerb,
  labelVerb,
  logsVerb,
  patchVerb,
  portForwardVerb,
  replaceVerb,
  rolloutVerb,
  runVerb,
  scaleVerb,
  setVerb,
  taintVerb,
  uncordonVerb,
  versionVerb,
  waitVerb,
  ...refusedVerbs,
];
