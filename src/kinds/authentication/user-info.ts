// Who somebody is, as the authenticator says.

import { atomicList, field, list, map, string, struct } from "../../object/schema.ts";

export const userInfo = struct("authentication.v1.UserInfo", "An authenticated user.", {
  username: field(1, string, "Name, unique among active users."),
  uid: field(2, string, "Id that tells users of the same name at different times apart."),
  groups: field(3, atomicList(string), "Groups the user belongs to."),
  extra: field(4, map({ ...list(string), message: "ExtraValue" }), "Whatever else the authenticator knows."),
});
