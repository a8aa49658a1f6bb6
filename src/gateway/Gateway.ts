import { authenticate, extractCredential, type Principal } from '../access/index.ts';
import { failure, type Result } from '../kernel/index.ts';
import { NextTurns, OutputQuantile, PromptCaches, type RecalledAnswer } from '../router/index.ts';
import { CacheCounts, type CacheStanding } from './affinity/CacheCounts.ts';
import { Corrections } from './Corrections.ts';
import { HeldConversations } from './HeldConversations.ts';
import { growthTokens } from './HeldOutput.ts';
import { errorRow } from './errors.ts';
import type { Exchange } from './Exchange.ts';
import type { GatewayPorts } from './GatewayPorts.ts';
import { keyRefusal } from './keyRefusal.ts';
import type { Refusal } from './Refusal.ts';
import { RequestRun, type Learnt } from './RequestRun.ts';
import { retryAfterUnknownMs } from './retryAfterUnknownMs.ts';
import { RunningRequests } from './RunningRequests.ts';
import { ScanTurns } from './ScanTurns.ts';
import { SignedCalls } from './SignedCalls.ts';
import { TokenCounts } from './TokenCounts.ts';

/** A client that may be in the right is not told that it is in the wrong. */
const unknownYet: Refusal = {
  code: 'ledger_unavailable',
  message: 'Which keys there are is not known until the database is back. Try again after the Retry-After.',
  retryAfterMs: retryAfterUnknownMs,
};

/** The request's way: authenticate, hold, choose, call, stream, fail over, settle. */
export class Gateway {
  readonly #ports: GatewayPorts;
  readonly #learnt: Learnt;
  readonly #running: RunningRequests;
  readonly #scans = new ScanTurns();

  constructor(ports: GatewayPorts) {
    this.#ports = ports;
    this.#learnt = {
      corrections: new Corrections(),
      counts: new TokenCounts(ports.clock),
      conversations: new HeldConversations(),
      signedCalls: new SignedCalls(),
      outputs: new OutputQuantile(growthTokens),
      affinity: { caches: new PromptCaches(), turns: new NextTurns(), counts: new CacheCounts() },
    };
    this.#running = new RunningRequests(() => ports.snapshot().keys, ports.clock);
  }

  get inFlight(): number {
    return this.#running.count;
  }

  /** Takes what answers to callers were like before this process began, the oldest first. */
  recallAnswers(answers: readonly RecalledAnswer[]): void {
    this.#learnt.outputs.recall(answers);
  }

  /** What the prompt caches of each target came to since the start. */
  get cacheStandings(): readonly CacheStanding[] {
    return this.#learnt.affinity.counts.standings;
  }

  /** Who calls, from the one credential that the headers carry. */
  authenticate(headers: Exchange['headers']): Result<Principal, Refusal> {
    const credential = extractCredential(headers);
    if (!credential.ok)
      return failure({ code: 'invalid_key', message: `${credential.fault} ${errorRow('invalid_key').mend}` });
    const { keys, areKeysKnown } = this.#ports.snapshot();
    const principal = authenticate(keys, credential.value, this.#ports.clock.nowMs());
    if (!principal.ok && principal.fault === 'unknown' && !areKeysKnown) return failure(unknownYet);
    return principal.ok ? principal : failure(keyRefusal(principal.fault));
  }

  /** Ends what runs: clients are told in their own wire's words, in their streams too. @returns how many ran. */
  shutDown(): number {
    return this.#running.shutDown();
  }

  /** Serves one request to its end. Never rejects for a reason that a client or a vendor can cause. */
  async serve(exchange: Exchange): Promise<void> {
    const { retryBudget, metrics, clock } = this.#ports;
    const run = new RequestRun(this.#ports, this.#learnt, this.#scans, exchange);
    const leave = this.#running.enter(run);
    retryBudget.requestStarted(clock.monotonicMs());
    metrics.gauge('archipel_requests_in_flight', this.#running.count);
    try {
      await run.run(this.#running.count);
    } finally {
      leave();
      retryBudget.requestEnded(clock.monotonicMs());
      metrics.gauge('archipel_requests_in_flight', this.#running.count);
    }
  }
}
