import { expect, test, vi } from 'vitest';
import { nanoUsd } from '../../kernel/index.ts';
import { Shares } from '../../ledger/index.ts';
import { PriceBook } from '../../market/index.ts';
import { buildSnapshot } from '../buildSnapshot.ts';
import { priceOf, testConfiguration, testFile } from '../testConfiguration.fixture.ts';
import { ReplayPaces } from './ReplayPaces.ts';

const dayMs = 86_400_000;
const midAprilMs = Date.parse('2026-04-16T00:00Z');

const pool = {
  id: 'pool',
  vendor: 'aurora',
  covers: [{ provider: 'aurora' }],
  kind: 'pool',
  usd: '1200',
  period: ['2026-01-01', '2027-01-01'],
  fulfil: 'monthly',
};

const open = () => {
  const deployments = ['aurora', 'borealis'].map((name) => ({
    provider: name,
    model: 'large',
    price: priceOf('1', '2'),
  }));
  const providers = Object.fromEntries(
    ['aurora', 'borealis'].map((vendor) => [
      vendor,
      {
        wire: 'openai',
        vendor,
        baseUrl: `https://${vendor}.example/v1`,
        credentials: { apiKey: '${env:A_KEY}' },
        host: 'north',
      },
    ]),
  );
  const file = testFile({ providers, models: { chat: { deployments } }, contracts: [pool] });
  const { configuration, secrets } = testConfiguration(file);
  const none = { keys: new Map(), areKeysKnown: true, sandbox: false, served: [] };
  const snapshot = buildSnapshot({ configuration, secrets, book: new PriceBook([]), nowMs: midAprilMs, ...none });
  const asked: number[] = [];
  const shares = new Shares({ window: 'month', timeZone: 'UTC' });
  const paces = new ReplayPaces({
    shares,
    inForce: () => ({ configuration, snapshot }),
    poolSpent: (_contracts, _pool, nowMs) => {
      asked.push(nowMs);
      const [drawnNanoUsd, nothing] = [nanoUsd(20_000_000_000n), nanoUsd(0n)];
      return Promise.resolve({ drawnNanoUsd, feesNanoUsd: nothing, wholeFeesNanoUsd: nothing, earlierNanoUsd: [] });
    },
  });
  return { paces, asked, shares };
};

test('what the ledger has of an interval that begins meanwhile is never read: nothing is drawn of it', async () => {
  const { paces, asked } = open();
  await paces.begin(midAprilMs);
  expect(asked).toEqual([midAprilMs]);
  const before = paces.pacing;
  paces.moveTo(midAprilMs + 16 * dayMs);
  await paces.settle();
  expect(asked).toEqual([midAprilMs]);
  expect(paces.pacing).not.toBe(before);
});

test('months in which nobody asked take no more steps than a working day', async () => {
  const { paces, shares } = open();
  await paces.begin(midAprilMs);
  const looks = vi.spyOn(shares, 'view');
  paces.moveTo(midAprilMs + 90 * dayMs);
  await paces.settle();
  expect(looks.mock.calls.length).toBeGreaterThan(400);
  expect(looks.mock.calls.length).toBeLessThan(1_500);
});
