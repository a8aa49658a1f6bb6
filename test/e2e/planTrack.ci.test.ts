// A plan from its portfolio to what came of it: made, saved and tracked against the ledger of the sandbox, with the server and without.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeServer } from '../rigs/removeServer.ts';
import { removeFolder, runArchipel, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';

const firstOfMonth = `${new Date().toISOString().slice(0, 7)}-01`;
const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);

const portfolio = `version: 1
horizon: { from: ${firstOfMonth}, periods: 1 }
vendors: { aurora: { host: north }, borealis: { host: south }, cascade: { host: north } }
classes: { chat-large: { demand: { start: 100 } } }
sources:
  - { vendor: aurora, class: chat-large, price: { perMTok: "3.5" } }
  - { vendor: borealis, class: chat-large, price: { perMTok: "4.4" } }
  - { vendor: cascade, class: chat-large, price: { perMTok: "2.8" } }
scenarios: { count: 4 }
`;

let server: Server;
let folder = '';

beforeAll(async () => {
  folder = temporaryFolder();
  server = await startServer();
});
afterAll(async () => {
  await removeServer(server);
  removeFolder(folder);
});

interface Track {
  readonly demand: readonly {
    readonly class: string;
    readonly months: readonly { readonly actual: string | null }[];
  }[];
  readonly spend: readonly { readonly vendor: string; readonly toDate: { readonly actual: string } }[];
}

interface Usage {
  readonly rows: readonly {
    readonly groups: { readonly vendor: string; readonly model: string };
    readonly usage: Readonly<Record<string, number>>;
    readonly amountNanoUsd: string;
  }[];
}

test('what was planned is tracked against what the ledger booked, to the last digit', async () => {
  const paths = { portfolio: join(folder, 'portfolio.yaml'), plan: join(folder, 'plan.json') };
  writeFileSync(paths.portfolio, portfolio);
  const planned = await runArchipel(['plan', '--portfolio', paths.portfolio, '--cpu', '2', '--json']);
  expect([planned.code, planned.stderr]).toEqual([0, '']);
  writeFileSync(paths.plan, planned.stdout);

  for (const content of ['Hello', 'How are you?', 'Goodbye'])
    await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.key}` },
      body: JSON.stringify({ model: 'chat-large', messages: [{ role: 'user', content }] }),
    }).then((answer) => answer.arrayBuffer());

  const options = ['--data-dir', server.dataDir, '--json'];
  const asked = [
    'plan',
    'track',
    '--plan',
    paths.plan,
    '--portfolio',
    paths.portfolio,
    '--as-of',
    tomorrow,
    ...options,
  ];
  const tracked = await runArchipel(asked);
  expect([tracked.code, tracked.stderr]).toEqual([0, '']);
  const track = JSON.parse(tracked.stdout) as Track;
  const usage = JSON.parse((await runArchipel(['usage', '--by', 'vendor,model', ...options])).stdout) as Usage;

  const tokens = usage.rows.reduce(
    (sum, row) =>
      sum + Object.entries(row.usage).reduce((all, [bucket, units]) => all + (bucket === 'requests' ? 0 : units), 0),
    0,
  );
  expect(tokens).toBeGreaterThan(0);
  expect(Number(track.demand[0]?.months[0]?.actual)).toBeCloseTo(tokens / 1e6, 12);
  for (const { vendor, toDate } of track.spend) {
    const own = usage.rows.filter((row) => row.groups.vendor === vendor);
    const nano = own.reduce((sum, row) => sum + BigInt(row.amountNanoUsd), 0n);
    expect(BigInt(Math.round(Number(toDate.actual) * 1e9)), vendor).toBe(nano);
  }

  await server.stop();
  const alone = await runArchipel(asked);
  expect([alone.code, JSON.parse(alone.stdout)]).toEqual([0, JSON.parse(tracked.stdout)]);
}, 90_000);
