// Entry point of the thread that translates; started by TranslationThread, never imported.
import { parentPort } from 'node:worker_threads';
import { assert } from '../../kernel/index.ts';
import { translate, type TranslationEnds, type TranslationKind } from '../../wire/index.ts';
import type { TranslationCall, TranslationReply } from './TranslationCall.ts';

assert(parentPort !== null, 'this file is the entry point of a worker');
const port = parentPort;

/** Memory that goes back without a copy; small bodies share theirs with others, and are copied. */
const handedOver = (end: TranslationEnds[TranslationKind]): ArrayBuffer[] => {
  if (!end.ok || typeof end.value === 'number') return [];
  const { buffer, byteLength } = end.value.body;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
};

port.on('message', ({ kind, job }: TranslationCall) => {
  try {
    const end = translate(kind, job);
    port.postMessage({ kind: 'done', end } satisfies TranslationReply, handedOver(end));
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    port.postMessage({ kind: 'mistaken', message } satisfies TranslationReply);
  }
});
