import { afterEach, describe, expect, it } from 'vitest';
import { answer, hang, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer } from '../../test/rigs/vendorAnswers.ts';
import { TestGateway } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

/** Two vendors of dear tokens, of which one may have so much of the spend. */
const openTwo = async (cap: number) => {
  const a = await ScriptedUpstream.open(answer(200, chatAnswer('from a')));
  const b = await ScriptedUpstream.open(answer(200, chatAnswer('from b')));
  const gateway = new TestGateway({
    targets: [
      { provider: 'a', upstream: a, inputPerMTok: '1000' },
      { provider: 'b', upstream: b, inputPerMTok: '1200' },
    ],
    caps: { vendor: cap },
  });
  opened.push(a, b, gateway);
  return { a, b, gateway };
};

const body = { messages: [{ role: 'user', content: 'word '.repeat(200) }], max_tokens: 16 };

/** What is counted of a vendor beyond its spend. US dollars. */
const underWayUsd = ({ shares, clock }: TestGateway, vendor: string): number =>
  shares.viewAhead(clock.nowMs(), 0).usdOf('vendor', vendor) - shares.view(clock.nowMs(), 0).usdOf('vendor', vendor);

describe('a cap on a vendor', () => {
  it('holds for requests that begin together, of which none has cost anything yet', async () => {
    const { gateway } = await openTwo(0.6);
    await Promise.all(Array.from({ length: 60 }, () => gateway.ask({ body })));
    const expectedUsd = new Map<string | null, number>();
    for (const { decisions } of gateway.journal.requests) {
      const [decision] = decisions;
      expect(decision?.forced).toBeUndefined();
      const chosen = decision?.chosen ?? null;
      const usd = decision?.candidates.find(({ target }) => target === chosen)?.expectedUsd ?? 0;
      expectedUsd.set(chosen, (expectedUsd.get(chosen) ?? 0) + usd);
    }
    const [ofA, ofB] = [expectedUsd.get('a/vendor-model') ?? 0, expectedUsd.get('b/vendor-model') ?? 0];
    expect(ofA + ofB).toBeGreaterThan(10);
    expect(ofA / (ofA + ofB)).toBeGreaterThan(0.5);
    expect(ofA / (ofA + ofB)).toBeLessThanOrEqual(0.6);
  });

  it('counts a call until its record is counted, however it ends', async () => {
    const { a, b, gateway } = await openTwo(1);
    a.next(hang);
    const { reply, done } = gateway.start({ body, stream: true });
    await a.call(1);
    expect(underWayUsd(gateway, 'a')).toBeGreaterThan(0.1);
    reply.leave();
    await done;
    expect(underWayUsd(gateway, 'a')).toBe(0);
    a.next(answer(500, '{}'));
    expect((await gateway.ask({ body })).status).toBe(200);
    expect(b.calls).toHaveLength(1);
    for (const type of ['intent', 'final'] as const) {
      gateway.journal.refused.add(type);
      expect((await gateway.ask({ body })).status).toBe(503);
      gateway.journal.refused.clear();
    }
    expect([underWayUsd(gateway, 'a'), underWayUsd(gateway, 'b')]).toEqual([0, 0]);
  });
});
