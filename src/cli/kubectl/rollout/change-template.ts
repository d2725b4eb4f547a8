// Changes to the pod template of a workload, sent as a patch.

import { withQuery } from "../../../client/resource-path.ts";
import { clone } from "../../../object/copy.ts";
import type { Item } from "../items.ts";
import type { DryRun } from "../output/report.ts";
import { pathOf } from "../resource-mapping.ts";
import { patched, twoWayPatch } from "../schemas.ts";
import type { Found } from "../selection.ts";
import type { Session } from "../session.ts";

/** The object after `change`, or undefined when nothing changed. */
export async function changeObject(
  session: Session,
  found: Found,
  dryRun: DryRun,
  change: (draft: any) => void,
): Promise<Item | undefined> {
  const { resource, namespace, name, object } = found;
  const draft = clone(object);
  change(draft);
  const patch = twoWayPatch(resource, object, draft as Item);
  if (Object.keys(patch.body).length === 0) return undefined;
  if (dryRun === "client") return patched(resource, object, patch);
  const fieldManager = session.flags.declares("field-manager") ? session.flags.text("field-manager") : undefined;
  const path = withQuery(pathOf(resource, namespace, name), { fieldManager, dryRun: dryRun === "server" ? "All" : undefined });
  return await (await session.server()).request<Item>("PATCH", path, patch);
}
