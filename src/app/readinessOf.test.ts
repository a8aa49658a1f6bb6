import { describe, expect, test } from 'vitest';
import { freeBytesLow, readinessOf, type Hindrances } from './readinessOf.ts';

const nothing: Hindrances = {
  draining: false,
  spool: null,
  database: null,
  unfit: null,
  keptFrom: null,
  areKeysKnown: true,
  unknownBudgets: 0,
  unkept: null,
  freeBytes: freeBytesLow,
  refused: null,
  differences: null,
  drill: null,
  capsCrossed: null,
  jobsElsewhere: false,
};

const sinceMs = Date.UTC(2026, 10, 15, 12);

/** What hinders, what is said of it, under which code, and whether balancers should send elsewhere. */
const cases: readonly (readonly [Partial<Hindrances>, code: string, words: string, keepsAway: boolean])[] = [
  [{ draining: true }, 'shutting_down', 'the server is shutting down', true],
  [{ spool: 'disk full' }, 'spool_refuses', 'the spool takes no new work: disk full', true],
  [
    { database: { message: 'refused', sinceMs, records: 12 } },
    'database_away',
    'records wait for the database (12 of them): refused',
    false,
  ],
  [
    { unfit: { message: 'it is newer', sinceMs } },
    'database_unfit',
    'the database must not be used by this program: it is newer',
    false,
  ],
  [
    { keptFrom: { writtenAtMs: sinceMs } },
    'kept_state',
    'balances and keys are those kept on disk at 2026-11-15T12:00:00.000Z and what was spent since, until the database has confirmed them',
    false,
  ],
  [
    { keptFrom: { writtenAtMs: null } },
    'kept_state',
    'nothing is known of what was spent before: there was no database and nothing kept on disk',
    false,
  ],
  [
    { areKeysKnown: false },
    'keys_unknown',
    'keys made over the API are refused with 503: nobody knows them yet',
    false,
  ],
  [
    { unknownBudgets: 3 },
    'budgets_unknown',
    '3 budgets are not known; requests on a hard one are refused with 503',
    false,
  ],
  [
    { unkept: { message: 'ENOSPC', sinceMs } },
    'kept_state_old',
    'what a start without the database needs cannot be written: ENOSPC',
    false,
  ],
  [{ freeBytes: freeBytesLow - 1 }, 'disk_nearly_full', 'the disk has 1023 MiB left', false],
  [
    { refused: { message: 'f.yaml:1:1: wrong', sinceMs } },
    'configuration_refused',
    'the configuration file is refused, the last one stays in force: f.yaml:1:1: wrong',
    false,
  ],
  [
    { differences: { message: 'b (process 7) has version 2 and not 1', sinceMs } },
    'mixed_fleet',
    'replicas differ: b (process 7) has version 2 and not 1',
    false,
  ],
  [
    { drill: { message: 'a live drill makes aurora fail', sinceMs } },
    'drill_under_way',
    'a live drill makes aurora fail',
    false,
  ],
  [
    { capsCrossed: { message: 'more is spent than the caps on dependence allow: vendor aurora', sinceMs } },
    'caps_crossed',
    'more is spent than the caps on dependence allow: vendor aurora',
    false,
  ],
  [{ jobsElsewhere: true }, 'jobs_elsewhere', 'the jobs are not run by this process', false],
];

describe('readiness', () => {
  test('has no reasons where nothing hinders', () => {
    expect(readinessOf(nothing)).toEqual({ ready: true, reasons: [], details: [] });
  });

  test.each(cases)('%j is told as %s', (hindrance, code, message, keepsAway) => {
    const { ready, reasons, details } = readinessOf({ ...nothing, ...hindrance });
    expect(reasons).toEqual([message]);
    expect(details).toMatchObject([{ code, message, keepsAway }]);
    expect(ready).toBe(!keepsAway);
  });

  test('says since when, where that is known', () => {
    const { details } = readinessOf({ ...nothing, spool: 'disk full', unfit: { message: 'it is newer', sinceMs } });
    expect(details.map((detail) => detail.sinceMs)).toEqual([null, sinceMs]);
  });

  test('tells every reason, each under a code of its own', () => {
    const all = cases.map(([hindrance]) => hindrance).reduce((sum, one) => ({ ...sum, ...one }), {});
    const { details } = readinessOf({ ...nothing, ...all });
    expect(new Set(details.map(({ code }) => code)).size).toBe(details.length);
    expect(details).toHaveLength(new Set(cases.map(([, code]) => code)).size);
  });

  test('cuts a reason that would fill a screen', () => {
    const refused = { message: 'f.yaml:1:1: wrong, '.repeat(1_000), sinceMs };
    const { reasons } = readinessOf({ ...nothing, refused });
    expect(reasons[0]).toMatch(/\.\.\.$/);
    expect(reasons[0]?.length).toBeLessThan(600);
  });
});
