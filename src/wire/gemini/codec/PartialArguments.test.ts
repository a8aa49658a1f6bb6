import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PartialArguments } from './PartialArguments.ts';

const text = (jsonPath: string, stringValue: string, willContinue?: boolean) => ({
  jsonPath,
  stringValue,
  ...(willContinue === undefined ? {} : { willContinue }),
});

const put = (...pieces: Record<string, unknown>[]): string => {
  const args = new PartialArguments({});
  for (const piece of pieces) expect(args.take(piece)).toBe(true);
  return args.text;
};

describe('PartialArguments', () => {
  it('lets a text grow while it is said to go on, and no longer', () => {
    expect(put(text('$.a', 'Bos', true), text('$.a', 'ton', true), text('$.a', ''))).toBe('{"a":"Boston"}');
    expect(put(text('$.a', 'old'), text('$.a', 'new'))).toBe('{"a":"new"}');
    expect(put(text('$.a', 'x', true), text('$.b', 'y'))).toBe('{"a":"x","b":"y"}');
  });

  it('places values of every kind in objects and lists', () => {
    expect(
      put(
        text('$.list[0].name', 'a'),
        { jsonPath: '$.list[0].price', numberValue: 0.5 },
        { jsonPath: '$.list[1].on', boolValue: false },
        { jsonPath: "$['odd name'].x", nullValue: 'NULL_VALUE' },
        text('$["a\\"b"]', 'q'),
      ),
    ).toBe('{"list":[{"name":"a","price":0.5},{"on":false}],"odd name":{"x":null},"a\\"b":"q"}');
  });

  it.each([
    ['$.list[7]'],
    ['$.a[999999999].b'],
    ['$[0]'],
    ['$'],
    ['a.b'],
    [''],
    ['$..a'],
    ['$.a[*]'],
    ['$.a[0'],
    [`$${'.a'.repeat(65)}`],
    [7],
  ])('has no place for %j', (jsonPath) => {
    expect(new PartialArguments({}).take({ jsonPath, stringValue: 'x' })).toBe(false);
  });

  it('takes names that every object inherits for names', () => {
    expect(put(text('$.__proto__.polluted', 'x'), text('$.constructor', 'y'))).toBe(
      '{"__proto__":{"polluted":"x"},"constructor":"y"}',
    );
    const begun = new PartialArguments({ a: {} });
    expect(begun.take(text('$.a.__proto__.polluted', 'x'))).toBe(true);
    expect(begun.take(text('$.a.constructor.polluted', 'x'))).toBe(true);
    expect(begun.text).toBe('{"a":{"__proto__":{"polluted":"x"},"constructor":{"polluted":"x"}}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes nothing where another kind of value stands', () => {
    const args = new PartialArguments({ a: 'x', l: [1] });
    expect(args.take(text('$.a.b', 'y'))).toBe(false);
    expect(args.take(text('$.l.b', 'y'))).toBe(false);
    expect(args.text).toBe('{"a":"x","l":[1]}');
  });

  it('never throws, and always has an object', () => {
    const path = fc.string({
      unit: fc.constantFrom('$', '.', 'a', '[', ']', '0', "'", '"', '\\', '__proto__'),
      maxLength: 9,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(path, fc.string(), fc.boolean())), (pieces) => {
        const args = new PartialArguments({});
        for (const [jsonPath, value, goesOn] of pieces) args.take(text(`$${jsonPath}`, value, goesOn));
        expect(typeof JSON.parse(args.text)).toBe('object');
      }),
    );
  });
});
