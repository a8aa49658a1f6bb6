// Money and keys through the whole program: file, spool, database, API, command line, and back.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { focusFaults } from '../rigs/focus/focusFaults.ts';
import { readCsv } from '../rigs/focus/readCsv.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, ScriptedUpstream } from '../rigs/ScriptedUpstream.ts';
import { runArchipel, startServer, type Ended, type Server } from '../rigs/startServer.ts';
import { chatAnswer, messageAnswer } from '../rigs/vendorAnswers.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';

const env = { [vendorKeyName]: vendorKey };

const commandOn =
  (server: Server) =>
  (...args: readonly string[]): Promise<Ended> =>
    runArchipel([...args, '--data-dir', server.dataDir]);

interface UsageRow {
  readonly group: string;
  readonly attempts: number;
  readonly reported: number;
  readonly usage: Readonly<Record<string, number>>;
  readonly amountNanoUsd: string;
  readonly listNanoUsd: string;
}

/** Body of an answer. */
const read = async (got: Response) => JSON.parse(await got.text());

/** What the control plane answers. */
const ask = async (server: Server, path: string) =>
  read(await fetch(`${server.adminUrl}${path}`, { headers: { authorization: `Bearer ${server.adminKey}` } }));

const usageBy = async (server: Server, group: string): Promise<ReadonlyMap<string, UsageRow>> => {
  const { rows } = await ask(server, `/admin/v1/usage?groupBy=${group}&fresh=true`);
  return new Map(rows.map((row: UsageRow) => [row.group, row]));
};

const chat = (server: Server, key: string, more: object = {}): Promise<Response> =>
  fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'chat-large', messages: [{ role: 'user', content: 'Hello' }], ...more }),
  });

describe('amounts beyond what 64 bits hold', () => {
  const key = canaryOf('client key large');
  // 38 million dollars and a nano-dollar a million tokens: a thousand million tokens cost as much as the whole contract and a little.
  const price = '38000000.000000001';
  const tokens = 1_000_000_000;
  const amount = '38000000000000001000';
  let upstream: ScriptedUpstream;
  let server: Server;

  const configuration = (): string =>
    configurationOf({
      providers: { vendor: providerOf('openai', upstream.url, 'large-vendor') },
      models: {
        'chat-large': {
          deployments: [
            { provider: 'vendor', model: 'vendor-model', price: { inputPerMTok: price, outputPerMTok: '0' } },
          ],
        },
      },
      contracts: [
        {
          id: 'large-2025',
          vendor: 'large-vendor',
          covers: [{ provider: 'vendor' }],
          kind: 'pool',
          usd: '38000000000',
          period: ['2025-11-03', '2032-11-03'],
          fulfil: 'total',
          shortfall: { rate: '1.0' },
        },
      ],
      keys: [{ name: 'tester', hash: hashOf(key), team: 'research' }],
    });

  const contract = async () => {
    const { contracts } = await ask(server, '/admin/v1/contracts');
    return contracts.find(({ id }: { readonly id: string }) => id === 'large-2025');
  };

  beforeAll(async () => {
    upstream = await ScriptedUpstream.open(answer(200, chatAnswer('fine', [tokens, 5])));
    server = await startServer({ configuration: configuration(), env });
  });

  afterAll(async () => {
    await removeServer(server);
    await upstream[Symbol.asyncDispose]();
  });

  it('a contract over 38 thousand million dollars comes out of the file as it went in', async () => {
    expect(await contract()).toMatchObject({ committedNanoUsd: '38000000000000000000', drawnNanoUsd: '0' });
    const ended = await commandOn(server)('contracts');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('38,000,000,000');
  });

  it('is drawn down to the nano-dollar, in the request, the usage and the contract', async () => {
    const got = await chat(server, key);
    expect(got.status).toBe(200);
    const id = got.headers.get('x-archipel-request-id');
    const { attempts } = await ask(server, `/admin/v1/requests/${id}`);
    expect(attempts).toMatchObject([
      {
        contract: 'large-2025',
        amountNanoUsd: amount,
        lines: expect.arrayContaining([
          expect.objectContaining({
            bucket: 'input',
            units: tokens,
            priceNanoUsdPerMillion: '38000000000000001',
            amountNanoUsd: amount,
          }),
        ]),
      },
    ]);
    for (const group of ['vendor', 'contract', 'day']) {
      const [row] = [...(await usageBy(server, group)).values()];
      expect(row).toMatchObject({ amountNanoUsd: amount, listNanoUsd: amount });
    }
    expect(await contract()).toMatchObject({ drawnNanoUsd: amount });
  });

  it('and after a restart everything is still there', async () => {
    const { dataDir } = server;
    expect(await server.stop()).toBe(0);
    server = await startServer({ configuration: configuration(), env, dataDir });
    expect(await contract()).toMatchObject({ committedNanoUsd: '38000000000000000000', drawnNanoUsd: amount });
    const [row] = [...(await usageBy(server, 'vendor')).values()];
    expect(row).toMatchObject({ group: 'large-vendor', amountNanoUsd: amount, attempts: 1, reported: 1 });
    expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  });
});

describe('usage and keys', () => {
  const keys = { a: canaryOf('client key a'), b: canaryOf('client key b') } as const;
  let chats: ScriptedUpstream;
  let messages: ScriptedUpstream;
  let server: Server;

  beforeAll(async () => {
    chats = await ScriptedUpstream.open(answer(200, chatAnswer('fine', [1_000, 500])));
    messages = await ScriptedUpstream.open(answer(200, messageAnswer('fine', [2_000, 100])));
    server = await startServer({
      configuration: configurationOf({
        providers: {
          chats: {
            ...providerOf('openai', chats.url, 'chat-vendor'),
            host: [
              { name: 'east', share: '0.25' },
              { name: 'west', share: '0.75' },
            ],
          },
          messages: providerOf('anthropic', messages.url, 'message-vendor'),
        },
        models: {
          'chat-large': {
            deployments: [{ provider: 'chats', model: 'c', price: { inputPerMTok: '1', outputPerMTok: '2' } }],
          },
          'message-large': {
            deployments: [{ provider: 'messages', model: 'm', price: { inputPerMTok: '3', outputPerMTok: '10' } }],
          },
        },
        contracts: [
          {
            id: 'chat-pool',
            vendor: 'chat-vendor',
            covers: [{ provider: 'chats' }],
            kind: 'pool',
            usd: '1000',
            period: ['2026-01-01', '2036-01-01'],
            fulfil: 'annual',
            discount: '0.1',
          },
        ],
        teams: { research: {}, sales: {} },
        keys: [
          { name: 'a', hash: hashOf(keys.a), team: 'research' },
          { name: 'b', hash: hashOf(keys.b), team: 'sales' },
        ],
      }),
      env,
    });
  });

  afterAll(async () => {
    await removeServer(server);
    await chats[Symbol.asyncDispose]();
    await messages[Symbol.asyncDispose]();
  });

  it('usage adds up by each group', async () => {
    const message = (key: string): Promise<Response> =>
      fetch(`${server.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
        body: JSON.stringify({
          model: 'message-large',
          max_tokens: 200,
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      });
    for (const key of [keys.a, keys.a, keys.b]) expect((await chat(server, key)).status).toBe(200);
    expect((await message(keys.b)).status).toBe(200);

    // 1,000 x $1 + 500 x $2 a million, a tenth off: 1.8 thousandths; 2,000 x $3 + 100 x $10: 7 thousandths.
    const chatCost = 1_800_000n;
    const messageCost = 7_000_000n;
    const wanted: Readonly<Record<string, Readonly<Record<string, bigint>>>> = {
      provider: { chats: 3n * chatCost, messages: messageCost },
      vendor: { 'chat-vendor': 3n * chatCost, 'message-vendor': messageCost },
      host: { east: (3n * chatCost) / 4n, west: (9n * chatCost) / 4n, 'message-vendor': messageCost },
      model: { 'chat-large': 3n * chatCost, 'message-large': messageCost },
      team: { research: 2n * chatCost, sales: chatCost + messageCost },
      key: { a: 2n * chatCost, b: chatCost + messageCost },
      contract: { 'chat-pool': 3n * chatCost, none: messageCost },
    };
    for (const [group, amounts] of Object.entries(wanted)) {
      const rows = await usageBy(server, group);
      expect(Object.fromEntries([...rows].map(([name, row]) => [name, BigInt(row.amountNanoUsd)])), group).toEqual(
        amounts,
      );
    }
    const days = await usageBy(server, 'day');
    expect([...days.values()].reduce((sum, { amountNanoUsd }) => sum + BigInt(amountNanoUsd), 0n)).toBe(
      3n * chatCost + messageCost,
    );
    const [vendor] = [...(await usageBy(server, 'vendor')).values()].filter(({ group }) => group === 'chat-vendor');
    expect(vendor).toMatchObject({
      attempts: 3,
      reported: 3,
      usage: { input: 3_000, output: 1_500 },
      listNanoUsd: '6000000',
    });
  });

  it('the command line tells the same: usage, why, contracts, ledger verify', async () => {
    const run = commandOn(server);
    const id = (await chat(server, keys.a)).headers.get('x-archipel-request-id')!;
    const [usage, why, whyJson, contracts, verified, accounts] = await Promise.all([
      run('usage', '--by', 'key', '--fresh'),
      run('why', id),
      run('why', id, '--json'),
      run('contracts'),
      run('ledger', 'verify'),
      run('ledger', 'accounts'),
    ]);
    for (const ended of [usage, why, whyJson, contracts, verified, accounts])
      expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(usage.stdout).toMatch(/^KEY\s+ATTEMPTS/);
    expect(why.stdout).toContain(id);
    expect(why.stdout).toContain('chats/c');
    expect(why.stdout).toContain('chat-pool');
    expect(JSON.parse(whyJson.stdout)).toMatchObject({
      request: { requestId: id, status: 200 },
      attempts: [{ contract: 'chat-pool' }],
    });
    expect(contracts.stdout).toContain('chat-pool');
    expect(verified.stdout).toContain('the ledger is whole');
    expect(accounts.stdout).toMatch(/^default +payable:chat-vendor +\$0 +\$\d.* +-\$\d/m);
    expect(accounts.stdout).toMatch(/^ +all +(\$\S+) +\1 +\$0$/m);
  });

  it('finance takes it away as rows of FOCUS that add up to the same', async () => {
    const run = commandOn(server);
    const [costs, contracts] = await Promise.all([run('export', 'costs', '--by', 'hour'), run('export', 'contracts')]);
    for (const ended of [costs, contracts]) expect(ended).toMatchObject({ code: 0, stderr: '' });
    const { columns, rows } = readCsv(costs.stdout);
    expect(focusFaults(columns, rows)).toEqual([]);
    const billed = rows.reduce((sum, row) => sum + BigInt(Math.round(Number(row['BilledCost']) * 1e9)), 0n);
    const spent = [...(await usageBy(server, 'vendor')).values()].reduce(
      (sum, { amountNanoUsd }) => sum + BigInt(amountNanoUsd),
      0n,
    );
    expect(billed).toBe(spent);
    const applied = rows.flatMap((row) => (row['ContractApplied'] ? [JSON.parse(row['ContractApplied'])] : []));
    const known = readCsv(contracts.stdout).rows.map((row) => row['ContractCommitmentId']);
    expect(applied.length).toBeGreaterThan(0);
    for (const { Elements } of applied) expect(known).toContain(Elements[0].ContractCommitmentId);

    const folder = mkdtempSync(join(tmpdir(), 'archipel-export-'));
    try {
      const path = join(folder, 'costs.csv');
      expect(await run('export', 'costs', '--by', 'hour', '--out', path)).toMatchObject({ code: 0, stdout: '' });
      expect(readCsv(readFileSync(path, 'utf8')).rows).toHaveLength(rows.length);
      expect(readdirSync(folder)).toEqual(['costs.csv']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const nothing = await run('export', 'costs', '--from', '2026-12-01', '--to', '2026-11-01');
    expect(nothing).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('from must be before to') });
  });

  const admin = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${server.adminUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.adminKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('a key is made, replaced and revoked over the API, and each takes effect at once', async () => {
    const made = await read(await admin('POST', '/admin/v1/keys', { name: 'made', team: 'sales' }));
    expect(made).toMatchObject({ name: 'made', team: 'sales', key: expect.stringMatching(/^sk-archipel-/) });
    expect((await chat(server, made.key)).status).toBe(200);

    const rotated = await read(await admin('POST', '/admin/v1/keys/made/rotate'));
    expect(rotated.key).not.toBe(made.key);
    expect((await chat(server, rotated.key)).status).toBe(200);
    expect((await chat(server, made.key)).status).toBe(401);

    expect((await admin('DELETE', '/admin/v1/keys/made')).status).toBe(200);
    const refused = await chat(server, rotated.key);
    expect([refused.status, refused.headers.get('x-archipel-error')]).toEqual([401, 'invalid_key']);
    expect(await refused.text()).toContain('revoked');

    const listed = await read(await admin('GET', '/admin/v1/keys'));
    expect(listed.keys.find(({ name }: { name: string }) => name === 'made')).toMatchObject({
      state: 'revoked',
      managedBy: 'api',
    });
    expect(JSON.stringify(listed)).not.toContain(rotated.key);
    expect(server.stderr()).not.toContain(rotated.key);
  });

  it('a key is made, replaced and revoked by the command line as well', async () => {
    const run = commandOn(server);
    const made = await run(
      'keys',
      'create',
      'by-hand',
      '--team',
      'research',
      '--models',
      'chat-large',
      '--budget',
      '5',
      '--json',
    );
    expect(made.code).toBe(0);
    const { key } = JSON.parse(made.stdout);
    expect((await chat(server, key)).status).toBe(200);
    expect((await chat(server, key, { model: 'message-large' })).status).toBe(403);
    const rotated = JSON.parse((await run('keys', 'rotate', 'by-hand', '--json')).stdout);
    expect((await chat(server, key)).status).toBe(401);
    expect((await chat(server, rotated.key)).status).toBe(200);
    expect((await run('keys', 'list')).stdout).toMatch(/by-hand\s+research\s+chat-large/);
    expect((await run('keys', 'revoke', 'by-hand')).code).toBe(0);
    expect((await chat(server, rotated.key)).status).toBe(401);
  });

  it('a key of the file is managed by the file, a name that is taken stays taken, and nonsense is refused', async () => {
    for (const [method, path, body, status, code] of [
      ['DELETE', '/admin/v1/keys/a', undefined, 409, 'managed_by_file'],
      ['POST', '/admin/v1/keys/a/rotate', undefined, 409, 'managed_by_file'],
      ['POST', '/admin/v1/keys', { name: 'a', team: 'research' }, 409, 'managed_by_file'],
      ['DELETE', '/admin/v1/keys/nobody', undefined, 404, 'no_such_thing'],
      ['POST', '/admin/v1/keys', { name: 'x', team: 'nobodys' }, 400, 'bad_control_request'],
      ['POST', '/admin/v1/keys', { name: 'x', team: 'research', models: ['none'] }, 400, 'bad_control_request'],
      ['POST', '/admin/v1/keys', { name: 'x', team: 'research', role: 'owner' }, 400, 'bad_control_request'],
      ['POST', '/admin/v1/keys', { name: '../x', team: 'research' }, 400, 'bad_control_request'],
      ['POST', '/admin/v1/keys', { name: 'x', team: 'research', expires: '2026-02-31' }, 400, 'bad_control_request'],
    ] as const) {
      const got = await admin(method, path, body);
      expect([got.status, got.headers.get('x-archipel-error')], `${method} ${path} ${JSON.stringify(body)}`).toEqual([
        status,
        code,
      ]);
    }
    expect((await admin('POST', '/admin/v1/keys', { name: 'twice', team: 'research' })).status).toBe(200);
    const again = await admin('POST', '/admin/v1/keys', { name: 'twice', team: 'research' });
    expect([again.status, again.headers.get('x-archipel-error')]).toEqual([409, 'name_taken']);
    expect((await commandOn(server)('keys', 'revoke', 'a')).code).toBe(1);
    expect((await chat(server, keys.a)).status).toBe(200);
  });

  it('a key of the data plane is nobody on the control plane', async () => {
    for (const path of ['/admin/v1/keys', '/admin/v1/usage', '/admin/v1/contracts', '/admin/v1/status']) {
      const got = await fetch(`${server.adminUrl}${path}`, { headers: { authorization: `Bearer ${keys.a}` } });
      expect(got.status, path).toBe(401);
    }
    expect((await chat(server, server.adminKey)).status).toBe(401);
  });
});

describe('the sandbox, after a mixed run without faults', () => {
  let server: Server;

  beforeAll(async () => {
    server = await startServer();
  });

  afterAll(() => removeServer(server));

  it('has billed what the ledger holds, for each vendor to the nano-dollar', async () => {
    const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key! });
    const anthropic = new Anthropic({ baseURL: server.url, apiKey: server.key! });
    const question = { role: 'user', content: 'What is the weather in Paris, and why?' } as const;
    const tools = [
      { type: 'function' as const, function: { name: 'get_weather', parameters: { type: 'object', properties: {} } } },
    ];
    const long = [
      {
        type: 'text' as const,
        text: 'lighthouse keeper and sea '.repeat(400),
        cache_control: { type: 'ephemeral' as const },
      },
    ];
    // Only its own wire can keep a conversation at the vendor: these go to the vendor whose prompt cache is billed apart.
    const kept = { thread: { type: 'create' as const }, betas: ['message-threads-2026-08-12'] };
    const rounds = Array.from({ length: 4 }, (_, round) => round);
    await Promise.all(
      rounds.flatMap((round) => {
        const model = round % 2 === 0 ? 'chat-large' : 'chat-small';
        const message = { model, max_tokens: 50 + round, messages: [question] };
        return [
          openai.chat.completions.create({ model, messages: [question] }),
          openai.chat.completions.create({ model, messages: [question], n: 2, max_completion_tokens: 20 }),
          openai.chat.completions.create({ model, messages: [question], tools, tool_choice: 'required' }),
          openai.chat.completions.stream({ model, messages: [question] }).finalContent(),
          openai.embeddings.create({ model: 'embed-small', input: ['one', 'two'] }),
          anthropic.messages.create(message),
          anthropic.messages.stream(message).finalMessage(),
          anthropic.beta.messages.create({ ...message, ...kept, system: long }),
          anthropic.messages.countTokens({ model, messages: [question] }),
        ] as readonly Promise<unknown>[];
      }),
    );
    // The second time the long text comes from the cache.
    const cached = await anthropic.beta.messages.create({
      ...kept,
      model: 'chat-large',
      max_tokens: 20,
      messages: [question],
      system: long,
    });
    expect(cached.usage.cache_read_input_tokens).toBeGreaterThan(0);

    const usage = await usageBy(server, 'vendor');
    const { vendors } = await ask(server, '/sandbox/vendors');
    expect(vendors.length).toBe(3);
    let attempts = 0;
    for (const { vendor, billNanoUsd, listNanoUsd, requests, tokens } of vendors) {
      const row = usage.get(vendor);
      if (row === undefined) {
        expect([billNanoUsd, requests], vendor).toEqual(['0', 0]);
        continue;
      }
      expect(row, vendor).toMatchObject({
        amountNanoUsd: billNanoUsd,
        listNanoUsd,
        attempts: requests,
        reported: requests,
        unknownUpToNanoUsd: '0',
      });
      expect(row.usage.input, vendor).toBe(tokens.input);
      attempts += row.attempts;
    }
    // Each of the two models is asked for the same count twice, and counts it once.
    expect(attempts).toBe(8 * rounds.length + 2 + 1);
    expect(BigInt(usage.get('borealis')!.amountNanoUsd)).toBeGreaterThan(0n);
    expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  });
});
