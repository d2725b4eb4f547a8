// How both sorts of binding show in a table.

import { ageColumn, nameColumn, textColumn, wide } from "../columns.ts";
import type { ApiObject, Column } from "../../object/kind.ts";
import type { RoleRef, Subject } from "./types.gen.ts";

interface AnyBinding extends ApiObject {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}

const subjectsOf = (object: AnyBinding, kind: string): readonly Subject[] =>
  (object.subjects ?? []).filter((subject) => subject.kind === kind);
const names = (object: AnyBinding, kind: string): string =>
  subjectsOf(object, kind)
    .map((subject) => subject.name)
    .join(", ");

export const bindingColumns: readonly Column<any>[] = [
  nameColumn,
  textColumn("Role", "The role that it gives.", (object: AnyBinding) => `${object.roleRef.kind}/${object.roleRef.name}`),
  ageColumn,
  wide(textColumn("Users", "Users that are given it.", (object: AnyBinding) => names(object, "User"))),
  wide(textColumn("Groups", "Groups that are given it.", (object: AnyBinding) => names(object, "Group"))),
  wide(
    textColumn("ServiceAccounts", "Service accounts that are given it.", (object: AnyBinding) =>
      subjectsOf(object, "ServiceAccount")
        .map((subject) => `${subject.namespace ?? ""}/${subject.name}`)
        .join(", "),
    ),
  ),
];
