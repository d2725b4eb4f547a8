// One leader among equals: whoever holds the Lease acts, and stops acting before anybody else may think it gone.
//
//   follower ──lease free or not renewed for its duration──▶ leader ──not renewed within the deadline, or taken──▶ follower
//
// Holding a lease is no fence: a leader that lost it may have a write in flight, so writes carry preconditions anyway.

import type { Clock } from "../base/clock.ts";
import { formatMicroTime, pause } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { CancelledError } from "../base/assert.ts";
import { leaseKind } from "../kinds/coordination/lease.ts";
import type { Lease } from "../kinds/coordination/types.gen.ts";
import { StatusError } from "../object/status.ts";
import type { Client } from "./client.ts";

export interface LeaseElectionDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
export interface LeaseElectionOptions {
  readonly namespace: string;
  readonly name: string;
  /** Unique among the candidates. */
  readonly identity: string;
  /** How long others wait after the last renewal that they saw. Default 15 s. */
  readonly leaseDurationMs?: number;
  /** How long a leader that cannot renew goes on. Default 10 s. */
  readonly renewDeadlineMs?: number;
  /** Between two tries. Default 2 s. */
  readonly retryPeriodMs?: number;
}

/**
 * Stands for election until the signal aborts; while leading, runs `lead` with a signal that aborts when leadership ends.
 * Stands again when it was lost. The lease is given up on a clean stop.
 */
export async function electLeader(
  deps: LeaseElectionDeps,
  options: LeaseElectionOptions,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const candidate = new Candidate(deps, options);
  while (!signal.aborted) {
    if (await candidate.tryHold()) await holdAndLead(candidate, deps, lead, signal);
    else await pause(deps.clock, candidate.retryPeriodMs * (1 + deps.random.next()), signal);
  }
}

async function holdAndLead(
  candidate: Candidate,
  deps: LeaseElectionDeps,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const leading = new AbortController();
  const either = AbortSignal.any([leading.signal, signal]);
  const work = lead(either).catch((error: unknown) => {
    if (!either.aborted) deps.log.error("the leader's work failed", { error: String(error) });
  });
  const done = work.then(() => leading.abort(new CancelledError("the leader's work ended")));
  let renewedAt = deps.clock.monotonicMs();
  while (!either.aborted) {
    await pause(deps.clock, candidate.retryPeriodMs, either);
    if (either.aborted) break;
    if (await candidate.tryHold()) renewedAt = deps.clock.monotonicMs();
    else if (candidate.lost || deps.clock.monotonicMs() - renewedAt >= candidate.renewDeadlineMs) {
      deps.log.warn("leadership lost");
      leading.abort(new CancelledError("leadership lost"));
    }
  }
  await done;
  await candidate.release();
}

class Candidate {
  readonly retryPeriodMs: number;
  readonly renewDeadlineMs: number;
  readonly #leaseDurationMs: number;
  readonly #deps: LeaseElectionDeps;
  readonly #options: LeaseElectionOptions;
  /** The lease as last seen to change, and when: others' clocks are never compared with ours. */
  #seen: Lease | undefined;
  #seenAt = 0;
  /** Somebody else holds it now. */
  lost = false;

  constructor(deps: LeaseElectionDeps, options: LeaseElectionOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.retryPeriodMs = options.retryPeriodMs ?? 2_000;
  }

  /** Takes or renews the lease. False when it is another's or the server did not answer well. */
  async tryHold(): Promise<boolean> {
    try {
      return await this.#hold();
    } catch (error) {
      this.#deps.log.debug("lease not renewed", { lease: this.#options.name, error: String(error) });
      return false;
    }
  }

  async #hold(): Promise<boolean> {
    const { namespace, name, identity } = this.#options;
    const api = this.#deps.client.of(leaseKind, namespace);
    const now = formatMicroTime(this.#deps.clock.now());
    let lease: Lease;
    try {
      lease = await api.get(name);
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason !== "NotFound") throw error;
      const spec = { holderIdentity: identity, leaseDurationSeconds: this.#seconds, acquireTime: now, renewTime: now, leaseTransitions: 0 };
      this.#see(await api.create({ metadata: { name, namespace }, spec } as Lease));
      this.lost = false;
      return true;
    }
    if (lease.metadata?.resourceVersion !== this.#seen?.metadata?.resourceVersion) this.#see(lease);
    const holder = lease.spec?.holderIdentity ?? "";
    const mine = holder === identity;
    const validForMs = (lease.spec?.leaseDurationSeconds ?? this.#seconds) * 1000;
    if (!mine && holder !== "" && this.#deps.clock.monotonicMs() - this.#seenAt < validForMs) {
      this.lost = true;
      return false;
    }
    const spec = {
      ...lease.spec,
      holderIdentity: identity,
      leaseDurationSeconds: this.#seconds,
      acquireTime: mine ? lease.spec?.acquireTime : now,
      renewTime: now,
      leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + (mine ? 0 : 1),
    };
    this.#see(await api.update({ ...lease, spec } as Lease));
    this.lost = false;
    return true;
  }

  /** Gives the lease up, so that the next leader need not wait. */
  async release(): Promise<void> {
    const lease = this.#seen;
    if (this.lost || lease?.spec?.holderIdentity !== this.#options.identity) return;
    const spec = { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime: formatMicroTime(this.#deps.clock.now()) };
    try {
      await this.#deps.client.of(leaseKind, this.#options.namespace).update({ ...lease, spec } as Lease);
    } catch (error) {
      this.#deps.log.debug("lease not given up", { lease: this.#options.name, error: String(error) });
    }
  }

  get #seconds(): number {
    return Math.round(this.#leaseDurationMs / 1000);
  }

  #see(lease: Lease): void {
    this.#seen = lease;
    this.#seenAt = this.#deps.clock.monotonicMs();
  }
}
