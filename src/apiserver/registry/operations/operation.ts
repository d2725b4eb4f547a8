// The shape of an operation: what was posted, to what, by whom.

import type { Response } from "../../../wire/exchange.ts";
import type { Call } from "../../route/call.ts";
import type { Server } from "../../server.ts";
import type { Expected, ObjectDraft } from "../decode-body.ts";
import type { Target } from "../target.ts";
import type { WriteOptions } from "../write-options.ts";

export interface OperationRequest {
  readonly server: Server;
  readonly call: Call;
  readonly target: Target;
  /** The body, decoded and admitted. */
  readonly draft: ObjectDraft;
  readonly expected: Expected;
  readonly options: WriteOptions;
}

export type Operation = (request: OperationRequest) => Promise<Response>;
