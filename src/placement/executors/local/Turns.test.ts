import { expect, test } from 'vitest';
import { Turns } from './Turns.ts';

test('what has the same name happens one after the other, also after a failure; other names do not wait', async () => {
  const turns = new Turns();
  const happened: string[] = [];
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const first = turns.take('a', async () => {
    happened.push('a1 begins');
    await gate;
    happened.push('a1 ends');
    throw new Error('a1');
  });
  const second = turns.take('a', async () => void happened.push('a2'));
  await turns.take('b', async () => void happened.push('b'));
  expect(happened).toEqual(['a1 begins', 'b']);
  open();
  await expect(first).rejects.toThrow('a1');
  await second;
  expect(happened).toEqual(['a1 begins', 'b', 'a1 ends', 'a2']);
});
