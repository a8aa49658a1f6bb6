import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exampleFinal, exampleIntent, exampleRequest } from '../exampleRecords.ts';
import { shipmentsOf } from './RecordShipping.ts';

const intent = exampleIntent();
const final = exampleFinal(intent);
const request = exampleRequest([final]);

const reordered = (record: object, order: readonly number[]): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(record)
        .map((member, index) => ({ member, at: order[index] ?? 0 }))
        .toSorted((one, other) => one.at - other.at)
        .map(({ member }) => member),
    ),
  );

test('records are told apart in whatever order their members stand, and shipped as they were written', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 30, maxLength: 30 }), (order) => {
      const [intentText, finalText, requestText] = [intent, final, request].map((record) => reordered(record, order));
      expect(shipmentsOf([intentText ?? '', finalText ?? '', requestText ?? ''])).toEqual([
        { type: 'final', id: final.attemptId, payload: finalText },
        { type: 'request', id: request.requestId, payload: requestText },
      ]);
    }),
  );
});

test('records as we write them are shipped without being read', () => {
  const texts = [final, request].map((record) => JSON.stringify(record));
  // What follows the id is no JSON: a reader would have stumbled over it.
  const broken = texts.map((text) => `${text.slice(0, 80)}<`);
  expect(shipmentsOf(broken).map(({ type, id }) => [type, id])).toEqual([
    ['final', final.attemptId],
    ['request', request.requestId],
  ]);
});
