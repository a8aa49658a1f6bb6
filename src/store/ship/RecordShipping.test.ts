import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exampleFinal, exampleIntent, exampleRequest } from '../exampleRecords.ts';
import { shipmentsOf } from './RecordShipping.ts';

const intent = exampleIntent();
const final = exampleFinal(intent);
const request = exampleRequest([final]);

const jsonBytes = (record: object): Buffer => Buffer.from(JSON.stringify(record));

const reordered = (record: object, order: readonly number[]): Buffer =>
  jsonBytes(
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
      const payloads = [intent, final, request].map((record) => reordered(record, order));
      expect(shipmentsOf(payloads, 7)).toEqual([
        { type: 'final', sequence: 9, id: final.attemptId, payload: payloads[1] },
        { type: 'request', sequence: 10, id: request.requestId, payload: payloads[2] },
      ]);
    }),
  );
});

test('records as we write them are shipped without being read', () => {
  const payloads = [final, request].map(jsonBytes);
  // What follows the id is no JSON: a reader would have stumbled over it.
  const broken = payloads.map((payload) => Buffer.concat([payload.subarray(0, 80), Buffer.from('<')]));
  expect(shipmentsOf(broken, 0).map(({ type, id }) => [type, id])).toEqual([
    ['final', final.attemptId],
    ['request', request.requestId],
  ]);
});
