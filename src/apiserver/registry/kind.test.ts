import { builtinKinds } from "../../kinds/all.ts";
import { kindLaws } from "./kind.laws.ts";

for (const kind of builtinKinds) {
  if (kind.operation !== undefined) continue;
  for (const version of kind.versions) {
    if (!version.served) continue;
    kindLaws(kind, version.name, false);
    kindLaws(kind, version.name, true);
  }
}
