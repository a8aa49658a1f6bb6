import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isUsage, totalTokens } from '../../vocabulary/index.ts';
import { isJsonObject, listIn, objectIn, type JsonObject } from '../json/JsonObject.ts';
import { fixtureJson } from '../recordings.fixture.ts';
import { encodeUsage } from './codec/encodeUsage.ts';
import { readUsage } from './readUsage.ts';

const modality = (name: string, tokenCount: number) => ({ modality: name, tokenCount });

describe('readUsage', () => {
  it('takes what came from the cache out of the prompt (case 33)', () => {
    const cases = fixtureJson('cases/33-cache-tokens-billed-twice.usages.json');
    const row = listIn(isJsonObject(cases) ? cases : null, 'cases')
      .filter(isJsonObject)
      .find(({ vendor }) => vendor === 'google');
    const buckets = objectIn(row ?? null, 'buckets');
    expect(readUsage(objectIn(row ?? null, 'usage') ?? {})).toEqual({
      input: buckets?.['uncachedInput'],
      cacheRead: buckets?.['cacheRead'],
      output: buckets?.['output'],
      requests: 1,
    });
  });

  it('tells sound and images apart, what of them came from the cache among the cached', () => {
    expect(
      readUsage({
        promptTokenCount: 100,
        cachedContentTokenCount: 40,
        promptTokensDetails: [modality('TEXT', 50), modality('AUDIO', 30), modality('IMAGE', 20)],
        cacheTokensDetails: [modality('TEXT', 20), modality('AUDIO', 20)],
        candidatesTokenCount: 10,
        candidatesTokensDetails: [modality('TEXT', 4), modality('IMAGE', 6)],
        totalTokenCount: 110,
      }),
    ).toEqual({ input: 30, cacheRead: 40, inputAudio: 10, inputImage: 20, output: 4, outputImage: 6, requests: 1 });
  });

  it('adds what tools of the vendor’s fed back to the prompt', () => {
    const usage = readUsage({
      promptTokenCount: 5,
      toolUsePromptTokenCount: 7,
      candidatesTokenCount: 1,
      totalTokenCount: 13,
    });
    expect(usage).toEqual({ input: 12, output: 1, requests: 1 });
  });

  it.each<[JsonObject, unknown]>([
    [{}, null],
    [{ trafficType: 'ON_DEMAND' }, null],
    [{ promptTokenCount: 'many' }, null],
    [
      { promptTokenCount: 15, totalTokenCount: 15 },
      { input: 15, requests: 1 },
    ],
    [
      { promptTokenCount: 15, thoughtsTokenCount: 2, totalTokenCount: 20 },
      { input: 15, output: 3, reasoning: 2, requests: 1 },
    ],
    [
      { promptTokenCount: 3, cachedContentTokenCount: 9, candidatesTokenCount: 1 },
      { cacheRead: 3, output: 1, requests: 1 },
    ],
  ])('reads %j as %j', (usage, buckets) => {
    expect(readUsage(usage)).toEqual(buckets);
  });

  it('never makes more of the parts than of the whole, whatever is said', () => {
    const count = fc.oneof(fc.nat(100), fc.constantFrom(-1, 0.5, null, Number.MAX_SAFE_INTEGER));
    const details = fc.array(fc.record({ modality: fc.constantFrom('TEXT', 'AUDIO', 'IMAGE'), tokenCount: count }));
    const said = fc.record({
      promptTokenCount: fc.nat(100),
      cachedContentTokenCount: count,
      candidatesTokenCount: fc.nat(100),
      promptTokensDetails: details,
      cacheTokensDetails: details,
      candidatesTokensDetails: details,
    });
    fc.assert(
      fc.property(said, (usage) => {
        const read = readUsage(usage) ?? {};
        expect(isUsage(read)).toBe(true);
        expect(totalTokens(read)).toBe(usage.promptTokenCount + usage.candidatesTokenCount);
        expect(readUsage(encodeUsage(read))).toEqual(read);
      }),
    );
  });
});
