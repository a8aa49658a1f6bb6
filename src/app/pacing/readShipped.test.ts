import { expect, test } from 'vitest';
import { readShipped } from './readShipped.ts';

const ledgerOf = (told: string[], failure: string | null, absence: { readonly message: string } | null = null) => ({
  database: { absence },
  shipper: {
    failure: () => failure,
    drain: () => {
      told.push('shipped');
      return Promise.resolve();
    },
  },
});

test('what was booked here is in the database before it is read', async () => {
  const told: string[] = [];
  const read = (): Promise<number> => Promise.resolve(told.push('read'));
  expect(await readShipped(ledgerOf(told, null), read)).toBe(2);
  expect(told).toEqual(['shipped', 'read']);
});

test.each([
  ['it is away', null, { message: 'it is away' }],
  ['it takes nothing', 'it takes nothing', null],
])('nothing is waited for or read where nothing comes there: %s', async (message, failure, absence) => {
  const told: string[] = [];
  const read = (): Promise<number> => Promise.resolve(told.push('read'));
  await expect(readShipped(ledgerOf(told, failure, absence), read)).rejects.toThrow(message);
  expect(told).toEqual([]);
});
