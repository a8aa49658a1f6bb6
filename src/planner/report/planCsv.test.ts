import { expect, test } from 'vitest';
import { readCsvRows } from '../scenarios/readCsvRows.ts';
import { commitmentColumns, commitmentRows, planCsv } from './planCsv.ts';
import type { PlanDocument } from './PlanDocument.ts';
import { planJson } from './planJson.ts';
import { planReport } from './planReport.fixture.ts';

const document = planJson(planReport());

/** Rows of a CSV as records, by the room's own reader. */
const readBack = (csv: string): readonly Readonly<Record<string, string>>[] => {
  const [head = [], ...rows] = [...readCsvRows(csv, 'plan.csv', ',')].map((cells) => cells.map(({ text }) => text));
  return rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])));
};

test('what is written is read back as it was', () => {
  expect(readBack(planCsv(document))).toEqual(commitmentRows(document));
});

test('commas, quotes and line ends in a name survive', () => {
  const [row] = document.decisions;
  const odd: PlanDocument = { ...document, decisions: [{ ...row!, vendor: 'a, "b"\r\nc' }] };
  expect(readBack(planCsv(odd))).toEqual(commitmentRows(odd));
});

test('each period of a pool is a commitment of its own within one contract, all proposed', () => {
  const rows = commitmentRows(document).filter(({ x_Kind }) => x_Kind === 'pool');
  expect(
    rows.map((row) => [row.ContractCommitmentCost, row.ContractCommitmentPeriodStart, row.ContractCommitmentPeriodEnd]),
  ).toEqual([
    ['3000', '2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z'],
    ['9000', '2028-01-01T00:00:00Z', '2029-01-01T00:00:00Z'],
  ]);
  expect(new Set(rows.map(({ ContractId }) => ContractId)).size).toBe(1);
  expect(new Set(rows.map(({ ContractCommitmentId }) => ContractCommitmentId)).size).toBe(2);
  for (const row of rows)
    expect(row).toMatchObject({
      BillingCurrency: 'EUR',
      ContractCommitmentCategory: 'Spend',
      ContractCommitmentModel: 'Discontinuous',
      ContractCommitmentFulfillmentInterval: 'Annual',
      ContractCommitmentDiscountPercentage: '0.1',
      ContractCommitmentDurationType: '2 Years',
      ContractCommitmentLifecycleStatus: 'Proposed',
      ContractCommitmentPaymentModel: 'Partial Upfront',
      ContractCommitmentPaymentUpfrontPercentage: '0.25',
      ContractPeriodStart: '2027-01-01T00:00:00Z',
      ContractPeriodEnd: '2029-01-01T00:00:00Z',
      ServiceProviderName: 'aurora',
    });
});

test('reserved capacity is a commitment to use, with its quantity', () => {
  expect(commitmentRows(document).find(({ x_Kind }) => x_Kind === 'floor')).toMatchObject({
    ContractCommitmentCategory: 'Usage',
    ContractCommitmentBenefitCategory: 'Availability',
    ContractCommitmentModel: 'Continuous',
    ContractCommitmentCost: '720',
    ContractCommitmentDurationType: '6 Months',
    ContractCommitmentQuantity: '100',
    ContractCommitmentUnit: 'unitsPerMonth',
    ContractCommitmentDiscountPercentage: '',
    ContractCommitmentPaymentModel: 'No Upfront',
  });
});

test('a plan that signs nothing is a head without rows', () => {
  expect(planCsv({ ...document, decisions: [] })).toBe(`${commitmentColumns.join(',')}\r\n`);
});
