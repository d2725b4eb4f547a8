// Why a write happens, as it is kept beside the object: what a component of ours says, or else who asked for what.

import { causeHeader, parseCause } from "../../wire/cause.ts";
import type { Cause } from "../../wire/exchange.ts";
import type { Call } from "../route/call.ts";

/** Anybody else's word on causes would be a story: only nodes speak to us from other processes with a cause of their own. */
const trustedGroup = "system:nodes";

export function causeOf({ request, user, info }: Call): Cause {
  const said = request.cause ?? (user.groups.includes(trustedGroup) ? parseCause(request.headers[causeHeader]) : undefined);
  return said ?? { actor: user.name, rule: info.subresource === "" ? info.verb : `${info.verb} ${info.subresource}` };
}
