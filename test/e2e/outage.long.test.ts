import { describe, expect, test } from 'vitest';
import { sandboxCatalogue } from '../../src/sandbox/index.ts';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { outages } from '../rigs/outage.ts';
import { runBreaks } from '../rigs/runBreaks.ts';
import { runControl } from '../rigs/runControl.ts';
import { runMatrix } from '../rigs/runMatrix.ts';

const seed = seedOf('outage.long');
const requests = Number(process.env['ARCHIPEL_REQUESTS'] ?? 2_000);
const concurrency = 50;

const onOpen = endAfterEach();

describe.each(sandboxCatalogue.vendors)('a vendor that is out ($name)', ({ name: vendor }) => {
  test('is never seen by a client, at full size, and the ledger equals the bills', async () => {
    const figures = await runMatrix({ vendor, requests, concurrency, seed, onOpen });
    keepResult('outage', seed, { ...figures });
    expect(figures.cells).toHaveLength(outages.length * 4);
    // At this size the first moments of an outage no longer weigh: what is left is a tenth at most.
    expect(figures.extraCalls / figures.requests).toBeLessThanOrEqual(0.1);
  });
});

test('streams that break after their first content end in an error, at full size', async () => {
  const cells = await runBreaks({ requests: requests / 5, seed, onOpen });
  keepResult('breaks', seed, { cells });
  expect(cells.filter(({ told }) => told === 0)).toEqual([]);
});

test('without a second attempt each fault is seen', async () => {
  const cells = await runControl({ requests: 20, seed, onOpen });
  keepResult('outage control', seed, { cells });
  expect(cells.filter(({ errors }) => errors > 0)).toHaveLength(
    (outages.length - 1) * sandboxCatalogue.vendors.length * 4,
  );
});
