import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatFault } from '../../config/index.ts';
import type { DemandScenario } from './DemandScenario.ts';
import { readScenarioCsv, scenarioCsvFaultsMax, scenarioCsvScenariosMax } from './readScenarioCsv.ts';

const classes = ['chat', 'train'];
const months = ['2027-01', '2027-02'];
const paths = ['as today', 'falling'];

const read = (...lines: string[]): ReturnType<typeof readScenarioCsv> =>
  readScenarioCsv(lines.join('\n'), 'futures.csv', classes, months, paths);

const scenariosOf = (...lines: string[]): readonly DemandScenario[] => {
  const result = read(...lines);
  if (!result.ok) throw new Error(result.fault.map(formatFault).join('\n'));
  return result.value;
};

const faultsOf = (...lines: string[]): readonly string[] => {
  const result = read(...lines);
  return result.ok ? [] : result.fault.map(formatFault);
};

const header = 'scenario,class,month,units';
const complete = (name: string, ...more: string[]): string[] => [
  [name, 'chat', '2027-01', '10', ...more].join(','),
  [name, 'chat', '2027-02', '20', ...more].join(','),
  [name, 'train', '2027-01', '0', ...more].join(','),
  [name, 'train', '2027-02', '1.5e3', ...more].join(','),
];
const demand = [
  [10, 20],
  [0, 1_500],
];

describe('readScenarioCsv', () => {
  test('reads scenarios of equal weight where none is given', () => {
    expect(scenariosOf(header, ...complete('low'), ...complete('high'))).toEqual([
      { weight: 0.5, demand, prices: 0 },
      { weight: 0.5, demand, prices: 0 },
    ]);
  });

  test('reads weights and price paths, columns and rows in any order, months by name or number', () => {
    const scenarios = scenariosOf(
      'weight,units,prices,month,class,scenario',
      '0.25,1,falling,2,chat,a',
      '0.75,5,as today,1,chat,b',
      '0.25,2,falling,2027-01,chat,a',
      '0.25,3,falling,1,train,a',
      '0.25,4,falling,2,train,a',
      '0.75,6,as today,2,chat,b',
      '0.75,7,as today,1,train,b',
      '0.75,8,as today,2,train,b',
    );
    expect(scenarios).toEqual([
      {
        weight: 0.25,
        demand: [
          [2, 1],
          [3, 4],
        ],
        prices: 1,
      },
      {
        weight: 0.75,
        demand: [
          [5, 6],
          [7, 8],
        ],
        prices: 0,
      },
    ]);
  });

  test('reads what spreadsheets write: byte order mark, semicolons, decimal commas, quotes, empty rows, CRLF', () => {
    const text =
      '\uFEFFscenario;class;month;units\r\n"a; ""b""";chat;1;1,5\r\n\r\n"a; ""b""";chat;2;2\r\n"a; ""b""";train;1;"3"\r\n"a; ""b""";train;2;4\r\n';
    const result = readScenarioCsv(text, 'f.csv', classes, months);
    expect(result).toEqual({
      ok: true,
      value: [
        {
          weight: 1,
          demand: [
            [1.5, 2],
            [3, 4],
          ],
          prices: 0,
        },
      ],
    });
    expect(
      scenariosOf('scenario\tclass\tmonth\tunits', ...complete('x').map((row) => row.replaceAll(',', '\t'))),
    ).toHaveLength(1);
  });

  test('lets weights add up to 1 exactly where they nearly do', () => {
    const scenarios = scenariosOf(`${header},weight`, ...['a', 'b', 'c'].flatMap((name) => complete(name, '0.3333')));
    expect(scenarios.map(({ weight }) => weight)).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });

  test.each([
    ['an empty file', [''], 'futures.csv:1:1: tells no scenario'],
    ['a header alone', [header], 'futures.csv:1:1: tells no scenario'],
    ['a column that is missing', ['scenario,class,month', 'a,chat,1'], 'futures.csv:1:1: the column units is missing'],
    [
      'a column that nobody knows',
      [`${header},wieght`, ...complete('a', '1')],
      'futures.csv:1:28: is no column of scenarios, did you mean "weight"?',
    ],
    ['a column twice', [`${header},units`], 'futures.csv:1:28: the column units is there twice'],
    [
      'a class that nobody knows',
      [header, ...complete('a'), 'a,caht,1,5'],
      'futures.csv:6:3: is no class of the portfolio, did you mean "chat"?',
    ],
    [
      'a month outside the horizon',
      [header, ...complete('a'), 'a,chat,3,5'],
      'futures.csv:6:8: is no month of the horizon',
    ],
    [
      'a price path that nobody knows',
      [`${header},prices`, ...complete('a', 'faling')],
      'futures.csv:2:19: is no price path, did you mean "falling"?',
    ],
    ['a negative amount', [header, ...complete('a'), 'b,chat,1,-5'], 'futures.csv:6:10: is below 0, write 0 or more'],
    ['a thousands separator', [header, ...complete('a'), 'b,chat,1,"1,250.5"'], 'futures.csv:6:10: is not a number'],
    ['an amount without end', [header, ...complete('a'), 'b,chat,1,1e999'], 'futures.csv:6:10: is not a number'],
    ['an empty amount', [header, ...complete('a'), 'b,chat,1,'], 'futures.csv:6:10: is not a number'],
    ['a scenario without a name', [header, ',chat,1,5'], 'futures.csv:2:1: the scenario has no name'],
    ['a row too short', [header, ...complete('a'), 'a,chat,1'], 'futures.csv:6:1: has 3 cells instead of 4'],
    [
      'a figure told twice',
      [header, ...complete('a'), 'a,chat,1,5'],
      'futures.csv:6:1: this scenario, class and month was told before',
    ],
    [
      'figures left out',
      [header, ...complete('a').slice(1)],
      'futures.csv:2:1: the scenario named here lacks 1 of 4 figures, write a row for each class and month, 0 where there is none; the first missing is "chat" in 2027-01',
    ],
    [
      'weights that are not 1 together',
      [`${header},weight`, ...complete('a', '0.7'), ...complete('b', '0.5')],
      'futures.csv:2:1: the weights of all scenarios add up to 1.2',
    ],
    [
      'weights that differ within a scenario',
      [`${header},weight`, ...complete('a', '1').slice(1), 'a,chat,1,5,0.9'],
      'futures.csv:5:12: is not what an earlier row of this scenario says',
    ],
    ['a weight of nothing', [`${header},weight`, 'a,chat,1,5,0'], 'futures.csv:2:12: a weight of 0 counts for nothing'],
    [
      'prices that differ within a scenario',
      [`${header},prices`, ...complete('a', 'falling').slice(1), 'a,chat,1,5,as today'],
      'futures.csv:5:12: is not what an earlier row of this scenario says',
    ],
    ['a quote never closed', [header, 'a,chat,1,"5', ''], 'futures.csv:2:10: a quote is never closed'],
    ['text after a quote', [header, '"a"b,chat,1,5'], 'futures.csv:2:1: something follows a closed quote'],
  ])('says where and how to mend %s', (_, lines, told) => {
    expect(faultsOf(...lines)[0]).toContain(told);
  });

  test('counts lines within quotes, too', () => {
    expect(faultsOf(header, '"a\nb",chat,1,5', '"a\nb",chat,2,-5')).toEqual([
      'futures.csv:5:11: is below 0, write 0 or more',
    ]);
  });

  test('tells many faults at once, and not without end', () => {
    expect(faultsOf(header, 'a,x,1,5', 'a,chat,1,y')).toHaveLength(2);
    expect(faultsOf(header, ...Array.from({ length: 200 }, () => 'a,x,y,z'))).toHaveLength(scenarioCsvFaultsMax);
  });

  test('refuses more scenarios than anybody plans on', () => {
    const rows = Array.from({ length: scenarioCsvScenariosMax + 1 }, (_, index) => `s${index},chat,1,5`);
    expect(faultsOf(header, ...rows)[0]).toContain(`there are more than ${scenarioCsvScenariosMax} scenarios`);
  });

  test('never shows a value of the file', () => {
    expect(faultsOf(header, 'a,secret-of-mine,1,hunter2').join()).not.toMatch(/secret|hunter2/);
  });

  test('reads back what was written, whatever it is called', () => {
    const name = fc
      .string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('a', 'é', ',', ';', '"', '\n', '-') })
      .filter((text) => text.trim() === text);
    const scenario = fc.record({
      weight: fc.double({ min: 0.1, max: 1, noNaN: true }),
      prices: fc.nat({ max: 1 }),
      demand: fc.array(fc.array(fc.double({ min: 0, max: 1e15, noNaN: true }), { minLength: 2, maxLength: 2 }), {
        minLength: 2,
        maxLength: 2,
      }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, scenario), { minLength: 1, maxLength: 5, selector: ([called]) => called }),
        (made) => {
          const sum = made.reduce((total, [, { weight }]) => total + weight, 0);
          const rows = made.flatMap(([called, { weight, prices, demand: units }]) =>
            classes.flatMap((item, k) =>
              months.map(
                (month, m) =>
                  `"${called.replaceAll('"', '""')}",${weight / sum},${item},${month},${units[k]![m]!},${paths[prices]}`,
              ),
            ),
          );
          const found = scenariosOf('scenario,weight,class,month,units,prices', ...rows);
          expect(found.map(({ demand: units }) => units.map((path) => path.map((value) => value + 0)))).toEqual(
            made.map(([, { demand: units }]) => units.map((path) => path.map((value) => value + 0))),
          );
          expect(found.map(({ prices }) => prices)).toEqual(made.map(([, { prices }]) => prices));
          expect(found.reduce((total, { weight }) => total + weight, 0)).toBeCloseTo(1, 12);
        },
      ),
    );
  });

  test('takes any text for a file: scenarios that fit, or faults that stand within it', () => {
    const piece = fc.constantFrom(
      'scenario',
      'class',
      'month',
      'units',
      'weight',
      'prices',
      'chat',
      'train',
      'a',
      '1',
      '2',
      '-1',
      '0.5',
      ',',
      ',',
      ',',
      ';',
      '\n',
      '\n',
      '\r\n',
      '"',
      '\t',
      '\uFEFF',
      'é',
      ' ',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(piece, { maxLength: 80 }).map((pieces) => pieces.join('')),
      fc.array(piece, { maxLength: 40 }).map((pieces) => `${header}\n${complete('a').join('\n')}\n${pieces.join('')}`),
      fc.tuple(fc.nat({ max: 120 }), piece).map(([at, put]) => {
        const whole = [header, ...complete('a')].join('\n');
        return whole.slice(0, at) + put + whole.slice(at);
      }),
    );
    fc.assert(
      fc.property(text, (written) => {
        const result = readScenarioCsv(written, 'f.csv', classes, months, paths);
        const lines = written.split(/\r\n|\n|\r/);
        if (result.ok) {
          for (const { demand: units } of result.value) expect(units.flat().every((value) => value >= 0)).toBe(true);
          expect(result.value.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
        } else {
          expect(result.fault.length).toBeGreaterThan(0);
          for (const { line, column } of result.fault) {
            expect(line).toBeLessThanOrEqual(lines.length);
            expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
