import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Seal } from '../../vocabulary/index.ts';
import type { SealPlace } from './Codec.ts';
import { handedBeginning, handedSeal, isHandedSeal, readHandedSeal } from './handedSeal.ts';
import { opensAt, sealMark } from './sealMark.ts';

/** Any UTF-16 whatever, halves of letters too. */
const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
const wires = fc.oneof(fc.constantFrom('anthropic', 'gemini', 'responses', 'openai', 'bedrock', 'xai-v1'), fc.string());
const seals: fc.Arbitrary<Seal> = fc.record(
  { wire: wires, value: anyText, id: fc.string() },
  { requiredKeys: ['wire', 'value'] },
);
const places: fc.Arbitrary<SealPlace> = fc.record({ boundary: fc.string(), model: fc.string() });

const here: SealPlace = { boundary: 'google/main/eu', model: 'gemini-3-pro' };
const signature: Seal = { wire: 'gemini', value: 'EpwICpkIAXLI2nxl+/=' };

describe('a seal in the hands of a client', () => {
  it('comes back as it was, whatever it is, and opens where it was made', () => {
    fc.assert(
      fc.property(seals, places, (seal, place) => {
        const kept = handedSeal(seal, place);
        expect(isHandedSeal(kept)).toBe(true);
        const back = readHandedSeal(kept);
        expect(back).toEqual({ ...seal, mark: sealMark(seal, place) });
        expect(back !== null && opensAt(back, place)).toBe(true);
      }),
    );
  });

  it('is read in the form that was handed out before, and then known by its wire alone', () => {
    const back = readHandedSeal('archipel:gemini:a:b+/=');
    expect(back).toEqual({ wire: 'gemini', value: 'a:b+/=' });
    expect(back !== null && opensAt(back, here)).toBe(true);
  });

  it('opens nowhere once anything of its value, its id or its wire was changed', () => {
    fc.assert(
      fc.property(seals, seals, places, (seal, other, place) => {
        const forged = { ...other, mark: sealMark(seal, place) };
        const isSame = other.wire === seal.wire && other.value === seal.value && (other.id ?? '') === (seal.id ?? '');
        expect(opensAt(forged, place)).toBe(isSame);
      }),
    );
  });

  it('never throws when it is damaged, and what was changed in it is no seal of anybody', () => {
    const kept = handedSeal({ ...signature, id: 'rs_%1' }, here);
    fc.assert(
      fc.property(fc.nat(), fc.nat(8), fc.oneof(anyText, fc.constantFrom('%', '@', ':', '.')), (at, cut, put) => {
        const start = handedBeginning.length + (at % (kept.length - handedBeginning.length));
        const damaged = kept.slice(0, start) + put + kept.slice(start + cut);
        const back = readHandedSeal(damaged);
        const opens = back?.mark !== undefined && opensAt(back, here);
        expect(opens).toBe(damaged === kept);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a seal means something', () => {
  const claude = 'claude-sonnet-4-5';
  const other = { boundary: 'other/main/-', model: 'other' };
  const opens = (wire: string, from: SealPlace, to: SealPlace): boolean => {
    const seal = { wire, value: 'x' };
    return opensAt({ ...seal, mark: sealMark(seal, from) }, to);
  };

  it.each([
    ['gemini', false, false],
    // Agents change models under their reasoning, within an account.
    ['responses', false, true],
    ['openai', false, false],
    ['bedrock', false, false],
  ])('of the wire %s in another account: %s, to another model: %s', (wire, inAccount, toModel) => {
    expect(opens(wire, here, here)).toBe(true);
    expect(opens(wire, here, { ...here, boundary: 'google/other/eu' })).toBe(inAccount);
    expect(opens(wire, here, { ...here, model: 'gemini-3-flash' })).toBe(toModel);
    expect(opens(wire, here, other)).toBe(false);
  });

  it.each([
    'claude-opus-5',
    'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'claude-haiku-4-5@20251001',
    'anthropic/claude-3.7',
  ])('of Claude to every other Claude, wherever it is served: %s', (model) => {
    expect(opens('anthropic', { boundary: 'anthropic/a/-', model: claude }, { boundary: 'aws/b/eu', model })).toBe(
      true,
    );
  });

  it('of who else speaks the words of Claude to themselves alone', () => {
    const kimi = { boundary: 'moonshot/a/-', model: 'kimi-k3' };
    expect(opens('anthropic', kimi, kimi)).toBe(true);
    expect(opens('anthropic', kimi, { boundary: 'anthropic/a/-', model: claude })).toBe(false);
    expect(opens('anthropic', { boundary: 'anthropic/a/-', model: claude }, kimi)).toBe(false);
  });
});
