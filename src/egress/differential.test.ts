import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { writtenAnswers, type WrittenAnswer } from './answers.fixture.ts';
import { LeanTransport } from './lean/LeanTransport.ts';
import { ask, TestVendor, type Heard } from './TestVendor.fixture.ts';
import { UndiciTransport } from './UndiciTransport.fixture.ts';

// Undici is the oracle: what it hears, the lean transport hears.

const transports = [new UndiciTransport(), new LeanTransport()] as const;
afterAll(() => Promise.all(transports.map((transport) => transport.close())));

/** Asks both for the same answer, written in pieces; a half-closed connection follows where it has to end. */
const hearBoth = async (
  wire: string,
  cuts: readonly number[],
  method: WrittenAnswer['method'],
  close: boolean,
): Promise<Heard[]> => {
  const places = [0, ...cuts.map((cut) => Math.min(cut, wire.length)).toSorted((a, b) => a - b), wire.length];
  await using vendor = await TestVendor.start(({ socket }) => {
    let piece = 0;
    const write = (): void => {
      piece += 1;
      const bytes = wire.slice(places[piece - 1], places[piece]);
      if (piece < places.length - 1) {
        if (bytes !== '') socket.write(bytes, 'latin1');
        setImmediate(write);
      } else if (close) socket.end(bytes, 'latin1');
      else socket.write(bytes, 'latin1');
    };
    write();
  });
  const body = method === 'POST' ? Buffer.from('{}') : null;
  return await Promise.all(transports.map((transport) => ask(transport, { origin: vendor.origin, method, body })));
};

const withoutBlanks = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutBlanks);
  return typeof value === 'string' ? value.replace(/[ \t]+$/, '') : value;
};

/** What the oracle heard, but for the blanks behind a header's value, which are no part of it (RFC 9110 section 5.5) and which it leaves. */
const heardByOracle = (heard: Heard | undefined): unknown => ({
  ...heard,
  headers: Object.fromEntries(
    Object.entries(heard?.headers ?? {}).map(([name, value]) => [name, withoutBlanks(value)]),
  ),
});

const cutPlaces = fc.array(fc.nat(300), { maxLength: 4 });

test('well-formed answers are heard the same: status, headers, body, end', async () => {
  await fc.assert(
    fc.asyncProperty(writtenAnswers, cutPlaces, async (answer, cuts) => {
      const [oracle, lean] = await hearBoth(answer.wire, cuts, answer.method, answer.untilClose);
      expect(lean).toEqual(heardByOracle(oracle));
      expect(lean).toMatchObject({ status: answer.status, body: answer.body, ended: true, fault: null });
    }),
    { numRuns: 200 },
  );
});

/** Where the oracle refuses what we read: extensions mean nothing to us, and a continue that nobody asked for does no harm. */
const readByUsAlone = /chunk extensions|^bad response$/;
/** The oracle takes a blank behind a length for a digit, and then misses what was never sent. */
const blankBehindLength = /^content-length: *\d+[ \t]+\r$/im;
const missedByOracle = 'Response body length does not match content-length header';
/**
 * Where we refuse what the oracle reads: it guesses what another coding means, and lets line ends before an answer and control characters in its
 * reason pass.
 */
const refusedByUsAlone = /^(?:a transfer-encoding other than chunked|a malformed status line|not HTTP\/1\.x)$/;

test('a damaged answer that is still a whole one is the same one to both', async () => {
  const insert = fc.constantFrom('', '\r', '\n', '\0', ' ', '0', '5', ':', ';', ',', 'x');
  const damage = fc.record({ at: fc.nat(300), remove: fc.nat(2), insert });
  let whole = 0;
  await fc.assert(
    fc.asyncProperty(writtenAnswers, damage, cutPlaces, async (answer, { at, remove, insert: put }, cuts) => {
      const place = at % answer.wire.length;
      const wire = answer.wire.slice(0, place) + put + answer.wire.slice(place + remove);
      const [oracle, lean] = await hearBoth(wire, cuts, answer.method, true);
      if (lean?.ended === true && oracle?.ended === true) {
        whole += 1;
        expect(lean).toEqual(heardByOracle(oracle));
      } else if (lean?.ended === true) {
        const missed = blankBehindLength.test(wire) && oracle?.fault?.message === missedByOracle;
        if (!missed) expect(oracle?.fault?.message).toMatch(readByUsAlone);
      } else if (oracle?.ended === true) expect(lean?.fault?.message).toMatch(refusedByUsAlone);
    }),
    // A blank behind a length.
    {
      numRuns: 400,
      examples: [
        [
          {
            wire: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab',
            method: 'GET',
            status: 200,
            body: 'ab',
            untilClose: false,
          },
          { at: 34, remove: 0, insert: ' ' },
          [],
        ],
      ],
    },
  );
  expect(whole).toBeGreaterThan(40);
});
