import { expect, test } from 'vitest';
import { silentLog } from '../kernel/index.ts';
import { undoAll } from './undoAll.ts';

test('every step runs, the last first, though one fails; then the first fault is told', async () => {
  const ran: string[] = [];
  const steps = [
    () => void ran.push('first'),
    async () => {
      ran.push('second');
      await Promise.reject(new Error('second failed'));
    },
    () => {
      ran.push('third');
      throw new Error('third failed');
    },
  ];
  await expect(undoAll(steps, silentLog)).rejects.toThrow('third failed');
  expect(ran).toEqual(['third', 'second', 'first']);
  await expect(undoAll(steps, silentLog)).resolves.toBeUndefined();
});
