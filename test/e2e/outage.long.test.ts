import { afterEach, describe, expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { outages } from '../rigs/outage.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { openRivals } from '../rigs/rivals.ts';
import { runStorms } from '../rigs/runStorms.ts';
import { startServer } from '../rigs/startServer.ts';

const seed = seedOf('outage.long');
const requests = Number(process.env['ARCHIPEL_REQUESTS'] ?? 2_000);
const concurrency = 50;

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

describe.each(['aurora', 'cascade'])('a vendor that is out (%s)', (vendor) => {
  test('is never seen by a client, at full size, and the ledger equals the bills', async () => {
    const rivals = await openRivals({ seed });
    ends.push(() => rivals.close());
    const server = await startServer({ configuration: rivals.configuration(), env: rivals.env });
    ends.push(() => removeServer(server));
    const figures = await runStorms({ server, rivals, vendor, requests, concurrency, seed });
    keepResult('outage', seed, { ...figures });
    expect(figures.cells).toHaveLength(outages.length);
  });
});
