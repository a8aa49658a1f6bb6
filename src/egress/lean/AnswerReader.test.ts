import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { malformedAnswers, smallAnswers, writtenAnswers } from '../answers.fixture.ts';
import { AnswerReader } from './AnswerReader.ts';
import { corpusOf } from '../../../test/rigs/fuzz/corpusOf.ts';

interface Read {
  statuses: number[];
  body: string;
  whole: boolean;
  flaw: string | null;
  endsByClose: boolean;
  /** Bytes behind the answer. */
  rest: string;
}

/** Reads pieces one after the other, as a connection does. */
const readPieces = (pieces: readonly string[], method = 'POST', headerBytesMax = 32_768): Read => {
  const reader = new AnswerReader(headerBytesMax);
  reader.begin(method);
  const statuses: number[] = [];
  let body = '';
  let rest = '';
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1');
    let at = 0;
    while (at < bytes.length && !reader.over) {
      let told = 0;
      const next = reader.step(bytes, at, {
        head: (status) => {
          told += 1;
          statuses.push(status);
        },
        chunk: (chunk) => {
          told += 1;
          body += chunk.toString('latin1');
        },
      });
      if (told > 1) throw new Error('one step told two things');
      if (next === at && told === 0 && !reader.over) throw new Error('a step without progress');
      at = next;
    }
    rest += piece.slice(at);
  }
  return { statuses, body, whole: reader.whole, flaw: reader.flaw, endsByClose: reader.endsByClose, rest };
};

const splitsInTwo = (text: string): string[][] =>
  Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)]);

describe.each(Object.entries(smallAnswers))('%s', (_name, { wire, body }) => {
  const expected = { statuses: [200], body, whole: true, flaw: null, endsByClose: false, rest: '' };

  test('reads the same at every split in two and byte by byte', () => {
    for (const pieces of [...splitsInTwo(wire), wire.split('')]) expect(readPieces(pieces)).toEqual(expected);
  });

  test('leaves what comes behind it alone at every split', () => {
    for (const pieces of splitsInTwo(`${wire}HTTP/1.1 200`)) {
      expect(readPieces(pieces)).toEqual({ ...expected, rest: 'HTTP/1.1 200' });
    }
  });

  test('is whole with its last byte and not before', () => {
    for (let end = 0; end < wire.length; end += 1) {
      expect(readPieces([wire.slice(0, end)])).toMatchObject({ whole: false, flaw: null });
    }
  });
});

test('every well-formed answer reads as it was written, split anywhere', () => {
  fc.assert(
    fc.property(writtenAnswers, fc.array(fc.nat(400), { maxLength: 8 }), (answer, cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), answer.wire.length];
      const pieces = places.slice(1).map((end, index) => answer.wire.slice(places[index], end));
      const read = readPieces(pieces, answer.method);
      expect(read).toMatchObject({ statuses: [answer.status], body: answer.body, flaw: null, rest: '' });
      expect(answer.untilClose ? read.endsByClose : read.whole).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

describe.each(Object.entries(malformedAnswers))('%s', (_name, wire) => {
  test('is malformed at every split', () => {
    for (const pieces of [...splitsInTwo(wire), wire.split('')]) {
      expect(readPieces(pieces), JSON.stringify(pieces)).toMatchObject({ whole: false, flaw: expect.any(String) });
    }
  });
});

test('any bytes at all are read to an end, a flaw or the wish for more', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 30 }),
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\n',
        'transfer-encoding: chunked\r\n',
        'content-length: 3\r\n',
        '\r\n',
        '3\r\n',
        'a',
      ),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(pieces, (all) => {
      const read = readPieces(all);
      expect(read.statuses.length).toBeLessThanOrEqual(1);
      expect(read.whole && read.flaw !== null).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

describe('the allowance for headers', () => {
  const head = 'HTTP/1.1 200 OK\r\na: bcd\r\ncontent-length: 0\r\n\r\n';

  test('is exact, at every split', () => {
    for (const pieces of splitsInTwo(head)) {
      expect(readPieces(pieces, 'POST', head.length)).toMatchObject({ whole: true, flaw: null });
      expect(readPieces(pieces, 'POST', head.length - 1)).toMatchObject({ flaw: expect.stringContaining('larger') });
    }
  });

  test('is not spent by the body', () => {
    const wire = `HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n${'x'.repeat(1_000)}`;
    for (const pieces of splitsInTwo(wire)) expect(readPieces(pieces, 'POST', 100)).toMatchObject({ whole: true });
  });

  test('ends a head without end as soon as it is spent', () => {
    expect(readPieces(['HTTP/1.1 200 OK\r\n', 'a: ', 'b'.repeat(100)], 'POST', 100).flaw).toMatch(/larger/);
  });

  test('is shared by interim answers, so that they come to an end', () => {
    const interim = 'HTTP/1.1 103 \r\n\r\n';
    expect(readPieces([interim.repeat(5) + head], 'POST', 1_000)).toMatchObject({ whole: true });
    expect(readPieces([interim.repeat(100)], 'POST', 1_000).flaw).toMatch(/larger/);
  });

  test('is shared by trailers', () => {
    const chunks = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n';
    expect(readPieces([chunks, `a: ${'b'.repeat(50)}\r\n\r\n`], 'POST', 200)).toMatchObject({ whole: true });
    expect(readPieces([chunks, `a: ${'b'.repeat(500)}\r\n\r\n`], 'POST', 200).flaw).toMatch(/larger/);
    expect(readPieces([chunks, `a: ${'b'.repeat(500)}`], 'POST', 200).flaw).toMatch(/larger/);
  });
});

test('extensions of a chunk are bounded', () => {
  const chunk = (bytes: number): string =>
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;${'a'.repeat(bytes)}\r\nx`;
  expect(readPieces([chunk(1_000)])).toMatchObject({ body: 'x', flaw: null });
  expect(readPieces([chunk(2_000)])).toMatchObject({ body: '', flaw: expect.stringContaining('extension') });
});

test('a continue that nobody waits for is skipped like other interim answers', () => {
  const wire = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx';
  expect(readPieces([wire])).toMatchObject({ statuses: [200], body: 'x', whole: true });
});

test('reads one answer after the other', () => {
  const reader = new AnswerReader(1_000);
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  const malformed = Buffer.from('nothing of the kind');
  const listener = { head: () => {}, chunk: () => {} };
  for (let answer = 0; answer < 100; answer += 1) {
    reader.begin('GET');
    expect(reader.step(bytes, 0, listener)).toBe(bytes.length);
    expect(reader.whole).toBe(true);
    reader.begin('GET');
    reader.step(malformed, 0, listener);
    expect(reader.flaw).toBe('not HTTP/1.x');
  }
});

test.each(corpusOf('AnswerReader'))('$name of the corpus, at every split in two', ({ bytes, accepted }) => {
  const whole = readPieces([bytes.toString('latin1')]);
  expect([whole.whole, whole.flaw === null]).toEqual([accepted, accepted]);
  for (const pieces of splitsInTwo(bytes.toString('latin1'))) expect(readPieces(pieces).flaw === null).toBe(accepted);
});
