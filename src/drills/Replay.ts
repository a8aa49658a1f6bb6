import type { Shares, ShareRecord } from '../ledger/index.ts';
import { LatencyEstimate, OutputEstimate } from '../router/index.ts';
import { inputBuckets, outputBuckets, type Usage } from '../vocabulary/index.ts';
import type { AddedLatency, ReplayReport } from './DrillReport.ts';
import { lossText, type Loss } from './Loss.ts';
import type { PastRequest, TargetLatency } from './PastRequest.ts';
import type { DrillEvent, Scenario } from './Scenario.ts';
import { sendableOf } from './Sendable.ts';
import { targetsOf, type Supply } from './Supply.ts';
import { shareOf, Tally } from './Tally.ts';
import { World, type Fared, type WorldPaces } from './World.ts';

export interface ReplayParts {
  readonly supply: Supply;
  readonly scenario: Scenario;
  /** What is replayed. Unix milliseconds. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** The window of the caps. */
  readonly counted: ConstructorParameters<typeof Shares>[0];
  /** What that window had spent before. */
  readonly spent: readonly ShareRecord[];
  /** What contracts and caps make of costs in a world whose spend is counted so. */
  readonly pacesFor: (shares: Shares) => WorldPaces | null;
  /** What targets, "provider/model", took in that time. */
  readonly latencies: ReadonlyMap<string, TargetLatency>;
}

const hourMs = 3_600_000;

const sumOf = (usage: Usage, buckets: typeof inputBuckets): number =>
  buckets.reduce((sum, bucket) => sum + (usage[bucket] ?? 0), 0);

/** What every replay takes for granted, whatever it replays. */
const assumptions: readonly string[] = [
  'What was asked and answered stays the same, token for token, wherever it is served; input that was read from a prompt cache is priced as such wherever a target has a price for that.',
  'Who is out is known to be out from the first moment: attempts that fail before that are not counted, nor other outages and refusals of that time.',
  'A target that runs in part at a host that is lost is lost whole.',
  'Policies, weights and canaries are those of the file in force; pins, and tags where they are recorded, those of each request. What a second of waiting is worth is counted by what answers of that time took.',
  'Which conversation a request belongs to is not recorded: no prompt cache draws it to a target, and weights are drawn for it alone. A conversation that a vendor holds is held where it was.',
  'Of a pool whose next interval begins within the time that is replayed nothing is drawn at its beginning.',
  'Keys, budgets and limits of callers let the same requests in, and nobody asks again who was not served.',
];

class LatencySum {
  requests = 0;
  #firstContents = 0;
  #firstContentMs = 0;
  #durationMs = 0;
  unknown = 0;

  add(before: PastRequest, after: TargetLatency | undefined): void {
    if (after === undefined) {
      this.unknown += 1;
      return;
    }
    this.requests += 1;
    this.#durationMs += after.durationMs - before.durationMs;
    if (after.firstContentMs === null || before.firstContentMs === null) return;
    this.#firstContents += 1;
    this.#firstContentMs += after.firstContentMs - before.firstContentMs;
  }

  get means(): AddedLatency {
    return {
      requests: this.requests,
      meanFirstContentMs: this.#firstContents === 0 ? null : this.#firstContentMs / this.#firstContents,
      meanDurationMs: this.requests === 0 ? null : this.#durationMs / this.requests,
      unknown: this.unknown,
    };
  }
}

interface Drawn {
  usual: bigint;
  amount: bigint;
}

/**
 * Sends requests of the past once more, each twice: through the market as the file has it, and through the same one while something is lost. What differs is
 * what the loss does; that the first is not what happened shows in `bookedNanoUsd`.
 */
export class Replay {
  readonly #parts: ReplayParts;
  readonly #usual: World;
  readonly #drilled: World;
  /** Learns as the gateway does: from what was answered before. */
  readonly #outputs = new OutputEstimate();
  readonly #latencies = new LatencyEstimate();
  readonly #teams = new Tally();
  readonly #keys = new Tally();
  readonly #models = new Tally();
  readonly #hours = new Tally();
  readonly #latency = new LatencySum();
  readonly #contracts = new Map<string, Drawn>();
  readonly #capsBroken = new Map<string, number>();
  readonly #unserved = { nobody: 0, capacity: 0 };
  readonly #usedTargets = new Set<string>();
  #replayed = 0;
  #unknownModels = 0;
  #unknownNeeds = 0;
  #unknownTeams = 0;
  #unknownKeys = 0;
  #unservedAnyway = 0;
  #movedCached = { requests: 0, tokens: 0 };
  #requests = 0;
  #served = 0;
  #moved = 0;
  #amount = 0n;
  #usualAmount = 0n;
  #booked = 0n;

  constructor(parts: ReplayParts) {
    const { supply, counted, spent, pacesFor } = parts;
    this.#parts = parts;
    this.#usual = new World(supply, counted, spent, this.#latencies, pacesFor);
    this.#drilled = new World(supply, counted, spent, this.#latencies, pacesFor);
  }

  /** In the order of time. */
  add(request: PastRequest): void {
    const { scenario, fromMs, supply } = this.#parts;
    this.#replayed += 1;
    if (!supply.models.has(request.model)) {
      this.#unknownModels += 1;
      return;
    }
    if (request.needs === null) this.#unknownNeeds += 1;
    if (!supply.policies.hasTeam(request.team)) this.#unknownTeams += 1;
    if (!supply.policies.hasKey(request.key)) this.#unknownKeys += 1;
    const inputTokens = sumOf(request.usage, inputBuckets);
    const foreseen = { inputTokens, outputTokens: this.#foresee(request, inputTokens) };
    const sendable = sendableOf(supply, request, foreseen);
    const sinceMs = request.startedAtMs - fromMs;
    const events = scenario.events.filter((event) => sinceMs >= event.fromMs && sinceMs < event.untilMs);
    const usual = this.#usual.send(sendable, []);
    const drilled = this.#drilled.send(sendable, events);
    this.#learnLatency(request, inputTokens);
    this.#draw(usual, 'usual');
    this.#draw(drilled, 'amount');
    if (drilled.served) this.#usedTargets.add(drilled.target);
    if (events.length > 0) this.#count(request, usual, drilled);
  }

  report(): ReplayReport {
    const { supply, scenario, fromMs, untilMs } = this.#parts;
    const added = this.#amount - this.#usualAmount;
    return {
      kind: 'replay',
      without: withoutOf(scenario.events),
      scenario: scenario.name,
      fromMs,
      untilMs,
      replayed: this.#replayed,
      unknownModels: this.#unknownModels,
      requests: this.#requests,
      served: this.#served,
      servedShare: shareOf(this.#served, this.#requests),
      moved: this.#moved,
      unserved: { ...this.#unserved },
      unservedAnyway: this.#unservedAnyway,
      amountNanoUsd: this.#amount.toString(),
      usualNanoUsd: this.#usualAmount.toString(),
      bookedNanoUsd: this.#booked.toString(),
      addedNanoUsd: added.toString(),
      addedShare: this.#usualAmount === 0n ? 0 : Number(added) / Number(this.#usualAmount),
      addedLatency: this.#latency.means,
      capsBroken: Object.fromEntries(this.#capsBroken),
      contracts: [...this.#contracts].map(([contract, { usual, amount }]) => ({
        contract,
        usualNanoUsd: usual.toString(),
        amountNanoUsd: amount.toString(),
      })),
      teams: this.#teams.byHurt(),
      keys: this.#keys.byHurt(),
      models: this.#models.byHurt(),
      hours: this.#hours.rows(),
      unmeasuredDomains: this.#unmeasured(supply),
      assumptions: this.#assumptions(),
    };
  }

  #foresee({ model, operation, usage }: PastRequest, inputTokens: number): number {
    if (operation !== 'generate') return 0;
    const expected = this.#outputs.expect(model, inputTokens, null);
    this.#outputs.observe(model, inputTokens, sumOf(usage, outputBuckets));
    return Math.ceil(expected);
  }

  #learnLatency(
    { model, target, stream, usage, firstContentMs, durationMs, startedAtMs }: PastRequest,
    inputTokens: number,
  ): void {
    const outputTokens = sumOf(usage, outputBuckets);
    const seen = {
      model,
      target,
      inputTokens,
      outputTokens,
      firstContentMs: stream ? firstContentMs : null,
      durationMs,
      // Records do not tell.
      stalledMs: 0,
    };
    this.#latencies.observe(seen, startedAtMs);
  }

  #draw(fared: Fared, side: keyof Drawn): void {
    if (!fared.served || fared.contract === null) return;
    const drawn = this.#contracts.get(fared.contract) ?? { usual: 0n, amount: 0n };
    drawn[side] += fared.amount;
    this.#contracts.set(fared.contract, drawn);
  }

  #count(request: PastRequest, usual: Fared, drilled: Fared): void {
    const { latencies } = this.#parts;
    // What nobody serves as the file stands is no loss; it was served, so that the ledger knows what it costs.
    const usualAmount = usual.served ? usual.amount : request.amountNanoUsd;
    const moved = drilled.served && drilled.target !== (usual.served ? usual.target : request.target);
    this.#requests += 1;
    if (drilled.served) {
      this.#served += 1;
      this.#amount += drilled.amount;
      this.#usualAmount += usualAmount;
      this.#booked += request.amountNanoUsd;
      if (drilled.forced !== null)
        this.#capsBroken.set(drilled.forced, (this.#capsBroken.get(drilled.forced) ?? 0) + 1);
      if (moved) this.#latency.add(request, latencies.get(drilled.target));
    } else this.#unserved[drilled.why] += 1;
    if (!drilled.served && !usual.served) this.#unservedAnyway += 1;
    if (moved) this.#countMoved(request);
    const amount = drilled.served ? drilled.amount : 0n;
    const tallied = { served: drilled.served, moved, amount, usual: usualAmount };
    this.#teams.add(request.team, tallied);
    this.#keys.add(request.key, tallied);
    this.#models.add(request.model, tallied);
    const hour = new Date(Math.floor(request.startedAtMs / hourMs) * hourMs).toISOString();
    this.#hours.add(hour, tallied);
  }

  #countMoved({ usage: { cacheRead = 0 } }: PastRequest): void {
    this.#moved += 1;
    if (cacheRead === 0) return;
    this.#movedCached.requests += 1;
    this.#movedCached.tokens += cacheRead;
  }

  #unmeasured(supply: Supply): readonly string[] {
    const domains = targetsOf(supply).flatMap(({ target: { provider, model }, quotaDomain }) =>
      this.#usedTargets.has(`${provider}/${model}`) && supply.burstCapacity(quotaDomain)?.limited !== true
        ? [quotaDomain]
        : [],
    );
    return [...new Set(domains)].toSorted();
  }

  #assumptions(): readonly string[] {
    const { requests, tokens } = this.#movedCached;
    const ofSome: readonly (readonly [count: number, assumption: string])[] = [
      [
        this.#unservedAnyway,
        `Of the requests that were not served, nobody may or can serve ${this.#unservedAnyway} as the file stands, whatever is lost.`,
      ],
      [
        requests,
        `Of the moved requests ${requests} had ${tokens} tokens of their input from a prompt cache: where none holds them, these cost as much as new ones.`,
      ],
      [
        this.#unknownTeams,
        `Of ${this.#unknownTeams} requests the team is not known any more: what it alone was kept from is left out.`,
      ],
      [
        this.#unknownKeys,
        `Of ${this.#unknownKeys} requests the key is not known any more: what it alone was kept from is left out.`,
      ],
      [
        this.#unknownNeeds,
        `Of ${this.#unknownNeeds} requests it is not recorded what they needed: they go to whom their own decision did not rule out.`,
      ],
    ];
    return [...assumptions, ...ofSome.flatMap(([count, assumption]) => (count === 0 ? [] : [assumption]))];
  }
}

const withoutOf = (events: readonly DrillEvent[]): readonly string[] => [
  ...new Set(events.flatMap(({ of }) => of.map((loss: Loss) => lossText(loss)))),
];
