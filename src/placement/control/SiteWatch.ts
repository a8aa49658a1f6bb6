import type { Offer } from '../decide/Offer.ts';
import type { ControllerPorts } from './ControllerPorts.ts';
import type { KeptJob } from './KeptJob.ts';

type SitePorts = Pick<ControllerPorts, 'sites' | 'executorOf' | 'clock' | 'times'>;

/** What is known of sites apart from what they have: who runs their jobs, who answers, who refused one a moment ago. */
export class SiteWatch {
  readonly #ports: SitePorts;
  /** Sites that refused a job: until when (monotonic) they are left alone, and why. */
  readonly #refusals = new Map<string, { readonly untilMs: number; readonly why: string }>();
  /** Sites that did not answer the last time. */
  readonly #silent = new Set<string>();

  constructor(ports: SitePorts) {
    this.#ports = ports;
  }

  /** Notes whether a site answered. */
  heard(site: string, answers: boolean): void {
    if (answers) this.#silent.delete(site);
    else this.#silent.add(site);
  }

  /** A site that did not take a job is left alone for a while. */
  learnRefusal(kept: KeptJob): void {
    const { refusedBy } = kept;
    if (refusedBy === null) return;
    kept.refusedBy = null;
    const { clock, times } = this.#ports;
    const why = kept.job.evidence.findLast(({ what }) => what.startsWith('refused_'))?.detail ?? 'it does not answer';
    this.#refusals.set(refusedBy, { untilMs: clock.monotonicMs() + times().refusedMs, why });
  }

  /** Sites that take nothing now, with the reason in words. */
  closed(): ReadonlyMap<string, string> {
    const { sites, executorOf, clock } = this.#ports;
    const closed = new Map<string, string>();
    for (const site of sites())
      if (executorOf(site) === null) closed.set(site, 'its executor is not part of this version');
    const nowMs = clock.monotonicMs();
    for (const [site, { untilMs, why }] of this.#refusals)
      if (nowMs < untilMs) closed.set(site, why);
      else this.#refusals.delete(site);
    for (const site of this.#silent) closed.set(site, 'it does not answer');
    return closed;
  }

  /** Offers but those of sites that nobody here can run jobs on: waiting for them would have no end. */
  runnable(offers: readonly Offer[]): readonly Offer[] {
    return offers.filter(({ site }) => site === null || this.#ports.executorOf(site) !== null);
  }

  /** Most ranks that any executor of a site takes; without a site there is something else to say. */
  ranksMax(): number {
    const { sites, executorOf } = this.#ports;
    const most = sites().flatMap((site) => executorOf(site)?.ranksMax ?? []);
    return most.length === 0 ? Infinity : Math.max(...most);
  }
}
