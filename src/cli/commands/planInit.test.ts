import { expect, test } from 'vitest';
import { readPortfolio } from '../../planner/index.ts';
import { UsageError, type OptionValues } from '../Command.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { planInit } from './planInit.ts';

const run = async (options: OptionValues): Promise<string> => {
  const { terminal, written } = keepingTerminal('/');
  expect(await planInit.run({ options, positionals: [], terminal })).toBe(0);
  return written.stdout;
};

test.each([
  [{ vendors: 'north,south', monthly: '2000', growth: '0.05' }],
  [{ vendors: 'true', monthly: '0.5', growth: '-0.25', currency: 'EUR', from: '2027-03-01', years: '5' }],
  [{ vendors: ' a b , 7 ,a b', monthly: '38000000000' }],
])('a file to begin with is valid, without a warning: %j', async (options) => {
  const reading = readPortfolio(await run(options), 'portfolio.yaml');
  expect(reading).toMatchObject({ ok: true, value: { warnings: [] } });
  const { portfolio } = JSON.parse(await run({ ...options, json: true })) as { portfolio: string };
  expect(readPortfolio(portfolio, 'portfolio.yaml').ok).toBe(true);
});

test('it begins next month unless it is told otherwise', async () => {
  const text = await run({ vendors: 'north', monthly: '1' });
  expect(text).toMatch(/from: 20\d\d-\d\d-01, periods: 2/);
});

test.each([
  [{ monthly: '2000' }, '--vendors takes names'],
  [{ vendors: 'a' }, '--monthly takes what is spent'],
  [{ vendors: 'a', monthly: 'much' }, '--monthly takes a plain decimal'],
  [{ vendors: 'a', monthly: '0' }, 'expected an amount above 0'],
  [{ vendors: 'a', monthly: '1', growth: '-2' }, 'expected a change a year, above -1'],
  [{ vendors: 'a', monthly: '1', currency: 'euros' }, 'expected a currency'],
  [{ vendors: 'a', monthly: '1', from: '2027-01-15' }, 'a plan begins on the first of a month'],
  [{ vendors: 'a', monthly: '1', years: '0' }, '--years takes a whole number'],
  [{ vendors: '"', monthly: '1' }, 'expected a short name'],
])('an answer that fits nowhere is wrong use: %j', async (options, said) => {
  const refused = await run(options).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect(String(refused)).toContain(said);
});
