import { describe, expect, it } from 'vitest';
import { NextTurns } from './NextTurns.ts';

describe('NextTurns', () => {
  it('learns by class how often a conversation goes on, from a tenth at first', () => {
    const turns = new NextTurns();
    expect(turns.shareOf('chat')).toBe(0.1);
    for (let turn = 0; turn < 1_000; turn += 1) {
      turns.observe('chat', turn % 4 !== 0);
      turns.observe('batch', false);
    }
    expect(turns.shareOf('chat')).toBeCloseTo(0.75, 1);
    expect(turns.shareOf('batch')).toBeLessThan(0.01);
    expect(turns.shareOf('else')).toBe(0.1);
  });

  it('forgets what was long ago', () => {
    const turns = new NextTurns<number>();
    for (let turn = 0; turn < 10_000; turn += 1) turns.observe(1, turn < 5_000);
    expect(turns.shareOf(1)).toBeLessThan(0.02);
  });
});
