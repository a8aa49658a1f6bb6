import {
  lostThroughout,
  readLosses,
  scenarioOf,
  scenarioSchema,
  targetsOf,
  type Scenario,
  type Supply,
} from '../../drills/index.ts';
import { formatPathFault, readPlainValue } from '../../config/index.ts';
import type { Answer, ControlFault, Json, Operator, ReplayQuestion } from '../../http/index.ts';
import { failure, success, type Clock, type Result, type UuidV7Maker } from '../../kernel/index.ts';
import { listDrills, readDrill, saveDrill, type Database, type StoredDrill } from '../../store/index.ts';
import type { InForce } from '../pacing/ContractPaces.ts';
import { toJson } from '../toJson.ts';
import { drillJson } from './drillJson.ts';
import type { LiveDrills } from './LiveDrills.ts';
import { replayLedger } from './replayLedger.ts';

/** Most drills that a list has. */
const listedMax = 100;
/** Most days that are replayed at once. */
const replayedDaysMax = 92;
const dayMs = 86_400_000;

export interface DrillDeskParts {
  readonly database: Database;
  readonly supply: () => Supply;
  readonly inForce: () => InForce;
  readonly organisations: () => Promise<readonly string[]>;
  readonly ids: UuidV7Maker;
  readonly clock: Clock;
  readonly live: LiveDrills;
}

const nothingFound = { faults: [], warnings: [] };

const refused = (message: string): Result<never, ControlFault> => failure({ code: 'bad_control_request', message });

/** The scenario that a question is about. */
const scenarioIn = (
  { without, scenario }: Pick<ReplayQuestion, 'without' | 'scenario'>,
  supply: Supply,
): Result<Scenario, ControlFault> => {
  const targets = targetsOf(supply);
  const losses = without.length === 0 && scenario !== null ? success([]) : readLosses(without, targets);
  if (!losses.ok) return refused(losses.fault);
  if (scenario === null) return success(lostThroughout(losses.value));
  const written = readPlainValue(scenario, { schema: scenarioSchema, check: () => nothingFound });
  if (!written.ok) return refused(written.fault.map(formatPathFault).join('\n'));
  const found = scenarioOf(written.value, losses.value, targets);
  return found.ok ? found : refused(found.fault);
};

/** Drills that operators ask for, and the reports that are kept of them. */
export class DrillDesk {
  readonly #parts: DrillDeskParts;
  #replays = false;

  constructor(parts: DrillDeskParts) {
    this.#parts = parts;
  }

  /** One at a time: a replay reads and weighs months of requests. @throws CodedError `database_unavailable` */
  async replay(question: ReplayQuestion, by: Operator): Promise<Answer> {
    if (this.#replays)
      return failure({
        code: 'drill_running',
        message:
          'A replay is under way, and there is one at a time. Ask again when it is over: it ends with its report, or when whoever asked for it breaks off.',
      });
    this.#replays = true;
    try {
      return await this.#replay(question, by);
    } finally {
      this.#replays = false;
    }
  }

  async #replay(question: ReplayQuestion, by: Operator): Promise<Answer> {
    const { database, inForce, organisations, ids, clock } = this.#parts;
    const { fromMs, toMs, gone } = question;
    if (toMs - fromMs > replayedDaysMax * dayMs)
      return refused(`A replay takes ${replayedDaysMax} days at most: ask for the parts of a longer time one by one.`);
    const supply = this.#parts.supply();
    const scenario = scenarioIn(question, supply);
    if (!scenario.ok) return scenario;
    const startedAtMs = clock.nowMs();
    const stretch = { organisations: await organisations(), fromMs, toMs };
    const report = await replayLedger({
      database,
      stretch,
      supply,
      scenario: scenario.value,
      inForce: inForce(),
      clock,
      gone,
    });
    if (report === null) return refused('Whoever asked for this replay has gone, and it has ended without a report.');
    const endedAtMs = clock.nowMs();
    const drill: StoredDrill = {
      id: ids.next(startedAtMs),
      kind: 'replay',
      startedBy: by.name,
      startedAtMs,
      endedAtMs,
      untilMs: endedAtMs,
      report: { ...report },
    };
    await saveDrill(database, drill);
    return success(drillJson(drill, endedAtMs));
  }

  /** The newest ones without their long parts. @throws CodedError `database_unavailable` */
  async list(): Promise<Answer> {
    const { database, clock } = this.#parts;
    const drills = await listDrills(database, listedMax);
    const nowMs = clock.nowMs();
    return success({
      drills: drills.map((stored): Json => {
        const drill = drillJson(this.#asItIs(stored), nowMs);
        const { kind, without, requests, servedShare, amountNanoUsd, usualNanoUsd, state = 'ended' } = drill.report;
        return {
          ...drill,
          report: toJson({ kind, state, without, requests, servedShare, amountNanoUsd, usualNanoUsd }),
        };
      }),
    });
  }

  /** @throws CodedError `database_unavailable` */
  async show(id: string): Promise<Answer> {
    const { database, clock } = this.#parts;
    const stored = await readDrill(database, id);
    return stored === null
      ? failure({ code: 'no_such_thing', message: `There is no drill ${id}.` })
      : success(drillJson(this.#asItIs(stored), clock.nowMs()));
  }

  /** One that runs here is told as it stands now. */
  #asItIs(stored: StoredDrill): StoredDrill {
    const { current } = this.#parts.live;
    return current?.id === stored.id ? current : stored;
  }
}
