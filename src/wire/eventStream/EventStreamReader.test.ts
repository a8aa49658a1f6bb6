import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cutAt, fixtureBytes, recordingsOf } from '../recordings.fixture.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import { EventStreamReader } from './EventStreamReader.ts';
import { checksum, errorMessage, eventMessage, exceptionMessage, message } from '../../../test/rigs/eventMessages.ts';

const read = (chunks: readonly Uint8Array[], limits = {}): { events: SseEvent[]; fault: string | null } => {
  const reader = new EventStreamReader(limits);
  const events: SseEvent[] = [];
  for (const chunk of chunks) {
    const pushed = reader.push(chunk);
    events.push(...(pushed.ok ? pushed.value : pushed.fault.events));
    if (!pushed.ok) return { events, fault: pushed.fault.code };
  }
  return { events: [...events, ...reader.end()], fault: null };
};

/** Two events are alike whatever their bytes are views into. */
const inText = ({ event, data, raw }: SseEvent): string => `${event} ${data} ${Buffer.from(raw).toString('hex')}`;

const hello = eventMessage('a', { text: 'hé' });
const recordings = recordingsOf('bedrock', '.bin');

describe('EventStreamReader', () => {
  it('reads the type and the payload of a message', () => {
    expect(read([hello])).toEqual({ events: [{ event: 'a', data: '{"text":"hé"}', raw: hello }], fault: null });
  });

  it('tells exceptions and errors by names that no event has', () => {
    const { events } = read([exceptionMessage('throttlingException', { message: 'slow' }), errorMessage('X', 'why')]);
    expect(events.map(({ event, data }) => [event, data])).toEqual([
      ['!throttlingException', '{"message":"slow"}'],
      ['!X', '{"message":"why"}'],
    ]);
  });

  it('passes over headers of every type that it does not need', () => {
    const headers = {
      yes: [0],
      no: [1],
      byte: [2, 9],
      short: [3, 9, 9],
      int: [4, 1, 2, 3, 4],
      long: [5, 1, 2, 3, 4, 5, 6, 7, 8],
      bytes: [6, 0, 2, 7, 7],
      time: [8, 1, 2, 3, 4, 5, 6, 7, 8],
      uuid: [9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
      constructor: 'x',
      ':event-type': 'a',
    } as const;
    expect(read([message(headers, '{}')]).events).toMatchObject([{ event: 'a', data: '{}' }]);
    expect(read([message({}, '')]).events).toMatchObject([{ event: null, data: '' }]);
  });

  it.each([
    ['a header of no known type', message({ x: [10] }, '')],
    ['a header longer than its place', message({ x: [7, 0, 9, 65] }, '')],
    ['a header without its value', message({ x: [5, 1] }, '')],
  ])('takes %s for broken', (_, bytes) => {
    expect(read([bytes])).toEqual({ events: [], fault: 'broken_frame' });
  });

  it('finds lengths broken that do not add up, though their checksum is right', () => {
    // Shorter than the least there is, and with more headers than it has room for.
    for (const [total, headers] of [
      [15, 0],
      [16, 1],
    ] as const) {
      const prelude = Buffer.alloc(12);
      prelude.writeUInt32BE(total, 0);
      prelude.writeUInt32BE(headers, 4);
      prelude.writeUInt32BE(checksum(prelude.subarray(0, 8)), 8);
      expect(read([prelude]).fault).toBe('broken_frame');
    }
  });

  it('gives what stood whole before a fault, and nothing after it', () => {
    const broken = Buffer.from(hello);
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
    expect(read([Buffer.concat([hello, broken, hello])])).toMatchObject({
      events: [{ event: 'a' }],
      fault: 'broken_frame',
    });
    const reader = new EventStreamReader();
    reader.push(broken);
    expect(reader.push(hello)).toMatchObject({ ok: false, fault: { code: 'broken_frame', events: [] } });
  });

  it('bounds a message by what its prelude says, before the rest of it has come', () => {
    const large = eventMessage('a', 'x'.repeat(1_000));
    expect(read([large.subarray(0, 12)], { eventBytesMax: 1_000 }).fault).toBe('event_too_large');
    expect(read([large], { eventBytesMax: large.length }).fault).toBeNull();
  });

  it('holds a large message that comes byte by byte without reading it again each time', () => {
    const large = eventMessage('a', 'x'.repeat(200_000));
    const { events } = read(Array.from(large, (byte) => Uint8Array.of(byte)));
    expect(events.map(({ raw }) => raw.length)).toEqual([large.length]);
  });

  it('says nothing of a message that is not whole', () => {
    for (let length = 0; length < hello.length; length++) {
      expect(read([hello.subarray(0, length)])).toEqual({ events: [], fault: null });
    }
  });

  it('finds every flipped bit', () => {
    for (let bit = 0; bit < hello.length * 8; bit++) {
      const flipped = Buffer.from(hello);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(read([flipped]).events).toEqual([]);
    }
  });

  it('reads the recordings alike however they are split, and their raws in a row are the input', () => {
    expect(recordings).toHaveLength(16);
    for (const path of recordings) {
      const bytes = fixtureBytes(path);
      const whole = read([bytes]);
      expect(whole.fault).toBeNull();
      expect(Buffer.concat(whole.events.map(({ raw }) => raw))).toEqual(bytes);
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (offsets) => {
          const cut = read(cutAt(bytes, offsets));
          expect(cut.fault).toBeNull();
          expect(cut.events.map(inText)).toEqual(whole.events.map(inText));
        }),
        { numRuns: 5 },
      );
    }
  });

  it('takes any bytes without throwing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (chunks) => {
        expect(read(chunks).events).toEqual([]);
      }),
    );
  });
});
