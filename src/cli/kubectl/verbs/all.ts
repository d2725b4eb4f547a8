// Every verb.

import type { Verb } from "../verb.ts";
import { applyVerb } from "./apply.ts";
import { authVerb } from "./auth.ts";
import { configVerb } from "./config.ts";
import { createVerb } from "./create.ts";
import { deleteVerb } from "./delete.ts";
import { describeVerb } from "./describe.ts";
import { eventsVerb } from "./events.ts";
import { attachVerb, execVerb } from "./exec.ts";
import { getVerb } from "./get.ts";
import { logsVerb } from "./logs.ts";
import { annotateVerb, labelVerb } from "./metadata.ts";
import { cordonVerb, drainVerb, taintVerb, uncordonVerb } from "./nodes.ts";
import { patchVerb } from "./patch.ts";
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
  configVerb,
  cordonVerb,
  createVerb,
  deleteVerb,
  describeVerb,
  drainVerb,
  eventsVerb,
  execVerb,
  exposeVerb,
  getVerb,
  labelVerb,
  logsVerb,
  patchVerb,
  replaceVerb,
  rolloutVerb,
  runVerb,
  scaleVerb,
  setVerb,
  taintVerb,
  uncordonVerb,
  versionVerb,
  waitVerb,
];
