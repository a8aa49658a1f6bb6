import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scanTopLevel, type Member } from './scanTopLevel.ts';
import { splice, type Edit } from './splice.ts';

const membersOf = (body: Uint8Array): readonly Member[] => {
  const scanned = scanTopLevel(body);
  if (!scanned.ok) throw new Error(scanned.fault.message);
  return scanned.value;
};

const edit = (text: string, make: (member: (key: string) => Member) => Edit[]): string => {
  const body = Buffer.from(text);
  const members = membersOf(body);
  const find = (key: string): Member => members.find((member) => member.key === key)!;
  return Buffer.from(splice(body, members, make(find))).toString('utf8');
};

describe('splice', () => {
  const text = '{ "a" : 1 ,\n  "b":"x", "c" :[ ] }';

  it('gives the very same bytes where there is nothing to edit', () => {
    const body = Buffer.from(text);
    expect(splice(body, membersOf(body), [])).toBe(body);
  });

  it('replaces a value and nothing else', () => {
    expect(edit(text, (member) => [{ kind: 'replace', member: member('b'), value: '"yz"' }])).toBe(
      '{ "a" : 1 ,\n  "b":"yz", "c" :[ ] }',
    );
  });

  it('inserts members first, with a comma only where others follow', () => {
    const inserts: Edit[] = [
      { kind: 'insert', key: 'm', value: '0' },
      { kind: 'insert', key: 'q"', value: '{}' },
    ];
    expect(edit(text, () => inserts)).toBe(`{"m":0,"q\\"":{},${text.slice(1)}`);
    expect(edit('{ }', () => inserts)).toBe('{"m":0,"q\\"":{} }');
  });

  it('removes a member with its comma, at the front, in the middle, at the end, and all', () => {
    const without = (...keys: string[]): string =>
      edit(text, (member) => keys.map((key) => ({ kind: 'remove', member: member(key) })));
    expect(without('a')).toBe('{ "b":"x", "c" :[ ] }');
    expect(without('b')).toBe('{ "a" : 1 ,\n  "c" :[ ] }');
    expect(without('c')).toBe('{ "a" : 1 ,\n  "b":"x" }');
    expect(without('b', 'c')).toBe('{ "a" : 1 }');
    expect(without('a', 'c')).toBe('{ "b":"x" }');
    expect(without('a', 'b', 'c')).toBe('{  }');
  });

  it('renames a key and leaves its value', () => {
    expect(edit(text, (member) => [{ kind: 'rename', member: member('c'), key: 'long name' }])).toBe(
      '{ "a" : 1 ,\n  "b":"x", "long name" :[ ] }',
    );
  });

  it('refuses to make a key stand twice', () => {
    expect(() => edit(text, () => [{ kind: 'insert', key: 'a', value: '2' }])).toThrow('would stand twice');
    expect(() => edit(text, (member) => [{ kind: 'rename', member: member('b'), key: 'a' }])).toThrow(
      'would stand twice',
    );
  });

  it('refuses edits that overlap', () => {
    const twice = (member: (key: string) => Member): Edit[] => [
      { kind: 'replace', member: member('a'), value: '2' },
      { kind: 'replace', member: member('a'), value: '3' },
    ];
    expect(() => edit(text, twice)).toThrow('overlap');
  });

  it('parses to the edited object and keeps the bytes of each untouched member, for any edits of any body [A38]', () => {
    const fate = fc.constantFrom('keep', 'replace', 'remove', 'rename', 'replace and rename');
    const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 2 });
    const value = fc.jsonValue({ maxDepth: 2 });
    const key = fc
      .string({ unit: 'grapheme', maxLength: 6 })
      .filter((name) => name !== '__proto__' && !name.startsWith('new'));
    const member = fc.record({ key, value, fate, spaces: fc.array(space, { minLength: 4, maxLength: 4 }) });
    const body = fc.uniqueArray(member, { selector: (one) => one.key, maxLength: 6 });
    fc.assert(
      fc.property(body, fc.array(value, { maxLength: 2 }), (plan, inserted) => {
        const parts = plan.map(
          ({ key: name, value: of, spaces: [a, b, c, d] }) =>
            `${a}${JSON.stringify(name)}${b}:${c}${JSON.stringify(of)}${d}`,
        );
        const bytes = Buffer.from(`{${parts.join(',')}}`);
        const members = membersOf(bytes);
        const edits: Edit[] = inserted.map((of, index) => ({
          kind: 'insert',
          key: `newInserted${index}`,
          value: JSON.stringify(of),
        }));
        const expected: [string, unknown][] = inserted.map((of, index) => [`newInserted${index}`, of]);
        for (const [index, { key: name, value: of, fate: what }] of plan.entries()) {
          const found = members[index]!;
          if (what === 'remove') edits.push({ kind: 'remove', member: found });
          if (what.startsWith('replace')) edits.push({ kind: 'replace', member: found, value: '"new"' });
          if (what.endsWith('rename')) edits.push({ kind: 'rename', member: found, key: `new${index}` });
          if (what !== 'remove')
            expected.push([what.endsWith('rename') ? `new${index}` : name, what.startsWith('replace') ? 'new' : of]);
        }
        const result = Buffer.from(splice(bytes, members, edits));
        const after = membersOf(result);
        expect(after.map(({ key: name }) => name)).toEqual(expected.map(([name]) => name));
        for (const [index, [, of]] of expected.entries()) {
          const { start, end } = after[index]!;
          expect(JSON.parse(result.toString('utf8', start, end))).toEqual(JSON.parse(JSON.stringify(of)));
        }
        for (const [index, { key: name, fate: what }] of plan.entries()) {
          if (what !== 'keep') continue;
          const before = members[index]!;
          const kept = after.find((one) => one.key === name)!;
          expect(result.subarray(kept.keyStart, kept.end)).toEqual(bytes.subarray(before.keyStart, before.end));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
