// In place of the thread that translates, for tests of what becomes of it: it counts everything to 0, and a body that names a fault has it.
import { parentPort } from 'node:worker_threads';
import type { TranslationCall, TranslationReply } from './TranslationCall.ts';

parentPort?.on('message', ({ job }: TranslationCall) => {
  const text = Buffer.from(job.body).toString();
  if (text.includes('fault:exit')) process.exit(7);
  if (text.includes('fault:throw')) throw new Error('thrown in the thread');
  if (text.includes('fault:hang')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  for (const heap: number[][] = []; text.includes('fault:heap');)
    heap.push(Array.from({ length: 100_000 }, Math.random));
  parentPort?.postMessage({ kind: 'done', end: { ok: true, value: 0 } } satisfies TranslationReply);
});
