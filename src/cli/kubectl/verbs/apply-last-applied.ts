// `apply view-last-applied`: what apply remembers.

import { formatYaml } from "../../../wire/yaml-format.ts";
import { KubectlError } from "../errors.ts";
import { text } from "../flags.ts";
import { lastApplied } from "../last-applied.ts";
import { fileFlags } from "../manifests.ts";
import { formatJson } from "../output/structured.ts";
import { findObjects, selectTargets } from "../selection.ts";
import type { Verb } from "../verb.ts";
import { allFlag, selectorFlag } from "../verb.ts";

export const applyLastAppliedVerbs: readonly Verb[] = [
  {
    name: "view-last-applied",
    usage: "(TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    summary: "View the latest last-applied-configuration annotations of a resource/object",
    flags: [
      ...fileFlags("that contains the last-applied-configuration annotations"),
      selectorFlag,
      allFlag,
      text("output", "yaml or json", { short: "o", default: "yaml" }),
    ],
    run: async (session, { words, flags }) => {
      const output = flags.text("output");
      if (output !== "yaml" && output !== "json")
        throw new KubectlError(`Unexpected -o output mode: ${output}, the flag 'output' must be one of yaml|json`);
      for (const { name, object } of await findObjects(session, await selectTargets(session, words))) {
        const applied = lastApplied(object);
        if (applied === undefined) throw new KubectlError(`no last-applied-configuration annotation found on resource: ${name}`);
        session.terminal.out(output === "yaml" ? formatYaml(applied) : `${formatJson(applied)}\n`);
      }
    },
  },
];
