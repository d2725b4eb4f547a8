// The verbs below `create`, and what they share: an object made from flags is created, or only shown.

import type { Verb } from "../verb.ts";

export const generatorVerbs: readonly Verb[] = [];
