import { expect, test } from 'vitest';
import { contractsTable } from './contracts.ts';

const common = { vendor: 'aurora', elapsedShare: 0.25, windowUntil: '2026-12-01T00:00:00.000Z' };

test('a slot is drawn in accelerator-hours of those reserved so far, and has left what is to come; a pool is money', () => {
  const contracts = [
    {
      ...common,
      id: 'north-slot',
      kind: 'slot',
      commitment: '8 x GB200',
      committedNanoUsd: null,
      dueNanoUsd: null,
      remainingNanoUsd: null,
      drawnNanoUsd: '37500000000',
      drawnHours: 12.5,
      reservedHours: 64,
      remainingHours: 5_696,
      committedHours: 5_760,
    },
    {
      ...common,
      id: 'pool',
      kind: 'pool',
      commitment: null,
      committedNanoUsd: '1200000000000',
      dueNanoUsd: '1200000000000',
      drawnNanoUsd: '200000000000',
      remainingNanoUsd: '1000000000000',
    },
  ];
  expect(contractsTable({ contracts }).split('\n')).toEqual([
    'CONTRACT    KIND  VENDOR  COMMITTED  DUE NOW           DRAWN     LEFT  ELAPSED  UNTIL',
    'north-slot  slot  aurora  8 x GB200        -  12.5 h of 64 h  5,696 h   25.0 %  2026-12-01',
    'pool        pool  aurora     $1,200   $1,200         $200.00   $1,000   25.0 %  2026-12-01',
  ]);
});

test('where a contract is likely to end is told where the ledger knows enough, as the ends of a band', () => {
  const contracts = [
    {
      ...common,
      id: 'pool',
      kind: 'pool',
      committedNanoUsd: '1200000000000',
      dueNanoUsd: '1200000000000',
      drawnNanoUsd: '200000000000',
      remainingNanoUsd: '1000000000000',
      projection: {
        spentLowNanoUsd: '1000000000000',
        spentHighNanoUsd: '1150000000000',
        shortfallLowNanoUsd: '50000000000000',
        shortfallHighNanoUsd: '200000000000000',
      },
    },
    {
      ...common,
      id: 'floor',
      kind: 'floor',
      commitment: '100 PTU',
      committedNanoUsd: null,
      dueNanoUsd: null,
      remainingNanoUsd: null,
      drawnNanoUsd: '5000000000000',
      unusedShare: 0.35,
      projection: { unusedLowShare: 0.3, unusedHighShare: 0.3 },
    },
  ];
  expect(contractsTable({ contracts }).split('\n')).toEqual([
    'CONTRACT  KIND   VENDOR  COMMITTED  DUE NOW    DRAWN    LEFT  ELAPSED  UNTIL           LIKELY DRAWN     LIKELY SHORTFALL  UNUSED  LIKELY UNUSED',
    'pool      pool   aurora     $1,200   $1,200  $200.00  $1,000   25.0 %  2026-12-01  $1,000 to $1,150  $50,000 to $200,000       -              -',
    'floor     floor  aurora    100 PTU        -   $5,000       -   25.0 %  2026-12-01                 -                    -  35.0 %         30.0 %',
  ]);
});
