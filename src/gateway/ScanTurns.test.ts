import { describe, expect, it } from 'vitest';
import { defaultWire } from '../wire/index.ts';
import { scannedInTurnBytes, ScanTurns } from './ScanTurns.ts';

const scanOf = (pieces: number) =>
  defaultWire.scanRequest(Buffer.from(`{"a":"${'x'.repeat(pieces * scannedInTurnBytes)}"}`));

/** Numbers the turns of the event loop. */
const countTurns = () => {
  const turns = { now: 0, stop: () => {} };
  let goesOn = true;
  const next = (): void => {
    turns.now += 1;
    if (goesOn) setImmediate(next);
  };
  setImmediate(next);
  turns.stop = () => {
    goesOn = false;
  };
  return turns;
};

describe('ScanTurns', () => {
  it('takes one step in a turn, whoever waits, and lets nobody wait for the others’ ends', async () => {
    const turns = countTurns();
    const scans = new ScanTurns();
    const taken: (readonly [name: string, turn: number])[] = [];
    const watched = (name: string, pieces: number) => {
      const scan = scanOf(pieces);
      const advance = scan.advance.bind(scan);
      scan.advance = (bytes) => {
        taken.push([name, turns.now]);
        return advance(bytes);
      };
      return scans.finish(scan).then(() => name);
    };
    const ends: string[] = [];
    await Promise.all([watched('long', 4), watched('short', 1)].map((end) => end.then((name) => ends.push(name))));
    turns.stop();
    expect(taken.map(([name]) => name)).toEqual(['long', 'short', 'long', 'short', 'long', 'long', 'long']);
    expect(new Set(taken.map(([, turn]) => turn)).size).toBe(taken.length);
    expect(ends).toEqual(['short', 'long']);
  });
});
