import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { parseRatio, parseUsd } from '../kernel/index.ts';
import {
  capField,
  choiceField,
  dateField,
  hostField,
  integerField,
  labelField,
  listOf,
  mapOf,
  modelNameField,
  nameField,
  optional,
  periodField,
  rateField,
  secretField,
  section,
  shareField,
  targetModelField,
  timeZoneField,
  undottedNameField,
  usdField,
  windowField,
} from './fields.ts';

const accepts = (field: z.ZodType, value: unknown): boolean => field.safeParse(value).success;

const messages = (field: z.ZodType, value: unknown): readonly string[] =>
  field.safeParse(value).error?.issues.map(({ message }) => message) ?? [];

const decimal = fc
  .tuple(
    fc.bigInt({ min: 0n, max: 10n ** 18n }),
    fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), maxLength: 9 }),
  )
  .map(([whole, fraction]) => (fraction === '' ? `${whole}` : `${whole}.${fraction}`));

describe('amounts and fractions', () => {
  test('are exactly what is written', () => {
    fc.assert(
      fc.property(decimal, (written) => {
        expect(usdField.parse(written)).toBe(parseUsd(written));
        expect(rateField.parse(written)).toEqual(parseRatio(written));
      }),
    );
  });

  test('38 billion dollars are 38 and 18 zeros of nano-dollars, in quotes or not', () => {
    expect(usdField.parse('38000000000')).toBe(38_000_000_000_000_000_000n);
    expect(usdField.parse(38_000_000_000)).toBe(38_000_000_000_000_000_000n);
  });

  test.each([
    '',
    '-1',
    '1e3',
    '1,000',
    '0x1',
    '1.',
    '.5',
    ' 1',
    '1 ',
    '$1',
    'NaN',
    -1,
    1e21,
    Number.NaN,
    Infinity,
    null,
    true,
    [],
    {},
  ])('%j is no amount', (written) => {
    expect(accepts(usdField, written)).toBe(false);
    expect(accepts(rateField, written)).toBe(false);
  });

  test('an amount finer than a nano-dollar is refused, not rounded', () => {
    expect(accepts(usdField, '0.000000001')).toBe(true);
    expect(accepts(usdField, '0.0000000001')).toBe(false);
  });

  test('a share ends at 1, a cap does not begin at 0', () => {
    expect(['0', '1', '1.000', 0.25].every((written) => accepts(shareField, written))).toBe(true);
    expect(accepts(shareField, '1.0000000000000000001')).toBe(false);
    expect(accepts(capField, '0')).toBe(false);
    expect(accepts(capField, '0.0000000000000000001')).toBe(true);
    expect(accepts(rateField, '1.5')).toBe(true);
  });
});

describe('whole numbers', () => {
  test('keep to their bounds', () => {
    const port = integerField(1, 65_535);
    expect([1, 65_535].every((value) => accepts(port, value))).toBe(true);
    expect([0, 65_536, 1.5, '5', Number.NaN, null].some((value) => accepts(port, value))).toBe(false);
  });
});

describe('names', () => {
  test('of ours hold no slash, of models do', () => {
    expect(accepts(nameField, 'jean.dupont')).toBe(true);
    expect(accepts(undottedNameField, 'jean.dupont')).toBe(false);
    expect(accepts(nameField, 'a/b')).toBe(false);
    expect(accepts(modelNameField, 'anthropic.claude-sonnet-4-5-20250929-v1:0')).toBe(true);
    expect(accepts(labelField, 'Google Cloud')).toBe(true);
  });

  test.each(['', ' a', '-a', '.', '..', '../a', 'a\nb', 'a\u0000', '\u001b[31m', 'é', 'x'.repeat(257), 5, null])(
    '%j is none of them [A21]',
    (written) => {
      for (const field of [nameField, undottedNameField, modelNameField, labelField]) {
        expect(accepts(field, written)).toBe(false);
      }
    },
  );
});

describe('names of models at vendors', () => {
  test.each([
    'accounts/fireworks/models/kimi-k2.5',
    'endpoints/1',
    'arn:aws:bedrock:eu-west-1::foundation-model/cohere.embed-v4:0',
    'a/..b',
    'a/b..',
    'a/...',
    'a..',
  ])('%j is one', (written) => {
    expect(accepts(targetModelField, written)).toBe(true);
  });

  test.each(['a/..', 'a/.', 'a/', 'a//b', 'a/./b', 'a/../b', 'publishers/../..', 'a/../../../..//x', '../a', '/a'])(
    '%j would lead elsewhere in a path',
    (written) => {
      expect(accepts(targetModelField, written)).toBe(false);
    },
  );

  test('leave every path as it is written', () => {
    const parts = fc.array(fc.constantFrom('a', '.', '..', '', 'b.c', '...'), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parts, (written) => {
        const model = ['m', ...written].join('/');
        const path = `/base/${model}`;
        const isOne = accepts(targetModelField, model);
        expect(isOne).toBe(new URL(path, 'https://vendor.test').pathname === path && !written.includes(''));
      }),
    );
  });
});

describe('dates', () => {
  test('are days of the calendar', () => {
    expect(accepts(dateField, '2028-02-29')).toBe(true);
    expect(
      ['2027-02-29', '2027-13-01', '2027-1-1', '27-01-01', '2027-01-01T00:00:00Z', 'x'].some((date) =>
        accepts(dateField, date),
      ),
    ).toBe(false);
  });

  test('a period is half open, in order, and of a human length', () => {
    expect(periodField.parse(['2025-11-03', '2032-11-03'])).toEqual({ from: '2025-11-03', until: '2032-11-03' });
    expect(accepts(periodField, ['2025-11-03', '2025-11-03'])).toBe(false);
    expect(accepts(periodField, ['2025-11-03', '2025-11-02'])).toBe(false);
    expect(accepts(periodField, ['2025-11-03'])).toBe(false);
    expect(accepts(periodField, ['2025-11-03', '2026-01-01', '2027-01-01'])).toBe(false);
    expect(accepts(periodField, ['1999-11-03', '2199-01-01'])).toBe(false);
  });

  test('a time zone is a name that this machine knows, not an offset', () => {
    expect(
      ['UTC', 'Europe/Paris', 'America/Argentina/Buenos_Aires'].every((zone) => accepts(timeZoneField, zone)),
    ).toBe(true);
    expect(
      ['', '+01:00', 'Europe/Atlantis', 'Paris', '../etc/passwd'].some((zone) => accepts(timeZoneField, zone)),
    ).toBe(false);
  });

  test('windows have names', () => {
    expect(accepts(windowField, 'month')).toBe(true);
    expect(accepts(windowField, 'monthly')).toBe(false);
  });
});

describe('secrets', () => {
  test('stand by reference', () => {
    expect(secretField.parse('${env:OPENAI_API_KEY}')).toEqual({ kind: 'env', name: 'OPENAI_API_KEY' });
    expect(secretField.parse('${file:/run/secrets/key}')).toEqual({ kind: 'file', path: '/run/secrets/key' });
  });

  test('a literal is refused, and no message repeats it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (noise) => {
        const written = `sk-canary-55${noise}`;
        const said = messages(secretField, written).join();
        expect(said).toContain('a secret must not stand in this file');
        expect(said).not.toContain('canary-55');
      }),
    );
  });

  test.each([
    '${env:}',
    '${env:1A}',
    '${env:A}x',
    'x${env:A}',
    '${env:A}${env:B}',
    '${file:}',
    '${file:a\nb}',
    '$env:A',
    '${ENV:A}',
    5,
    null,
  ])('%j is no reference', (written) => {
    expect(accepts(secretField, written)).toBe(false);
  });
});

describe('hosts', () => {
  test('one host has all of it', () => {
    expect(hostField.parse('aws')).toEqual([{ name: 'aws', share: { numerator: 1n, denominator: 1n } }]);
  });

  test('a share that nobody knows is null', () => {
    expect(
      hostField.parse([{ name: 'azure', share: 'unknown' }, { name: 'aws', share: 0.25 }, { name: 'gcp' }]),
    ).toEqual([
      { name: 'azure', share: null },
      { name: 'aws', share: parseRatio('0.25') },
      { name: 'gcp', share: null },
    ]);
  });
});

describe('structure', () => {
  test('a section takes no key that it does not know', () => {
    expect(accepts(section({ a: nameField }), { a: 'x', b: 'y' })).toBe(false);
  });

  test('what is left out is null', () => {
    expect(section({ a: optional(nameField) }).parse({})).toEqual({ a: null });
    expect(accepts(section({ a: optional(nameField) }), { a: null })).toBe(false);
  });

  test('a map answers only for what was written', () => {
    const map = mapOf(nameField, choiceField(['on', 'off'])).parse({ a: 'on' });
    expect(map.get('a')).toBe('on');
    expect(map.get('constructor')).toBeUndefined();
  });

  test('lists and maps end somewhere', () => {
    expect(accepts(listOf(nameField, 2), ['a', 'b', 'c'])).toBe(false);
    const entries = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`k${index}`, 'on']));
    expect(accepts(mapOf(nameField, choiceField(['on'])), entries)).toBe(false);
  });
});

test('every message has two lines: what, and how to mend it', () => {
  const fields = [
    capField,
    dateField,
    hostField,
    integerField(1, 2),
    labelField,
    modelNameField,
    nameField,
    periodField,
    rateField,
    secretField,
    shareField,
    targetModelField,
    timeZoneField,
    usdField,
    windowField,
  ];
  const wrong = fc.oneof(
    fc.string(),
    fc.integer({ min: 3 }),
    fc.boolean(),
    fc.constant(null),
    fc.constant({}),
    fc.constant(['x']),
  );
  fc.assert(
    fc.property(fc.constantFrom(...fields), wrong, (field, value) => {
      for (const message of messages(field, value)) {
        expect(message.split('\n')).toHaveLength(2);
      }
    }),
  );
});
