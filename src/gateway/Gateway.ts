import { authenticate, extractCredential, type Principal } from '../access/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import { Corrections } from './Corrections.ts';
import { errorRow } from './errors.ts';
import type { Exchange } from './Exchange.ts';
import type { GatewayPorts } from './GatewayPorts.ts';
import type { Refusal } from './Refusal.ts';
import { RequestRun } from './RequestRun.ts';

/** The request's way: authenticate, hold, choose, call, stream, fail over, settle. */
export class Gateway {
  readonly #ports: GatewayPorts;
  readonly #corrections = new Corrections();
  #inFlight = 0;

  constructor(ports: GatewayPorts) {
    this.#ports = ports;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Who calls, from the one credential that the headers carry. */
  authenticate(headers: Exchange['headers']): Result<Principal, Refusal> {
    const credential = extractCredential(headers);
    if (!credential.ok)
      return failure({ code: 'invalid_key', message: `${credential.fault} ${errorRow('invalid_key').mend}` });
    const principal = authenticate(this.#ports.snapshot().keys, credential.value, this.#ports.clock.nowMs());
    if (principal.ok) return success(principal.value);
    const { what, mend } = errorRow('invalid_key');
    const message = principal.fault === 'unknown' ? `${what} ${mend}` : `This key is ${principal.fault}. ${mend}`;
    return failure({ code: 'invalid_key', message });
  }

  /** Serves one request to its end. Never rejects for a reason that a client or a vendor can cause. */
  async serve(exchange: Exchange): Promise<void> {
    const { retryBudget, metrics, clock } = this.#ports;
    this.#inFlight += 1;
    retryBudget.requestStarted(clock.monotonicMs());
    metrics.gauge('archipel_requests_in_flight', this.#inFlight);
    try {
      await new RequestRun(this.#ports, this.#corrections, exchange).run(this.#inFlight);
    } finally {
      this.#inFlight -= 1;
      retryBudget.requestEnded(clock.monotonicMs());
      metrics.gauge('archipel_requests_in_flight', this.#inFlight);
    }
  }
}
