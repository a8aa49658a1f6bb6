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
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { toJson } from '../toJson.ts';
import { replayLedger } from './replayLedger.ts';

/** Most drills that a list has. */
const listedMax = 100;

export interface DrillDeskParts {
  readonly database: Database;
  readonly supply: () => Supply;
  readonly configuration: () => ArchipelConfiguration;
  readonly organisations: () => Promise<readonly string[]>;
  readonly ids: UuidV7Maker;
  readonly clock: Clock;
}

const nothingFound = { faults: [], warnings: [] };

const refused = (message: string): Result<never, ControlFault> => failure({ code: 'bad_control_request', message });

const drillJson = ({
  id,
  startedBy,
  startedAtMs,
  endedAtMs,
  report,
}: StoredDrill): { readonly [name: string]: Json } => ({
  id,
  startedBy,
  startedAt: new Date(startedAtMs).toISOString(),
  endedAt: endedAtMs === null ? null : new Date(endedAtMs).toISOString(),
  report: toJson(report),
});

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
      return failure({ code: 'drill_running', message: 'A replay is under way. Ask again when it is over.' });
    this.#replays = true;
    try {
      return await this.#replay(question, by);
    } finally {
      this.#replays = false;
    }
  }

  async #replay(question: ReplayQuestion, by: Operator): Promise<Answer> {
    const { database, configuration, organisations, ids, clock } = this.#parts;
    const supply = this.#parts.supply();
    const scenario = scenarioIn(question, supply);
    if (!scenario.ok) return scenario;
    const { fromMs, toMs } = question;
    const startedAtMs = clock.nowMs();
    const stretch = { organisations: await organisations(), fromMs, toMs };
    const report = await replayLedger({
      database,
      stretch,
      supply,
      scenario: scenario.value,
      configuration: configuration(),
    });
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
    return success(drillJson(drill));
  }

  /** The newest ones without their long parts. @throws CodedError `database_unavailable` */
  async list(): Promise<Answer> {
    const drills = await listDrills(this.#parts.database, listedMax);
    return success({
      drills: drills.map((drill): Json => {
        const { kind, without, requests, servedShare, amountNanoUsd, usualNanoUsd, state = 'ended' } = drill.report;
        return {
          ...drillJson(drill),
          report: toJson({ kind, state, without, requests, servedShare, amountNanoUsd, usualNanoUsd }),
        };
      }),
    });
  }

  /** @throws CodedError `database_unavailable` */
  async show(id: string): Promise<Answer> {
    const drill = await readDrill(this.#parts.database, id);
    return drill === null
      ? failure({ code: 'no_such_thing', message: `There is no drill ${id}.` })
      : success(drillJson(drill));
  }
}
