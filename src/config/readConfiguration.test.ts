import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseRatio } from '../kernel/index.ts';
import {
  choiceField,
  integerField,
  listOf,
  mapOf,
  nameField,
  optional,
  secretField,
  section,
  shareField,
  usdField,
} from '../vocabulary/index.ts';
import { formatFault } from './ConfigurationFault.ts';
import type { PathFault } from './ConfigurationFault.ts';
import { readConfiguration } from './readConfiguration.ts';
import { numberOrText } from './readSource.ts';
import { corpusOf } from '../../test/rigs/fuzz/corpusOf.ts';

const schema = section({
  version: z.literal(1),
  port: integerField(1, 65_535).prefault(8787),
  share: optional(shareField),
  usd: optional(usdField),
  note: z.string().optional(),
  mode: choiceField(['safe', 'never']).prefault('safe'),
  teams: mapOf(nameField, section({ secret: secretField, members: listOf(nameField).prefault([]) })).prefault({}),
  things: listOf(
    z.discriminatedUnion('kind', [
      section({ kind: z.literal('pool'), usd: usdField }),
      section({ kind: z.literal('slot'), count: integerField(1, 9) }),
    ]),
  ).prefault([]),
  covers: listOf(z.union([section({ provider: nameField }), section({ site: nameField })])).prefault([]),
});

const noFindings = { faults: [], warnings: [] };

const read = (text: string) => readConfiguration({ text, file: 'f.yaml', schema, check: () => noFindings });

const valueOf = (text: string): z.output<typeof schema> => {
  const reading = read(text);
  if (!reading.ok) throw new Error(reading.fault.map(formatFault).join('\n'));
  return reading.value.value;
};

const faultsOf = (text: string): readonly string[] => {
  const reading = read(text);
  if (reading.ok) throw new Error('expected faults');
  return reading.fault.map(formatFault);
};

describe('a valid file', () => {
  test('becomes a value with its defaults', () => {
    expect(valueOf('version: 1\n')).toEqual({
      version: 1,
      port: 8787,
      share: null,
      usd: null,
      mode: 'safe',
      teams: new Map(),
      things: [],
      covers: [],
    });
  });

  test('may begin with a byte order mark, end in no line end, and use either line end', () => {
    expect(valueOf('\ufeffversion: 1\r\nport: 5').port).toBe(5);
  });

  test('has the hash of its bytes', () => {
    const reading = read('version: 1\n');
    // printf 'version: 1\n' | sha256sum
    expect(reading.ok && reading.value.hash).toBe('09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847');
  });

  test('may use an alias or two', () => {
    const value = valueOf('version: 1\nteams:\n  a: &a { secret: "${env:A}" }\n  b: *a\n');
    expect(value.teams.get('b')).toEqual({ secret: { kind: 'env', name: 'A' }, members: [] });
  });

  test('knows YAML 1.2: "no" and dates are text', () => {
    expect(valueOf('version: 1\nnote: no').note).toBe('no');
    expect(valueOf('version: 1\nnote: 2025-11-03').note).toBe('2025-11-03');
  });

  test('a name that objects inherit is a name like any other', () => {
    expect(
      valueOf('version: 1\nteams: { constructor: { secret: "${env:A}" } }').teams.get('constructor'),
    ).toBeDefined();
    expect(valueOf('version: 1').teams.get('constructor')).toBeUndefined();
  });
});

describe('numbers', () => {
  test('keep every digit that was written, in quotes or not', () => {
    const written = '0.123456789012345678901234567';
    expect(valueOf(`version: 1\nshare: ${written}`).share).toEqual(parseRatio(written));
    expect(valueOf(`version: 1\nshare: "${written}"`).share).toEqual(parseRatio(written));
    // The float nearest to this is 0.1 + 0.2, which nobody wrote.
    expect(valueOf('version: 1\nshare: 0.30000000000000004').share).toEqual(parseRatio('0.30000000000000004'));
    expect(valueOf('version: 1\nusd: 38000000000.000000001').usd).toBe(38_000_000_000_000_000_001n);
  });

  test('any decimal reads as the same fraction that its text is', () => {
    const decimal = fc
      .tuple(
        fc.bigInt({ min: 0n, max: 10n ** 25n }),
        fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), maxLength: 25 }),
      )
      .map(([whole, fraction]) => (fraction === '' ? `${whole}` : `${whole}.${fraction}`));
    fc.assert(
      fc.property(decimal, (written) => {
        const read = parseRatio(String(numberOrText(written)));
        const meant = parseRatio(written);
        expect(read.numerator * meant.denominator).toBe(meant.numerator * read.denominator);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(['1e3', '0x10', '007', '+5', '.5', '.inf', '.nan', '1_000', '-3', '5.5', '"5"', '70000', 'true', '[5]'])(
    'a port of %s is refused',
    (written) => {
      expect(faultsOf(`version: 1\nport: ${written}`)[0]).toMatch(
        /^f\.yaml:2:7: expected a whole number from 1 to 65535/,
      );
    },
  );
});

describe('faults of YAML', () => {
  test('a key written twice is refused where it stands the second time', () => {
    expect(faultsOf('version: 1\nport: 5\nport: 6')).toEqual([
      'f.yaml:3:1: a key that is written twice (first in line 2), keep one of the two',
    ]);
  });

  test.each([
    ['version: 1\nteams:\n\ta: 1', 3, 'a tab'],
    ['version: 1\nnote: "open', 2, 'missing'],
    ['version: 1\nnote: [a', 2, 'a bracket that is not closed'],
    ['version: 1\nnote: *nobody', 2, 'alias'],
    ['version: 1\nnote: !!binary aGk=', 2, 'tag'],
    ['version: 1\nnote: !mine x', 2, 'tag'],
    ['version: 1\n---\nversion: 1', 2, 'second document'],
    ['version: 1\n? [a, b]\n: 1', 2, 'a key that is not text'],
    ['version: 1\n__proto__: { port: 1 }', 2, 'a name that is not allowed'],
    ['version: 1\n port: 5', 1, 'a key inside another value'],
    ['%YAML 1.1\n---\nversion: 1', 1, 'older YAML'],
  ])('%j has its fault in line %i', (text, line, words) => {
    const faults = faultsOf(text);
    expect(faults[0]).toMatch(new RegExp(`^f\\.yaml:${line}:\\d+: `));
    expect(faults.join()).toContain(words);
  });

  test.each(['', '\n', '# nothing\n', '~', '---\n'])('a file that says nothing (%j) is refused', (text) => {
    expect(faultsOf(text)[0]).toContain('the file says nothing');
  });

  test.each(['- a', 'word', '5', '[]'])('a file that is no map (%j) is refused', (text) => {
    expect(faultsOf(text)[0]).toBe('f.yaml:1:1: the file is not a map, begin with "version: 1", one key a line');
  });
});

describe('faults of the schema', () => {
  test('stand at the value, with what was found', () => {
    expect(faultsOf('version: 1\nteams: 5')).toEqual([
      'f.yaml:2:8: expected a map, found a number, write "key: value" pairs, or {} for none',
    ]);
    expect(faultsOf('version: 1\nthings: {}')).toEqual([
      'f.yaml:2:9: expected a list, found a map, write [a, b], or one "- item" a line',
    ]);
  });

  test('an unknown key stands at the key, and the nearest known is suggested', () => {
    expect(faultsOf('version: 1\nprot: 5')).toEqual(['f.yaml:2:1: unknown key, did you mean "port"?']);
    expect(faultsOf('version: 1\nteams:\n  a:\n    secret: "${env:A}"\n    secrets: 1')).toEqual([
      'f.yaml:5:5: unknown key, did you mean "secret"?',
    ]);
  });

  test('an unknown key that resembles none is told the known ones', () => {
    const [fault = ''] = faultsOf('version: 1\ntemperature: 5');
    expect(fault).toContain('f.yaml:2:1: unknown key, leave it out; known here: version, port,');
  });

  test('a missing key stands at the map that lacks it', () => {
    expect(faultsOf('version: 1\nteams:\n  a: {}')).toEqual([
      'f.yaml:3:3: "secret" is missing, add it: write "${env:NAME}" or "${file:/path}"',
    ]);
  });

  test('a wrong name in a map stands at the name', () => {
    expect(faultsOf('version: 1\nteams: { "a b": { secret: "${env:A}" } }')[0]).toMatch(
      /^f\.yaml:2:10: expected a name/,
    );
  });

  test('a word that is none of the choices is told the nearest', () => {
    expect(faultsOf('version: 1\nmode: saef')).toEqual([
      'f.yaml:2:7: expected one of safe, never, did you mean "safe"?',
    ]);
  });

  test('the keys of a variant are those of its kind', () => {
    expect(faultsOf('version: 1\nthings:\n  - { kind: slot, count: 3, usd: "1" }')[0]).toContain(
      'known here: kind, count',
    );
    expect(faultsOf('version: 1\nthings:\n  - { kind: slod, count: 3 }')).toEqual([
      'f.yaml:3:13: expected one of pool, slot, did you mean "slot"?',
    ]);
    expect(faultsOf('version: 1\nthings:\n  - { count: 3 }')[0]).toContain('"kind" is missing');
  });

  test('of a choice of forms, the one that was meant is complained about', () => {
    expect(faultsOf('version: 1\ncovers: [{ site: "a b" }]')[0]).toMatch(/^f\.yaml:2:18: expected a name/);
    expect(faultsOf('version: 1\ncovers: [{ sitee: a }]')).toEqual(['f.yaml:2:12: unknown key, did you mean "site"?']);
  });

  test('all of them are told at once, in the order of the file', () => {
    const faults = faultsOf('version: 1\nport: 0\nshare: 2\nusd: x\nmode: y');
    expect(faults.map((fault) => fault.slice(0, 9))).toEqual(['f.yaml:2:', 'f.yaml:3:', 'f.yaml:4:', 'f.yaml:5:']);
  });

  test('a path behind an alias leads to where the value stands', () => {
    expect(faultsOf('version: 1\nteams:\n  a: &a { secret: 5 }\n  b: *a')).toEqual([
      'f.yaml:3:19: expected a reference to a secret, found a number, write "${env:NAME}" or "${file:/path}"',
    ]);
  });
});

describe('secrets', () => {
  const canary = 'sk-live-canary-4f1b9d';

  test('a literal is refused without being shown', () => {
    const faults = faultsOf(`version: 1\nteams: { a: { secret: ${canary} } }`);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('f.yaml:2:23: a secret must not stand in this file');
    expect(faults.join()).not.toContain('canary');
  });

  test.each([
    `version: 1\nteams: { a: { ${canary} } }`,
    `version: 1\nteams: { a: { secret: { ${canary}: 1 } } }`,
    `version: 1\nteams: { a: { secret: *${canary} } }`,
    `version: 1\nteams: { a: { secret: !${canary} x } }`,
    `version: 1\nteams: { a: { secret: "${canary} } }`,
    `version: 1\nteams: { a: { secret: "\${env:A}${canary}" } }`,
    `version: 1\nteams: { a: { secret: "\\q${canary}" } }`,
    `version: 1\n${canary}: 5`,
    `version: 1\n${canary}: 5\n${canary}: 5`,
    `version: 1\nmode: ${canary}`,
    `version: 1\nteams: { "${canary} ": {} }`,
    `${canary}`,
    `%${canary}\nversion: 1`,
  ])('a slip of the finger does not show it either: %j', (text) => {
    expect(faultsOf(text).join()).not.toContain('canary');
  });
});

describe('the check', () => {
  const check = (findings: { faults?: readonly PathFault[]; warnings?: readonly PathFault[] }) =>
    readConfiguration({
      text: 'version: 1\nteams:\n  a: { secret: "${env:A}" }\n',
      file: 'f.yaml',
      schema,
      check: () => ({ ...noFindings, ...findings }),
    });

  test('its faults have places and refuse the whole', () => {
    const reading = check({ faults: [{ path: ['teams', 'a', 'secret'], what: 'no', mend: 'yes' }] });
    expect(reading.ok ? [] : reading.fault.map(formatFault)).toEqual(['f.yaml:3:16: no, yes']);
  });

  test('a path that leads nowhere stands at the last key that is there', () => {
    const reading = check({ faults: [{ path: ['teams', 'a', 'budget', 'usd'], what: 'no', mend: 'yes' }] });
    expect(reading.ok ? [] : reading.fault.map(formatFault)).toEqual(['f.yaml:3:3: no, yes']);
  });

  test('its warnings have places and refuse nothing', () => {
    const reading = check({ warnings: [{ path: ['teams', 'a'], atKey: true, what: 'hm', mend: 'look' }] });
    expect(reading.ok && reading.value.warnings.map(formatFault)).toEqual(['f.yaml:3:3: hm, look']);
  });

  test('does not run on what the schema refused', () => {
    const reading = readConfiguration({
      text: 'version: 2',
      file: 'f.yaml',
      schema,
      check: () => {
        throw new Error('must not run');
      },
    });
    expect(reading.ok).toBe(false);
  });
});

describe('limits', () => {
  test.each([
    ['flow lists', `a: ${'['.repeat(200_000)}`],
    ['flow maps', `a: ${'{a: '.repeat(200_000)}`],
    ['block lists', '- '.repeat(200_000)],
    ['indentation', Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('nesting by %s ends in a fault, not in a full stack', (_, text) => {
    expect(faultsOf(text)[0]).toContain('nested too deeply');
  });

  test('an alias of itself ends in a fault', () => {
    expect(faultsOf('version: 1\nnote: &a [*a]')[0]).toContain('nested too deeply');
  });

  test('aliases of aliases are cut off long before they fill the memory', () => {
    const names = 'abcdefghij';
    const levels = names
      .split('')
      .map((name, level) =>
        level === 0 ? 'a: &a [1,1,1,1,1,1,1,1,1]' : `${name}: &${name} [${`*${names[level - 1]},`.repeat(9)}]`,
      );
    expect(faultsOf(levels.join('\n'))[0]).toContain('more than 100 aliases');
  });

  test('a few aliases of something large are cut off too', () => {
    const text = `a: &a [${'1,'.repeat(20_000)}]\n${Array.from({ length: 90 }, (_, index) => `k${index}: *a`).join('\n')}`;
    expect(faultsOf(text)[0]).toContain('more than 500000 values');
  });

  test('a file of more than 10 MB is refused unread', () => {
    expect(faultsOf('x'.repeat(10_000_001))).toEqual([
      'f.yaml:1:1: the file is larger than 10000000 bytes, write fewer entries',
    ]);
  });

  test('a map of many keys is read in a time that grows with it, not with its square', () => {
    const text = `version: 1\nteams:\n${Array.from({ length: 20_000 }, (_, index) => `  t${index}: { secret: "\${env:A}" }`).join('\n')}`;
    expect(faultsOf(text)).toEqual(['f.yaml:3:3: more than 10000 entries, keep at most 10000']);
  });

  test('of very many faults a hundred are told', () => {
    expect(
      faultsOf(`version: 1\n${Array.from({ length: 500 }, (_, index) => `k${index}: 1`).join('\n')}`),
    ).toHaveLength(100);
  });
});

describe('whatever bytes', () => {
  const pieces = fc.constantFrom(
    'version: 1',
    'port: ',
    'teams:',
    '  a:',
    '\n',
    '\t',
    ' ',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '- ',
    '? ',
    '&a ',
    '*a',
    '!x ',
    '!!str ',
    '|',
    '>',
    '"',
    "'",
    '#',
    '%YAML 1.1',
    '---',
    '...',
    '\ufeff',
    '\u0000',
    '\r',
    '\u0085',
    '\ud800',
    '<<: ',
    '~',
    '0x1',
    '1e999',
    '\\u12',
    '${env:A}',
  );
  const anything = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );

  test('end in a value or in faults that stand inside the text', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const reading = read(text);
        if (reading.ok) return;
        expect(reading.fault.length).toBeGreaterThan(0);
        const lines = text.split('\n');
        for (const { line, column, what, mend } of reading.fault) {
          expect(lines[line - 1]).toBeDefined();
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          expect(what).not.toBe('');
          expect(mend).not.toBe('');
        }
      }),
      { numRuns: 4_000 },
    );
  });
});

test.each(corpusOf('readConfiguration'))('$name of the corpus, and a fault has its place', ({ bytes, accepted }) => {
  const reading = read(bytes.toString());
  expect(reading.ok).toBe(accepted);
  for (const fault of reading.ok ? [] : reading.fault) expect(formatFault(fault)).toMatch(/^f\.yaml:\d+:\d+: /);
});
