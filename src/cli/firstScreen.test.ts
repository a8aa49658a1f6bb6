import { describe, expect, test } from 'vitest';
import { firstScreen, type FirstScreenFacts } from './firstScreen.ts';

const row = (name: string, cap: number | null) => ({ name, spentNanoUsd: '0', share: 0, cap, over: false });

const sandbox: FirstScreenFacts = {
  url: 'http://127.0.0.1:8787',
  adminUrl: 'http://127.0.0.1:8788',
  key: 'sk-archipel-demo',
  dataDir: '/srv/data',
  version: '1.2.3',
  sandbox: true,
  configurationFile: null,
  modelNames: ['chat-large', 'chat-small'],
  contracts: {
    contracts: [
      {
        id: 'aurora-pool',
        kind: 'pool',
        vendor: 'aurora',
        committedNanoUsd: '120000000000000',
        dueNanoUsd: '1000000000000',
        drawnNanoUsd: '1723218',
        remainingNanoUsd: '999998276782',
        elapsedShare: 0.5,
        windowUntil: '2026-12-01T00:00:00.000Z',
        commitment: null,
      },
      {
        id: 'north-slot',
        kind: 'slot',
        vendor: 'aurora',
        committedNanoUsd: null,
        dueNanoUsd: null,
        drawnNanoUsd: '0',
        remainingNanoUsd: null,
        elapsedShare: 0.09,
        windowUntil: '2036-01-01T00:00:00.000Z',
        commitment: '8 x GB200',
      },
    ],
  },
  dependency: {
    from: '2026-11-01T00:00:00.000Z',
    dimensions: {
      vendor: [row('aurora', 0.45), row('borealis', 0.45)],
      host: [row('north', 0.6)],
      lab: [row('aurora', null)],
    },
  },
  found: '',
};

const page = String.raw`
Archipel 1.2.3
Simulated vendors, since no archipel.yaml was found: aurora and cascade in the north, borealis in the south

Endpoint       http://127.0.0.1:8787
Control plane  http://127.0.0.1:8788
Key            sk-archipel-demo
Data           /srv/data

Contracts
  CONTRACT     KIND  VENDOR  COMMITTED  DUE NOW         DRAWN       LEFT  ELAPSED  UNTIL
  aurora-pool  pool  aurora   $120,000   $1,000  $0.001723218  $1,000.00   50.0 %  2026-12-01
  north-slot   slot  aurora  8 x GB200        -            $0          -    9.0 %  2036-01-01

Shares of the spend since 2026-11-01, and their caps
  DIMENSION  NAME      SPENT  SHARE     CAP
  vendor     aurora       $0  0.0 %  45.0 %
  vendor     borealis     $0  0.0 %  45.0 %
  host       north        $0  0.0 %  60.0 %

Ask something:

  curl http://127.0.0.1:8787/v1/chat/completions -H "authorization: Bearer sk-archipel-demo" \
    -H "content-type: application/json" \
    -d '{"model":"chat-large","messages":[{"role":"user","content":"Hello"}]}'

Or from an SDK, with nothing changed but two lines:

  import OpenAI from 'openai';
  const client = new OpenAI({ baseURL: 'http://127.0.0.1:8787/v1', apiKey: 'sk-archipel-demo' });
  await client.chat.completions.create({ model: 'chat-large', messages: [{ role: 'user', content: 'Hello' }] });

Now lose borealis         npm run --silent archipel -- sandbox fault borealis down
Mend it                   npm run --silent archipel -- sandbox fault borealis none
Now lose cascade          npm run --silent archipel -- sandbox fault cascade down
Now lose aurora           npm run --silent archipel -- sandbox fault aurora down
Now lose the whole north  npm run --silent archipel -- sandbox fault north down
Mend them                 npm run --silent archipel -- sandbox fault north none
See what it cost          npm run --silent archipel -- usage --fresh
See why it went there     npm run --silent archipel -- why <x-archipel-request-id of an answer; curl -i shows it>

This request goes to borealis, whose floor is paid for, over another wire. Without it aurora answers, in yours and
out of its pool, and nobody notices. Without the north chat-large lives on at borealis; embed-small is gone, since
both of its vendors run there.
`.slice(1);

describe('the first screen of the sandbox', () => {
  test('is one page: where it is, what was signed, whom one depends on, how to ask, what to break', () => {
    expect(firstScreen(sandbox)).toBe(page);
  });

  test('fits a terminal of 120 columns where the addresses do', () => {
    for (const line of firstScreen(sandbox).split('\n')) expect(line.length, line).toBeLessThanOrEqual(120);
  });

  test('tells the commands where the server is, where they would not find it by themselves', () => {
    const commands = firstScreen({ ...sandbox, found: ' --data-dir /srv/data' })
      .split('\n')
      .filter((line) => line.includes('npm run'));
    expect(commands).toHaveLength(8);
    for (const line of commands) expect(line).toMatch(/ --data-dir \/srv\/data$/);
  });
});

describe("the first screen with a configuration of one's own", () => {
  const own: FirstScreenFacts = {
    ...sandbox,
    key: null,
    sandbox: false,
    configurationFile: '/etc/archipel.yaml',
    contracts: { contracts: [] },
    dependency: { from: '2026-11-01T00:00:00.000Z', dimensions: { vendor: [row('aurora', null)] } },
    found: ' --config /etc/archipel.yaml',
  };

  test('does not call contracts none where the database that knows them is away', () => {
    expect(firstScreen({ ...own, contracts: null })).toContain(
      'Contracts\n  What was drawn is not known while the database',
    );
  });

  test('names the file and how to make a key, shows no key, and breaks nothing', () => {
    expect(firstScreen(own)).toBe(`\
Archipel 1.2.3
Serving /etc/archipel.yaml

Endpoint       http://127.0.0.1:8787
Control plane  http://127.0.0.1:8788
Data           /srv/data

Contracts
  none

No caps are set on the shares of vendors and hosts (policy.concentration).

Make a key for a client  npm run --silent archipel -- keys create NAME --team TEAM --config /etc/archipel.yaml
`);
  });
});
