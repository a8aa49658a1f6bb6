import { afterEach, expect, test } from 'vitest';
import { sandboxCatalogue, sandboxCredential } from '../../../src/sandbox/index.ts';
import { load } from '../load.ts';
import { openRivals } from '../rivals.ts';

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Vendors of a wire that these clients speak; what the others count is told by their own tests. */
const spoken = sandboxCatalogue.vendors.flatMap(({ name, wire }) => (wire === 'bedrock' ? [] : [{ name, wire }]));

test.each(spoken)('a vendor of the sandbox ($name) bills the tokens that are counted here', async ({ name, wire }) => {
  const rivals = await openRivals({ seed: 7, latencyMs: 0 });
  ends.push(() => rivals.close());
  const outcomes = await load({
    url: rivals.vendor(name).url,
    wire,
    key: sandboxCredential,
    model: 'chat-small',
    requests: 200,
    concurrency: 10,
    seed: 7,
    name: 'straight to the vendor',
    sdkShare: 0.2,
  });
  expect(outcomes.filter(({ fault }) => fault !== null)).toEqual([]);
  expect(outcomes.filter(({ usage, tokens }) => usage !== null && usage.output !== tokens)).toEqual([]);
  const counted = outcomes.reduce((sum, { tokens }) => sum + (tokens ?? 0), 0);
  expect((await rivals.read(name)).tokens.output).toBe(counted);
});
