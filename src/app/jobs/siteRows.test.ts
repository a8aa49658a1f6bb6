import { describe, expect, test } from 'vitest';
import { emptyOfferBook } from '../../placement/index.ts';
import { capacityMarket } from './capacityMarket.ts';
import { siteRows, type SiteGrounds } from './siteRows.ts';
import { configurationWith, jobId, noonMs } from './testJobs.fixture.ts';

interface Row {
  readonly name: string;
  readonly condition: string | null;
  readonly jobs: readonly string[];
  readonly accelerators: readonly {
    readonly kind: string;
    readonly busy: number;
    readonly slots: readonly object[];
    readonly hourNanoUsd: string | null;
  }[];
}

const rowsOf = (
  inUse: SiteGrounds['inUse'] = [],
  more: Partial<SiteGrounds> = {},
  configuration = configurationWith(),
): readonly Row[] => {
  const market = capacityMarket({
    configuration: () => configuration,
    offerBook: () => emptyOfferBook,
    spending: () => ({
      caps: { vendor: null, host: null, jurisdiction: null, lab: null },
      shares: { totalUsd: 0, forecastUsd: 0, usdOf: () => 0 },
    }),
  });
  const rows = siteRows({
    sites: configuration.sites,
    market,
    inUse,
    conditionOf: () => null,
    nowMs: noonMs,
    ...more,
  });
  return JSON.parse(JSON.stringify(rows));
};

const onSlot = {
  site: 'north-1',
  accelerator: 'GB200',
  basis: 'slot',
  contract: 'north-slot',
  accelerators: 6,
  jobId,
} as const;

describe('the rows of sites', () => {
  test('say whose a site is, what it has, and what more of it costs', () => {
    expect(rowsOf()).toEqual([
      {
        name: 'north-1',
        executor: 'local',
        vendor: 'aurora',
        region: 'north',
        hosts: { north: 1 },
        jurisdiction: 'EU',
        condition: null,
        accelerators: [
          {
            kind: 'GB200',
            count: 8,
            busy: 0,
            slots: [{ contract: 'north-slot', count: 8, busy: 0, until: '2036-01-01T00:00:00.000Z' }],
            // All that there is belongs to the slot: nothing more can be bought.
            hourNanoUsd: null,
            source: null,
          },
          { kind: 'H100', count: 2, busy: 0, slots: [], hourNanoUsd: '4000000000', source: 'file' },
        ],
        jobs: [],
      },
      {
        name: 'south-1',
        executor: 'local',
        vendor: 'borealis',
        region: null,
        hosts: { south: 1, north: 0.25 },
        jurisdiction: null,
        condition: null,
        accelerators: [{ kind: 'GB200', count: 8, busy: 0, slots: [], hourNanoUsd: '18000000000', source: 'file' }],
        jobs: [],
      },
    ]);
  });

  test('count what jobs hold once, by site, kind and slot', () => {
    const other = '01a21aa4-b93d-732e-9a06-f1efdb76e247';
    const [north, south] = rowsOf([
      onSlot,
      { ...onSlot, accelerator: 'H100', basis: 'onDemand', contract: null, accelerators: 2, jobId: other },
    ]);
    expect(north).toMatchObject({
      accelerators: [
        { kind: 'GB200', busy: 6, slots: [{ busy: 6 }] },
        { kind: 'H100', busy: 2 },
      ],
      jobs: [jobId, other],
    });
    expect(south).toMatchObject({ accelerators: [{ busy: 0 }], jobs: [] });
  });

  test('do not count what runs by the hour as use of a slot', () => {
    const [north] = rowsOf([{ ...onSlot, basis: 'onDemand', contract: null }]);
    expect(north!.accelerators[0]).toMatchObject({ busy: 6, slots: [{ busy: 0 }] });
  });

  test('have no slot before its contract begins and after it ends', () => {
    for (const nowMs of [Date.UTC(2025, 0, 1), Date.UTC(2036, 0, 1)])
      expect(rowsOf([], { nowMs })[0]!.accelerators[0]).toMatchObject({ slots: [], hourNanoUsd: '16000000000' });
  });

  test('tell the weather where there is one', () => {
    const conditionOf = (site: string): string => (site === 'north-1' ? 'down' : 'none');
    expect(rowsOf([], { conditionOf }).map(({ condition }) => condition)).toEqual(['down', 'none']);
  });

  test('tell no price where nobody knows one', () => {
    const sites = { bare: { executor: 'local', vendor: 'x', accelerators: [{ kind: 'GB200', count: 1 }] } };
    const rows = rowsOf([], {}, configurationWith({ sites, contracts: [] }));
    expect(rows[0]!.accelerators[0]).toMatchObject({ hourNanoUsd: null, source: null });
  });
});
