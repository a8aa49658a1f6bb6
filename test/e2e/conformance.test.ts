// A thin part of the conformance suite, its list of skips, and whether its judges notice what a gateway could do wrong. All of it: conformance.ci.test.ts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientWires, wires } from '../../src/wire/index.ts';
import { ConformanceRig } from '../rigs/conformance/ConformanceRig.ts';
import { cells, clients, skipsOf, vendors } from '../rigs/conformance/matrix.ts';
import { playCells } from '../rigs/conformance/playCells.ts';
import { runCell } from '../rigs/conformance/runCell.ts';
import { scenarios } from '../rigs/conformance/scenarios.ts';
import { skippedCells, skips } from '../rigs/conformance/skips.ts';
import type { Ask, Piece, Said, Turn } from '../rigs/conformance/Words.ts';

const thin = ['tools: parallel calls', 'error 429', 'failure in a stream, after content'];

playCells(cells.filter(({ scenario }) => thin.includes(scenario.name)));

describe('the suite', () => {
  it('speaks every wire that clients or targets speak', () => {
    expect(clients.map(({ name }) => name).toSorted()).toEqual([...clientWires.keys()].toSorted());
    expect(vendors.map(({ name }) => name).toSorted()).toEqual([...wires.keys()].toSorted());
  });
});

describe('the list of skips', () => {
  it('says of each why, and where its vendor says so', () => {
    for (const { reason, source } of skips) {
      expect(reason).toMatch(/\w+\W+\w+\W+\w+/);
      expect(source).toMatch(/^https:\/\/[a-z.]+\/\S+$/);
    }
  });

  it('names what there is, and nothing twice', () => {
    const names = scenarios.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(skips.filter(({ scenario }) => !names.includes(scenario))).toEqual([]);
    expect(cells.filter((cell) => skipsOf(cell).length > 1)).toEqual([]);
  });

  it('does not grow unnoticed', () => {
    const kinds = cells.flatMap((cell) => skipsOf(cell).map(({ instead }) => instead.kind));
    const counts = Map.groupBy(kinds, (kind) => kind).entries();
    expect(Object.fromEntries([...counts].map(([kind, all]) => [kind, all.length]))).toEqual(skippedCells);
  });
});

const answerNamed = (name: string) => {
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario?.kind !== 'answer') throw new Error(`no scenario ${name}`);
  return scenario;
};

/** Results under the ids of one another. */
const withOtherIds = (pieces: readonly Piece[]): readonly Piece[] => {
  const ids = pieces.flatMap((piece) => (piece.kind === 'result' ? [piece.id] : [])).toReversed();
  return pieces.map((piece) => (piece.kind === 'result' ? { ...piece, id: ids.shift() ?? piece.id } : piece));
};

const withoutImages = ({ by, pieces }: Turn): Turn => ({ by, pieces: pieces.filter(({ kind }) => kind !== 'image') });

describe('the judges', () => {
  let rig: ConformanceRig;
  beforeAll(async () => {
    rig = await ConformanceRig.open();
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  /** What would reach a client of a gateway that does this to an answer. */
  const damages: readonly (readonly [
    what: string,
    scenario: string,
    damage: (said: Said) => Said,
    complaint: RegExp,
  ])[] = [
    [
      'loses an argument',
      'tools: one call',
      (said) => ({ ...said, calls: [{ name: 'get_weather', input: {} }] }),
      /^calls/m,
    ],
    [
      'makes one of two calls',
      'tools: parallel calls',
      ({ calls = [], ...said }) => ({ ...said, calls: calls.slice(1) }),
      /^calls/m,
    ],
    [
      'gives two calls each other’s arguments',
      'tools: parallel calls',
      ({ calls = [], ...said }) => ({ ...said, calls: calls.toReversed() }),
      /^calls/m,
    ],
    ['takes a cut answer for a whole one', 'ends: length', (said) => ({ ...said, ending: 'stop' }), /^ending/m],
    [
      'takes a filtered answer for a cut one',
      'ends: content-filter',
      (said) => ({ ...said, ending: 'length' }),
      /^ending/m,
    ],
    [
      'bills what was cached in full',
      'usage: cache read',
      (said) => ({ ...said, counts: { ...said.counts, input: 2_012, cacheRead: 0 } }),
      /^told[^]*^booked/m,
    ],
    [
      'counts nothing',
      'text',
      (said) => ({ ...said, counts: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 } }),
      /^told[^]*^booked/m,
    ],
    ['loses a piece', 'text', (said) => ({ ...said, text: (said.text ?? []).slice(1) }), /^text/m],
    ['loses what was thought', 'thinking', (said) => ({ ...said, thinking: '' }), /^thinking/m],
  ];

  describe.each(clients)('of what a client of $name gets', (client) => {
    it.each(damages)('notice a gateway that %s', async (_what, scenario, damage, complaint) => {
      for (const stream of [false, true]) {
        const cell = {
          client,
          vendor: vendors.find(({ name }) => name === 'anthropic')!,
          stream,
          scenario: answerNamed(scenario),
        };
        expect((await runCell(rig, cell, { said: damage })).join('\n')).toMatch(complaint);
      }
    });
  });

  /** What would reach a vendor of a gateway that does this to a question. */
  const changes: readonly (readonly [what: string, scenario: string, change: (ask: Ask) => Ask, complaint: RegExp])[] =
    [
      [
        'gives two results to each other’s calls',
        'tools: results',
        (ask) => ({
          ...ask,
          turns: ask.turns.map(({ by, pieces }) => ({ by, pieces: by === 'user' ? withOtherIds(pieces) : pieces })),
        }),
        /^asked said/m,
      ],
      ['loses a turn', 'system and turns', (ask) => ({ ...ask, turns: ask.turns.slice(2) }), /^asked said/m],
      ['loses the system’s words', 'system and turns', (ask) => ({ ...ask, system: 'Hm.' }), /^asked system/m],
      ['loses an image', 'image', (ask) => ({ ...ask, turns: ask.turns.map(withoutImages) }), /^asked said/m],
      ['loses a tool', 'tools: one call', (ask) => ({ ...ask, tools: ask.tools!.slice(0, 1) }), /^asked tools/m],
      [
        'lets a tool be called or not',
        'tool choice: required',
        (ask) => ({ ...ask, choice: 'auto' }),
        /^asked choice/m,
      ],
      ['forgets the form', 'structured output', ({ turns, boundTokens }) => ({ turns, boundTokens }), /^asked schema/m],
      ['lets nobody think', 'thinking', (ask) => ({ ...ask, thinks: false }), /^asked thinks/m],
      ['sets another bound', 'text', (ask) => ({ ...ask, boundTokens: 100 }), /^asked boundTokens/m],
    ];

  describe.each(vendors)('of what a vendor of $name is sent', (vendor) => {
    it.each(changes)('notice a gateway that %s', async (_what, scenario, change, complaint) => {
      const cell = { client: clients[0]!, vendor, stream: false, scenario: answerNamed(scenario) };
      expect((await runCell(rig, cell, { ask: change })).join('\n')).toMatch(complaint);
    });
  });
});
