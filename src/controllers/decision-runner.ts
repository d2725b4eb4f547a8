// Carries out what a decision says: its writes in the asked order, each with its cause, then its events and its follow-up.

import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { ApiObject } from "../object/kind.ts";
import { StatusError } from "../object/status.ts";
import type { Cause } from "../wire/exchange.ts";
import { keyOf } from "./controller.ts";
import type { Decision, Outcome, Write } from "./decision.ts";

export interface DecisionRunnerDeps {
  readonly client: Client;
  readonly recorder: EventRecorder;
}

/** A chain of follow-ups is a bug long before this. */
const maxFollowUps = 8;

export class DecisionRunner {
  readonly #actor: string;
  readonly #deps: DecisionRunnerDeps;
  readonly #wrote: (key: string, outcome: Outcome) => void;
  #stopped = false;

  /** `wrote` hears of every write that was tried and answered. */
  constructor(actor: string, deps: DecisionRunnerDeps, wrote: (key: string, outcome: Outcome) => void) {
    this.#actor = actor;
    this.#deps = deps;
    this.#wrote = wrote;
  }

  /** Begins no further write. */
  stop(): void {
    this.#stopped = true;
  }

  /** @returns when to look again. @throws the first refusal, after follow-ups. */
  async carryOut(key: string, decision: Decision, depth = 0): Promise<number | undefined> {
    const cause = this.#causeOf(key, decision);
    const outcomes = await this.#writeAll(key, decision, cause);
    for (const note of decision.events ?? []) this.#deps.recorder.record(note.regarding, note.type, note.reason, note.message);
    const failure = outcomes.find((outcome) => outcome.error !== undefined)?.error;
    let requeueAfterMs = decision.requeueAfterMs;
    if (decision.followUp !== undefined && depth < maxFollowUps) {
      const later = await this.carryOut(key, decision.followUp(outcomes), depth + 1);
      if (later !== undefined) requeueAfterMs = Math.min(later, requeueAfterMs ?? later);
    }
    if (failure !== undefined) throw failure;
    return requeueAfterMs;
  }

  async #writeAll(key: string, decision: Decision, cause: (rule: string) => Cause): Promise<readonly Outcome[]> {
    const { writes, order = "sequence" } = decision;
    const outcomes: Outcome[] = [];
    let size = order === "parallel" ? Math.max(writes.length, 1) : 1;
    for (let at = 0; at < writes.length; at += size, size = order === "slow-start" ? size * 2 : size) {
      const batch = await Promise.all(writes.slice(at, at + size).map((write) => this.#writeOne(key, write, cause(write.rule))));
      outcomes.push(...batch);
      if (batch.some((outcome) => outcome.error !== undefined)) break;
      if (this.#stopped) break;
    }
    for (const write of writes.slice(outcomes.length)) outcomes.push({ write });
    return outcomes;
  }

  async #writeOne(key: string, write: Write, cause: Cause): Promise<Outcome> {
    if (this.#stopped) return { write };
    let outcome: Outcome;
    try {
      const result = await this.#send(write, cause);
      outcome = { write, ...(result !== undefined && { result }) };
      this.#wrote(key, outcome);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#wrote(key, { write, error });
      outcome = write.ignore?.includes(error.reason) === true ? { write } : { write, error };
    }
    const note = write.event?.(outcome);
    if (note !== undefined) this.#deps.recorder.record(note.regarding, note.type, note.reason, note.message);
    return outcome;
  }

  async #send(write: Write, cause: Cause): Promise<ApiObject | undefined> {
    const { client } = this.#deps;
    const options = { cause, ...("subresource" in write && write.subresource !== undefined && { subresource: write.subresource }) };
    switch (write.type) {
      case "create":
        return await client.of(write.kind, write.object.metadata?.namespace ?? "").create(write.object, options);
      case "update":
        return await client.of(write.kind, write.object.metadata?.namespace ?? "").update(write.object, options);
      case "patch":
        return await client
          .of(write.kind, write.namespace)
          .patch(write.name, write.patchType, write.patch, { ...options, ...(write.patchType === "apply" && { force: true }) });
      case "delete":
        await client.of(write.kind, write.namespace).delete(write.name, { ...write.options, cause });
        return undefined;
    }
  }

  #causeOf(key: string, decision: Decision): (rule: string) => Cause {
    const { about } = decision;
    const actor = this.#actor;
    const object = about?.kind === undefined ? key : `${about.kind} ${keyOf(about)}`;
    const revision = about?.metadata?.resourceVersion;
    return (rule) => ({ actor, object, ...(revision !== undefined && { revision }), rule });
  }
}
