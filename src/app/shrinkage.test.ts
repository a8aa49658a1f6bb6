import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeKeyTable, principalsOfKeys } from '../access/index.ts';
import { shrinkage, type Serving } from './shrinkage.ts';
import { hashOfNobody, priceOf, testConfiguration, testFile } from './testConfiguration.fixture.ts';

const provider = (hasAddress = true): object => ({
  wire: 'openai',
  vendor: 'aurora',
  ...(hasAddress ? { baseUrl: 'https://aurora.example/v1' } : {}),
  credentials: { apiKey: '${env:A_KEY}' },
  host: 'north',
});

const deployment = (target: string): object => {
  const [name, model] = target.split('/');
  return { provider: name, model, price: priceOf('2', '8') };
};

interface Wanted {
  /** Targets of each model, as "provider/model". */
  readonly models: Readonly<Record<string, readonly string[]>>;
  readonly keys?: readonly string[];
  /** Whether it is known where `b` answers; yes unless said. */
  readonly isBThere?: boolean;
}

const servingOf = ({ models, keys = ['a'], isBThere }: Wanted): Serving => {
  const text = testFile({
    providers: { a: provider(), b: provider(isBThere) },
    models: Object.fromEntries(
      Object.entries(models).map(([name, targets]) => [name, { deployments: targets.map(deployment) }]),
    ),
    keys: keys.map((digit) => ({ name: `key-${digit}`, hash: hashOfNobody(digit), team: 'research' })),
  });
  const { configuration } = testConfiguration(text);
  const table = makeKeyTable(principalsOfKeys(configuration.keys, configuration.teams, 'UTC'));
  if (!table.ok) throw new Error(table.fault.key);
  return { configuration, keys: table.value };
};

const between = (before: Wanted, after: Wanted): string | null => shrinkage(servingOf(before), servingOf(after));

describe('targets', () => {
  const four = { models: { one: ['a/1', 'a/2'], two: ['a/3', 'b/4'] } };

  test.each([
    ['three of four', { one: ['a/1'] }, /3 of 4 targets would be gone \(a\/2, a\/3, b\/4\)/],
    ['all but another one', { one: ['a/9'] }, /4 of 4/],
  ])('%s gone is a loss', (_, models, says) => {
    expect(between(four, { models })).toMatch(says);
  });

  test.each([
    ['half of them gone', { one: ['a/1'], two: ['a/3'] }],
    ['all of them replaced by as many', { one: ['a/5', 'a/6'], two: ['b/7', 'b/8'] }],
    ['a model of another name over the same targets', { uno: ['a/1', 'a/2'], due: ['a/3', 'b/4'] }],
    ['more of them', { one: ['a/1', 'a/2'], two: ['a/3', 'b/4', 'b/5'] }],
  ])('%s is none', (_, models) => {
    expect(between(four, { models })).toBeNull();
  });

  test('that serve several models count for each', () => {
    const one = { models: { one: ['a/1'], two: ['a/1'], three: ['a/1'] } };
    expect(between(one, { models: { one: ['a/1'] } })).toContain('2 of 3 targets would be gone (a/1)');
  });

  test('are not all told where they are many', () => {
    const names = Array.from({ length: 20 }, (_, index) => `a/${index}`);
    expect(between({ models: { one: names } }, { models: { one: ['a/0'] } })).toMatch(/a\/5, and 14 more\)/);
  });

  test('of any set: none is lost where as many are there afterwards, and a loss is more than half', () => {
    const targets = fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(targets, targets, (before, after) => {
        const told = between(
          { models: { one: before.map((number) => `a/${number}`) } },
          { models: { one: after.map((number) => `a/${number}`) } },
        );
        const gone = before.filter((number) => !after.includes(number)).length;
        expect(told !== null).toBe(gone * 2 > before.length && after.length < before.length);
      }),
      { numRuns: 20 },
    );
  });
});

describe('keys', () => {
  const models = { one: ['a/1'] };

  test.each([
    { before: ['a', 'b'], after: [], lost: true },
    { before: ['a', 'b'], after: ['c'], lost: true },
    { before: ['a', 'b'], after: ['a'], lost: false },
    { before: ['a'], after: ['b'], lost: false },
    { before: [], after: [], lost: false },
  ])('$before then $after', ({ before, after, lost }) => {
    const told = between({ models, keys: before }, { models, keys: after });
    expect(told?.includes(`none of the ${before.length} keys`) ?? false).toBe(lost);
  });
});

describe('a model that stays', () => {
  test('with nothing that can be called any more is a loss', () => {
    const models = { one: ['a/1', 'a/2', 'a/3'], two: ['b/4'] };
    expect(between({ models }, { models, isBThere: false })).toContain('nothing would serve two any more');
  });
});
