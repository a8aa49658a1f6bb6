import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { planPortfolio } from './planPortfolio.ts';
import type { PlanOutcome, PlanRequest } from './PlanRequest.ts';

const cwd = mkdtempSync(join(tmpdir(), 'archipel-plan-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const portfolio = (more = ''): string => `
version: 1
currency: EUR
horizon: { from: 2027-01-01, periods: 2 }
vendors:
  aurora: { host: north, burst: { base: 1 } }
  borealis: { host: south, burst: { base: 0.2, pool: 1 } }
classes:
  chat: { demand: { start: 1000, growth: 0.5 } }
sources:
  - { vendor: aurora, class: chat, price: { perMTok: "1" } }
  - { vendor: borealis, class: chat, price: { perMTok: "1.1" } }
offers:
  - { vendor: borealis, kind: pool, sizes: ["14000"], discount: 0.2 }
  - { vendor: aurora, kind: pool, sizes: ["3000", "6000"], discount: 0.05 }
policy: { concentration: { vendor: 0.8 }, resilience: { servedShare: 0.6 } }
scenarios: { count: 6 }
${more}`;

let files = 0;
const write = (text: string, name = `portfolio${(files += 1)}.yaml`): string => {
  writeFileSync(join(cwd, name), text);
  return name;
};

const request = (file: string, changes: Partial<PlanRequest> = {}): PlanRequest => ({
  file,
  cwd,
  cpuSeconds: 6,
  seed: null,
  audit: false,
  gap: null,
  signal: new AbortController().signal,
  ...changes,
});

const planned = async (asked: PlanRequest): Promise<PlanOutcome['document']> => {
  const outcome = await planPortfolio(asked);
  if (!outcome.ok) throw new Error(outcome.fault.join('\n'));
  return outcome.value.document;
};

test('a portfolio is planned, with a proven gap and every answer', async () => {
  const plan = await planned(request(write(portfolio())));
  expect(plan.upperBound).toBeGreaterThanOrEqual(plan.lowerBound!);
  expect(plan.gap).toBeLessThan(0.01);
  expect(plan.gap).toBeCloseTo((plan.upperBound! - plan.lowerBound!) / plan.upperBound!, 9);
  // With aurora gone, borealis gives a fifth at once, and the policy asks for more: something must be signed there in each year.
  const signed = plan.decisions.filter(({ vendor }) => vendor === 'borealis');
  expect(signed.map(({ start }) => start)).toEqual(['2027-01-01', '2028-01-01']);
  expect(plan.certificate.length).toBe(4);
  for (const { met, servedShare } of plan.certificate) {
    expect(met).toBe(true);
    expect(servedShare).toBeGreaterThanOrEqual(0.6 - 1e-6);
  }
  expect(plan.outOfSample).toMatchObject({ scenarios: 1_000, isPrecise: true });
  const byVendor = plan.outOfSample!.byVendor.reduce((sum, { mean }) => sum + mean, plan.outOfSample!.capPenalty);
  expect(byVendor).toBeCloseTo(plan.outOfSample!.mean, 3);
  expect(plan.comparisons!.plan.objective).toBeCloseTo(plan.upperBound!, 3);
  expect(plan.comparisons!.others.find(({ kind }) => kind === 'nothing')?.violations).not.toEqual([]);
  expect(plan.dependency!.caps.map(({ name }) => name)).toEqual(['aurora', 'borealis']);
  expect(plan.search.interrupted).toBe(false);
  expect(plan.cpuSeconds).toBeLessThan(20);
}, 60_000);

test('an audit gives the same plan again, bit for bit', async () => {
  const file = write(portfolio());
  const asked = request(file, { audit: true, cpuSeconds: 1 });
  const [one, other] = [await planned(asked), await planned(asked)];
  // All but the clock's.
  const lasting = (document: PlanOutcome['document']) => ({
    ...document,
    cpuSeconds: 0,
    inputs: { ...document.inputs, madeAt: '' },
  });
  expect(lasting(other)).toEqual(lasting(one));
  expect(one.inputs.limits).toMatchObject({ kind: 'work' });
}, 60_000);

describe('stopped', () => {
  test('at once, it has a plan with its true gap, or none and says so', async () => {
    const plan = await planned(request(write(portfolio()), { signal: AbortSignal.abort() }));
    expect(plan.search).toMatchObject({ interrupted: true, feasible: true });
    expect(plan.outOfSample).toBeNull();
    if (plan.upperBound === null) expect(plan).toMatchObject({ gap: null, decisions: [], certificate: [] });
    else expect(plan.certificate).toHaveLength(4);
    if (plan.gap !== null) expect(plan.gap).toBeCloseTo((plan.upperBound! - plan.lowerBound!) / plan.upperBound!, 9);
  }, 30_000);

  test('once a plan was found, it keeps the plan with its true gap, and what is quick to say of it', async () => {
    const controller = new AbortController();
    const plan = await planned(
      request(write(portfolio()), {
        cpuSeconds: 600,
        signal: controller.signal,
        onState: ({ upperBound }) => Number.isFinite(upperBound) && controller.abort(),
      }),
    );
    expect(plan.upperBound).toBeGreaterThan(0);
    if (plan.gap !== null) expect(plan.gap).toBeCloseTo((plan.upperBound! - plan.lowerBound!) / plan.upperBound!, 9);
    expect(plan.search.interrupted).toBe(true);
    expect(plan.certificate).toHaveLength(4);
    expect(plan.outOfSample).toBeNull();
    expect(plan.assumptions).toContain('Not looked at, because it was stopped: fresh futures.');
  }, 30_000);

  test('while it answers, it keeps the answers until then', async () => {
    const controller = new AbortController();
    const plan = await planned(
      request(write(portfolio()), {
        signal: controller.signal,
        onAnswer: ({ step }) => step === 'comparisons' && controller.abort(),
      }),
    );
    expect(plan.outOfSample).not.toBeNull();
    expect(plan.comparisons).toBeNull();
    expect(plan.assumptions).toContain('Not looked at, because it was stopped: comparisons.');
  }, 30_000);
});

test('a policy that nothing on offer can meet is told with what stands in its way', async () => {
  const text = portfolio().replace('burst: { base: 0.2, pool: 1 }', 'burst: { base: 0.2, pool: 0 }');
  const plan = await planned(request(write(text)));
  expect(plan).toMatchObject({ upperBound: null, gap: null, decisions: [] });
  expect(plan.search.feasible).toBe(false);
  expect(plan.conflicts?.conflict[0]).toMatchObject({ lost: 'aurora', classes: ['chat'] });
  expect(plan.conflicts?.conflict[0]?.reachableShare).toBeCloseTo(0.2 / 0.6, 6);
}, 30_000);

describe('a wrong file', () => {
  test('is told by line and column, named as it was asked for', async () => {
    const file = write(portfolio().replace('periods: 2', 'periods: two'));
    expect(await planPortfolio(request(file))).toMatchObject({
      ok: false,
      fault: [expect.stringMatching(new RegExp(String.raw`^${file}:4:\d+: `))],
    });
  });

  test('that is missing is told, too', async () => {
    expect(await planPortfolio(request('nowhere.yaml'))).toMatchObject({
      ok: false,
      fault: [expect.stringMatching(/^nowhere\.yaml:1:1: /)],
    });
  });
});

describe('futures of ones own', () => {
  const months = Array.from({ length: 24 }, (_, month) => month + 1);
  const csv = (scenarios: readonly string[]): string =>
    [
      'scenario,class,month,units',
      ...scenarios.flatMap((name, index) => months.map((month) => `${name},chat,${month},${1_000 * (index + 1)}`)),
    ].join('\n');

  test('are planned for instead of drawn ones', async () => {
    write(csv(['low', 'high']), 'futures.csv');
    const file = write(portfolio().replace('{ count: 6 }', '{ file: futures.csv }'));
    const plan = await planned(request(file, { cpuSeconds: 3 }));
    expect(plan.search.scenarios).toBe(2);
    expect(plan.outOfSample).toBeNull();
    expect(plan.inSample!.mean).toBeGreaterThan(0);
    expect(plan.assumptions.join(' ')).toContain('The futures are those of futures.csv');
  }, 30_000);

  test('are refused by line where they are wrong', async () => {
    write(csv(['low']).replace('low,chat,3,1000', 'low,chat,3,-1'), 'wrong.csv');
    const file = write(portfolio().replace('{ count: 6 }', '{ file: wrong.csv }'));
    expect(await planPortfolio(request(file))).toMatchObject({
      ok: false,
      fault: [expect.stringMatching(/^wrong\.csv:4:\d+: is below 0/)],
    });
  });
});
