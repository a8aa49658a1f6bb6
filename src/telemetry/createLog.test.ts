import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret, type LogFields, type LogValue } from '../kernel/index.ts';
import { fieldLengthMax } from './boundedField.ts';
import { createLog, logLevels, type LogLevel } from './createLog.ts';
import { createTerminalLog } from './createTerminalLog.ts';

const clock = { nowMs: () => Date.UTC(2026, 10, 3, 10, 0, 0, 7) };

const lineOf = (event: string, fields?: LogFields): string => {
  const lines: string[] = [];
  createLog({ write: (line) => lines.push(line), level: 'debug', clock }).info(event, fields);
  expect(lines).toHaveLength(1);
  return lines[0]!;
};

const terminalLineOf = (event: string, fields?: LogFields, color = false): string => {
  const lines: string[] = [];
  createTerminalLog({ write: (line) => lines.push(line), level: 'debug', clock, color }).warn(event, fields);
  expect(lines).toHaveLength(1);
  return lines[0]!;
};

/** Any character that could end a line, start an ANSI sequence or turn text around. */
const forging = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f]/;

/** Text in which the characters that matter are frequent. */
const hostileText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\n',
      '\r',
      '\u001b',
      '\u0085',
      '\u009b',
      '\u2028',
      '\u2029',
      '\u202e',
      '"',
      '\\',
      '\0',
      '{',
      '}',
      ' ',
      '=',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
  ),
  maxLength: 40,
});

const hostileValue: fc.Arbitrary<LogValue> = fc.oneof(
  hostileText,
  fc.double(),
  fc.boolean(),
  fc.bigInt(),
  fc.constant(null),
  fc.constant(undefined),
  fc.array(hostileText, { maxLength: 4 }),
);

const hostileFields = fc.dictionary(hostileText, hostileValue, { maxKeys: 6 });

describe('the JSON log', () => {
  test('writes one object a line: time, level, event, fields in order', () => {
    expect(
      lineOf('target benched', { name: 'aurora/large', forMs: 1_000, probe: false, hosts: ['north', 'south'] }),
    ).toBe(
      '{"ts":"2026-11-03T10:00:00.007Z","level":"info","event":"target benched","name":"aurora/large","forMs":1000,"probe":false,"hosts":["north","south"]}\n',
    );
  });

  test('writes money exactly, as a decimal string', () => {
    expect(JSON.parse(lineOf('settled', { amountNanoUsd: 38_000_000_000_000_000_001n }))).toMatchObject({
      amountNanoUsd: '38000000000000000001',
    });
  });

  test('leaves out undefined and names the numbers that JSON lacks', () => {
    expect(JSON.parse(lineOf('e', { a: undefined, b: Number.NaN, c: -Infinity, d: null }))).toEqual({
      ts: '2026-11-03T10:00:00.007Z',
      level: 'info',
      event: 'e',
      b: 'NaN',
      c: '-Infinity',
      d: null,
    });
  });

  test('does not let a field pretend to be the time, the level or the event [A29]', () => {
    expect(JSON.parse(lineOf('real', { event: 'forged', level: 'error', ts: 'never' }))).toEqual({
      ts: '2026-11-03T10:00:00.007Z',
      level: 'info',
      event: 'real',
      event_: 'forged',
      level_: 'error',
      ts_: 'never',
    });
  });

  test.each(logLevels.map((level, at) => [level, at] as const))('at level %s says nothing below it', (level, at) => {
    const said: LogLevel[] = [];
    const log = createLog({ write: (line) => said.push(JSON.parse(line).level), level, clock });
    for (const own of logLevels) log[own]('event');
    expect(said).toEqual(logLevels.slice(at));
  });

  test('cuts a long field, says how much is missing and leaves no half character', () => {
    const { long } = JSON.parse(lineOf('e', { long: `${'x'.repeat(fieldLengthMax - 1)}${'\u{1f600}'.repeat(10)}` }));
    expect(long).toBe(`${'x'.repeat(fieldLengthMax - 1)}...[20 more]`);
  });

  test('bounds lists and the number of fields', () => {
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`f${at}`, at]));
    const line = JSON.parse(lineOf('e', { list: Array.from({ length: 70 }, () => 'x'), ...many }));
    expect(line.list).toHaveLength(51);
    expect(line.list.at(-1)).toBe('...[20 more]');
    expect(Object.keys(line)).toHaveLength(3 + 50 + 1);
    expect(line.fieldsLeftOut).toBe(31);
  });

  test('never shows a secret, even where the types were gone around', () => {
    const fields: Record<string, unknown> = {
      key: new Secret('canary-1'),
      list: [new Secret('canary-2'), 'plain'],
      object: { password: 'canary-3' },
      error: new Error('canary-4'),
    };
    const line = lineOf('e', fields as LogFields);
    expect(line).not.toContain('canary');
    expect(JSON.parse(line)).toMatchObject({ key: '[secret]', list: ['[object]', 'plain'], object: '[object]' });
  });

  test.each([
    [`Incorrect API key provided: sk-${'AbCdEf0123'.repeat(2)}.`, 'Incorrect API key provided: sk[secret].'],
    ['authorization: Bearer abcdef.ghijkl-mn', 'authorization: Bearer[secret]'],
    ['GET https://x.example/v1?key=AbC123&alt=sse', 'GET https://x.example/v1?key=[secret]&alt=sse'],
    ['postgres://ops:hunter2@db.example:5432/a', 'postgres://ops:[secret]@db.example:5432/a'],
    ['token eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl used', 'token eyJ[secret] used'],
  ])('masks what looks like a credential in the words of others: %s', (text, masked) => {
    expect(JSON.parse(lineOf('e', { text })).text).toBe(masked);
  });

  test.each([
    'aurora/large',
    'sk-archipel-demo',
    '0192f0c1-7abc-7def-8abc-0123456789ab',
    'basic understanding of keys',
  ])('leaves plain words alone: %s', (text) => {
    expect(JSON.parse(lineOf('e', { text })).text).toBe(text);
  });

  test('cannot be made to write two lines, or anything but printable characters [A29]', () => {
    fc.assert(
      fc.property(hostileText, hostileFields, (event, fields) => {
        const line = lineOf(event, fields);
        expect(line.endsWith('}\n')).toBe(true);
        expect(forging.test(line.slice(0, -1))).toBe(false);
        const parsed = JSON.parse(line);
        expect(parsed.level).toBe('info');
        expect(parsed.ts).toBe('2026-11-03T10:00:00.007Z');
        expect(parsed.event).toBe(event);
        for (const [name, value] of Object.entries(fields)) {
          const own = ['ts', 'level', 'event'].includes(name) || name === '__proto__';
          if (typeof value === 'string' && !own) expect(parsed[name]).toBe(value);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('would be forged without the escapes: the hostile text does hold what they are for [A29]', () => {
    expect(fc.sample(hostileText, 200).some((text) => forging.test(text))).toBe(true);
  });
});

describe('the log for people', () => {
  test('writes a short line', () => {
    expect(terminalLineOf('target benched', { name: 'aurora/large', forMs: 1_000, why: 'two words', none: '' })).toBe(
      '10:00:00.007 warn  target benched  name=aurora/large forMs=1000 why="two words" none=""\n',
    );
  });

  test('colours nothing but the level, and that only when asked to', () => {
    expect(terminalLineOf('event', { a: 1 }, true)).toBe('10:00:00.007 \u001b[33mwarn \u001b[0m event  a=1\n');
  });

  test('cannot be made to write two lines, or to paint [A29]', () => {
    fc.assert(
      fc.property(hostileText, hostileFields, (event, fields) => {
        const line = terminalLineOf(event, fields);
        expect(line.endsWith('\n')).toBe(true);
        expect(forging.test(line.slice(0, -1))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
