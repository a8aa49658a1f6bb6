import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cutAt, eventsIn, fixtureBytes } from '../recordings.fixture.ts';
import { SseReader } from './SseReader.ts';
import { corpusOf } from '../../../test/rigs/fuzz/corpusOf.ts';

interface Plain {
  readonly event: string | null;
  readonly data: string | null;
}

const read = (text: string): Plain[] => eventsIn(Buffer.from(text)).map(({ event, data }) => ({ event, data }));

/** The standard's own algorithm, on the decoded text: events with data only, as a browser would see them. */
const browser = (text: string): Plain[] => {
  const events: Plain[] = [];
  let event = '';
  let data: string[] | null = null;
  const lines = text.replace(/^\u{feff}/u, '').split(/\r\n|\n|\r/);
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (data !== null) events.push({ event: event === '' ? null : event, data: data.join('\n') });
      event = '';
      data = null;
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data = [...(data ?? []), value];
    if (field === 'event') event = value;
  }
  return events;
};

const streamText = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\r', '\r\n\r\n') },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          'data',
          'data:',
          'data: ',
          'event:',
          'event: ping',
          'id: 1',
          'retry: 5',
          ':',
          ': hi',
          'dat',
          'database: x',
        ),
      },
      { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constantFrom('\u{feff}', '{"a":"é😀"}', '\u0000', '\u2028') },
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''));

describe('SseReader', () => {
  it('reads data with and without a space, an event name, and joins lines of data', () => {
    expect(read('event: message_start\ndata: {"a":\ndata:1}\n\n')).toEqual([
      { event: 'message_start', data: '{"a":\n1}' },
    ]);
    expect(read('data\n\n')).toEqual([{ event: null, data: '' }]);
    expect(read('data:  two spaces\n\n')).toEqual([{ event: null, data: ' two spaces' }]);
  });

  it('gives comments, other fields and blank lines as blocks without data', () => {
    expect(read(': OPENROUTER PROCESSING\n\nid: 7\nretry: 3000\n\n\n')).toEqual([
      { event: null, data: null },
      { event: null, data: null },
      { event: null, data: null },
    ]);
  });

  it('takes a field by its whole name only', () => {
    expect(read('database: x\nDATA: y\n data: z\n\n')).toEqual([{ event: null, data: null }]);
  });

  it('ends lines with LF, CR and CRLF, mixed', () => {
    expect(read('data: a\r\rdata: b\r\n\r\ndata: c\n\ndata: d\r\n\n')).toEqual(
      ['a', 'b', 'c', 'd'].map((data) => ({ event: null, data })),
    );
  });

  it('takes one byte order mark at the very start', () => {
    expect(read('\u{feff}data: a\n\n\u{feff}data: b\n\n')).toEqual([
      { event: null, data: 'a' },
      { event: null, data: null },
    ]);
  });

  it('drops an unfinished last event and shows it as pending', () => {
    const reader = new SseReader();
    const pushed = reader.push(Buffer.from('data: a\n\ndata: b\n'));
    expect(pushed.ok && pushed.value).toHaveLength(1);
    expect(reader.end()).toEqual([]);
    expect(Buffer.from(reader.pending).toString()).toBe('data: b\n');
  });

  it('gives a block that ends with CR at the next byte, or at the end', () => {
    const reader = new SseReader();
    expect(reader.push(Buffer.from('data: a\r\r'))).toEqual({ ok: true, value: [] });
    const next = reader.push(Buffer.from('\n'));
    expect(next.ok && next.value.map(({ raw }) => Buffer.from(raw).toString())).toEqual(['data: a\r\r\n']);
    reader.push(Buffer.from('data: b\r\r'));
    expect(reader.end()).toMatchObject([{ data: 'b' }]);
    expect(reader.pending).toHaveLength(0);
  });

  it('does not copy a block that came whole', () => {
    const chunk = Buffer.from('data: a\n\ndata: b\n\n');
    const pushed = new SseReader().push(chunk);
    expect(pushed.ok && pushed.value.every(({ raw }) => raw.buffer === chunk.buffer)).toBe(true);
  });

  it('sees what a browser sees', () => {
    fc.assert(
      fc.property(streamText, (text) => {
        expect(read(text).filter(({ data }) => data !== null)).toEqual(browser(`${text}`));
      }),
      { numRuns: 5_000 },
    );
  });

  it('gives the same events for any split, and its raws with the pending bytes are the input [G18]', () => {
    fc.assert(
      fc.property(streamText, fc.array(fc.nat(200), { maxLength: 6 }), (text, offsets) => {
        const bytes = Buffer.from(text);
        const reader = new SseReader();
        const raws: Uint8Array[] = [];
        const events: Plain[] = [];
        for (const chunk of cutAt(
          bytes,
          offsets.map((offset) => Math.min(offset, bytes.length)),
        )) {
          const pushed = reader.push(chunk);
          for (const event of pushed.ok ? pushed.value : []) {
            raws.push(event.raw);
            events.push({ event: event.event, data: event.data });
          }
        }
        for (const event of reader.end()) {
          raws.push(event.raw);
          events.push({ event: event.event, data: event.data });
        }
        expect(Buffer.concat([...raws, reader.pending])).toEqual(bytes);
        expect({ events, raws: raws.map((raw) => Buffer.from(raw)) }).toEqual({
          events: read(text),
          raws: eventsIn(bytes).map(({ raw }) => Buffer.from(raw)),
        });
      }),
      { numRuns: 5_000 },
    );
  });

  it('gives the same events at each split of a real body, in the middle of characters too', () => {
    const body = Buffer.from(
      `\u{feff}${fixtureBytes('cases/13-sse-comment-as-data.upstream.sse').toString()}data: é😀\r\n\r\ndata: 終\r\r:x`,
    );
    const whole = eventsIn(body);
    for (let at = 0; at <= body.length; at++) {
      const events = eventsIn(body.subarray(0, at), body.subarray(at));
      expect(events.map(({ data }) => data)).toEqual(whole.map(({ data }) => data));
    }
    expect(
      eventsIn(
        ...cutAt(
          body,
          Array.from({ length: body.length }, (_, at) => at),
        ),
      ),
    ).toHaveLength(whole.length);
  });

  describe('with a limit', () => {
    const limits = { eventBytesMax: 16 };

    it('takes an event of just that size, whole or in parts', () => {
      const event = Buffer.from('data: 12345678\n\n');
      expect(event).toHaveLength(16);
      expect(new SseReader(limits).push(event)).toMatchObject({ ok: true, value: [{ data: '12345678' }] });
      const reader = new SseReader(limits);
      reader.push(event.subarray(0, 15));
      expect(reader.push(event.subarray(15))).toMatchObject({ ok: true, value: [{ data: '12345678' }] });
    });

    it('refuses a larger one, gives the whole ones before it, and stays refused', () => {
      for (const large of ['data: 123456789\n\n', 'data: 12345678901']) {
        const reader = new SseReader(limits);
        expect(reader.push(Buffer.from(`data: a\n\n${large}`))).toMatchObject({
          ok: false,
          fault: { code: 'event_too_large', events: [{ data: 'a' }] },
        });
        expect(reader.push(Buffer.from('data: b\n\n'))).toMatchObject({ ok: false, fault: { events: [] } });
        expect(reader.end()).toEqual([]);
      }
    });

    it('reads a long event that comes byte by byte', () => {
      const reader = new SseReader({ eventBytesMax: 64 * 1024 });
      const byte = Buffer.from('x');
      reader.push(Buffer.from('data: '));
      for (let count = 0; count < 64 * 1024 - 8; count++) reader.push(byte);
      expect(reader.push(Buffer.from('\n\n'))).toMatchObject({
        ok: true,
        value: [{ data: 'x'.repeat(64 * 1024 - 8) }],
      });
    });
  });
});

it.each(corpusOf('SseReader'))('$name of the corpus, the same whole and byte by byte', ({ bytes }) => {
  const read = (pieces: readonly Uint8Array[]) => {
    const reader = new SseReader();
    const events = pieces.flatMap((piece) => {
      const pushed = reader.push(piece);
      return pushed.ok ? pushed.value : pushed.fault.events;
    });
    return [...events, ...reader.end()].map(({ event, data, raw }) => ({
      event,
      data,
      raw: Buffer.from(raw).toString('hex'),
    }));
  };
  const whole = read([bytes]);
  expect(read(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).toEqual(whole);
});
