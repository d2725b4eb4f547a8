// Every verb.

import type { Verb } from "../verb.ts";
import { applyVerb } from "./apply.ts";
import { createVerb } from "./create.ts";
import { deleteVerb } from "./delete.ts";
import { getVerb } from "./get.ts";
import { logsVerb } from "./logs.ts";
import { replaceVerb } from "./replace.ts";

export const verbs: readonly Verb[] = [applyVerb, createVerb, deleteVerb, getVerb, logsVerb, replaceVerb];
