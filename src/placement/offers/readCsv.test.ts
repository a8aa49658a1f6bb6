import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCsv } from './readCsv.ts';

const recordsOf = (text: string): readonly (readonly string[])[] =>
  [...readCsv(text)].map((record) => (record.ok ? record.value.cells : ['fault', record.fault.message]));

const faultOf = (text: string) => {
  const last = [...readCsv(text)].at(-1);
  return last?.ok === false ? last.fault : null;
};

/** As RFC 4180 wants it written; every cell in quotes, or only those that need them. */
const written = (records: readonly (readonly string[])[], always: boolean, end: string): string =>
  records
    .map(
      (cells) =>
        cells.map((cell) => (always || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',') +
        end,
    )
    .join('');

test('whatever is written by the rules is read back, with quotes, commas and line ends in cells', () => {
  const cell = fc.oneof(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '€') }), fc.string());
  const records = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 8 });
  fc.assert(
    fc.property(records, fc.boolean(), fc.constantFrom('\n', '\r\n', '\r'), (cells, always, end) => {
      expect(recordsOf(written(cells, always, end))).toEqual(cells);
    }),
  );
});

test('any text is read or refused, and every record says the line it begins on', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 60 }), (text) => {
      const lines = [...readCsv(text)].map((record) => (record.ok ? record.value.line : record.fault.line));
      expect(lines).toEqual(lines.toSorted((a, b) => a - b));
      expect(lines.at(-1) ?? 1).toBeLessThanOrEqual(text.split(/\r\n|\r|\n/).length);
    }),
  );
});

test('a record after a cell over several lines still knows its line', () => {
  const lines = [...readCsv('a,b\r\n"1\r\n2\n3",x\r\nc,d')].map((record) => record.ok && record.value.line);
  expect(lines).toEqual([1, 2, 5]);
});

test('a last line without its end, an empty last cell and a byte order mark are read', () => {
  expect(recordsOf('\uFEFFa,b\n1,')).toEqual([
    ['a', 'b'],
    ['1', ''],
  ]);
  expect(recordsOf('')).toEqual([]);
});

test.each([
  ['a\n"b', 2, 'a quote is never closed'],
  ['"b""', 1, 'a quote is never closed'],
  ['a,b"c', 1, 'a quote inside a cell'],
  ['a\nb\n"c"d', 3, 'a quote inside a cell'],
])('%j is refused with the line', (text, line, message) => {
  expect(faultOf(text)).toMatchObject({ line, message });
});
