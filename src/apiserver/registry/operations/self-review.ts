// SelfSubjectReview: who am I? (`kubectl auth whoami`)

import { formatTime } from "../../../base/clock.ts";
import { respondValue } from "../../route/respond.ts";
import type { Operation } from "./operation.ts";

export const selfReview: Operation = async ({ server, call, draft, expected }) => {
  const { name, uid, groups, extra } = call.user;
  const userInfo = { username: name, ...(uid !== undefined && { uid }), groups, ...(extra && { extra }) };
  const metadata = { ...draft.metadata, creationTimestamp: formatTime(server.deps.clock.now()) };
  return respondValue(call, 201, { ...draft, metadata, status: { userInfo } }, expected.schema);
};
