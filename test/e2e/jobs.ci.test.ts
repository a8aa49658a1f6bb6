// Jobs on the sites of the sandbox, as an operator meets them: the real program in a process of its own, its commands, its API, and programs of a few lines.
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashKey } from '../../src/access/index.ts';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { OperatorCommands, type ShownJob } from '../rigs/OperatorCommands.ts';
import { removeServer } from '../rigs/removeServer.ts';
import {
  removeFolder,
  runArchipel,
  startServer,
  temporaryFolder,
  type Ended,
  type Server,
} from '../rigs/startServer.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';

const demoKey = 'sk-archipel-demo';
const viewerKey = canaryOf('admin key viewer');

/** Something that must reach no job. */
const canary = canaryOf('environment');
const secrets = { ARCHIPEL_TEST_SECRET: canary, OPENAI_API_KEY: canary, PGPASSWORD: canary, NODE_EXTRA_CA_CERTS: '' };

/** Job files, and what the programs leave. */
const folder = realpathSync(temporaryFolder());

let server: Server;
let operator: OperatorCommands;
/** A server with a configuration of its own, whose operators have roles. */
let house: Server;

/** Where the package's scripts keep what is compiled, too: a command starts in half the time. */
const compiled = { NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/compiled') };

/** Runs a command beside the server, as an operator types it. */
const run = (...args: readonly string[]): Promise<Ended> =>
  runArchipel([...args, '--data-dir', server.dataDir], { env: compiled });

const isOver = ({ state }: ShownJob): boolean => ['succeeded', 'failed', 'cancelled'].includes(state);

interface AnswerOfPlane {
  readonly status: number;
  readonly code: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Asking {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string | null;
  readonly of?: Server;
}

/** Asks the control plane, with its own key where no other is given. */
const ask = async (line: string, { body, headers = {}, key, of = server }: Asking = {}): Promise<AnswerOfPlane> => {
  const [method = '', path = ''] = line.split(' ');
  const credential = key === undefined ? of.adminKey : key;
  const answer = await fetch(`${of.adminUrl}${path}`, {
    method,
    headers: {
      ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const told = JSON.parse(await answer.text());
  return { status: answer.status, code: answer.headers.get('x-archipel-error'), body: told };
};

/** Numbers of the processes that jobs of this test are: whoever was started with the folder of their site. Null where the machine does not tell. */
const processesOfJobs = (): readonly number[] | null => {
  if (!existsSync('/proc/self/environ')) return null;
  const mark = join(server.dataDir, 'sandbox/jobs/');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
      } catch {
        // It ended, or is somebody else's.
        return false;
      }
    });
};

const jobsOf = async (): Promise<readonly ShownJob[]> => {
  const { body } = await ask('GET /admin/v1/jobs?limit=1000');
  return body['jobs'] as readonly ShownJob[];
};

const houseFile = `version: 1
providers:
  a: { wire: openai, vendor: a, baseUrl: "http://127.0.0.1:9/v1", credentials: { apiKey: "\${env:A_KEY}" } }
models:
  chat: { deployments: [ { provider: a, model: large, price: { inputPerMTok: "1", outputPerMTok: "2" } } ] }
teams: { demo: {} }
admin: { keys: [ { name: watcher, hash: "sha256:${hashKey(viewerKey)}", role: viewer } ] }
sites:
  north-1: { executor: local, vendor: a, accelerators: [ { kind: GB200, count: 8 } ], price: { GB200: { hourUsd: "1" } } }
`;

beforeAll(async () => {
  [server, house] = await Promise.all([
    startServer({ env: { ...secrets, ...compiled } }),
    startServer({ configuration: houseFile, env: { A_KEY: canaryOf('vendor credential'), ...compiled } }),
  ]);
  operator = new OperatorCommands(server);
}, 120_000);

afterAll(async () => {
  try {
    // Jobs outlive their server: what still runs is ended first.
    for (const job of (await jobsOf()).filter((one) => !isOver(one))) {
      await ask(`POST /admin/v1/jobs/${job.id}/cancel`);
      await operator.until(job.id, isOver);
    }
  } finally {
    for (const pid of processesOfJobs() ?? []) process.kill(pid, 'SIGKILL');
    await Promise.all([server, house].map(removeServer));
    removeFolder(folder);
  }
}, 120_000);

/** How a program of a job says how it goes. */
const beat = `const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const beat = (said) => {
  const file = process.env.ARCHIPEL_HEARTBEAT_FILE;
  writeFileSync(file + '.new', JSON.stringify(said));
  renameSync(file + '.new', file);
};
`;

/** Runs until it is ended. */
const endless = 'setInterval(() => {}, 1_000);';

/** A job file's content: a program of a few lines on one accelerator. */
const jobOf = (program: string, more: Readonly<Record<string, unknown>> = {}) => ({
  name: 'tiny',
  kind: 'batch',
  team: 'demo',
  command: ['node', '--eval', program],
  directory: '.',
  accelerators: { anyOf: [{ kind: 'GB200', perRank: 1 }] },
  hours: '0.01',
  graceSeconds: 2,
  ...more,
});

/** Writes a job file; JSON is YAML. @returns its path. */
const fileOf = (name: string, content: object | string): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 1));
  return path;
};

/** Submits over the API. @returns its id. */
const submit = async (program: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const { status, body } = await ask('POST /admin/v1/jobs', { body: { ...jobOf(program, more), directory: folder } });
  expect(status, JSON.stringify(body)).toBe(200);
  return body['id'] as string;
};

/** Waits over the API until it has succeeded. @throws Error with its evidence where it ends otherwise. */
const succeeded = async (id: string): Promise<ShownJob> => {
  const job = await operator.until(id, isOver);
  expect(job.state, JSON.stringify(job, null, 1)).toBe('succeeded');
  return job;
};

/** All that rank 0 of the newest attempt has printed. */
const printedBy = async (id: string): Promise<string> => {
  const { body } = await ask(`GET /admin/v1/jobs/${id}/logs`);
  return body['text'] as string;
};

interface UsageRow {
  readonly group: string;
  readonly amountNanoUsd: string;
  readonly usage: Readonly<Record<string, number>>;
}

const evidenceOf = (job: ShownJob, attempt = 1): readonly string[] =>
  (job.attempts.find((one) => one.attempt === attempt)?.evidence ?? []).map(({ what }) => what);

describe('a job', () => {
  test('is submitted, waited for, shown, listed, read and explained by commands', async () => {
    const file = fileOf('tiny.yaml', jobOf("console.log('made ' + process.env.SEED)", { environment: { SEED: '7' } }));
    const submitted = await run('jobs', 'submit', file, '--json');
    expect([submitted.code, submitted.stderr]).toEqual([0, '']);
    const told: { readonly id: string } = JSON.parse(submitted.stdout);
    expect(told).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), state: 'queued' });
    const { id } = told;
    const waited = await run('jobs', 'wait', id, '--for', 'succeeded', '--timeout', '60');
    expect(waited).toEqual({ code: 0, stdout: 'tiny has succeeded\n', stderr: '' });
    const [shown, listed, logs, explained, sites] = await Promise.all([
      run('jobs', 'show', id),
      run('jobs', 'list', '--state', 'succeeded'),
      run('jobs', 'logs', id.slice(0, 20)),
      run('jobs', 'explain', id),
      run('sites'),
    ]);
    for (const { code, stderr } of [shown, listed, logs, explained, sites]) expect([code, stderr]).toEqual([0, '']);
    expect(shown.stdout).toMatch(/^tiny \(batch, team demo\): succeeded/);
    expect(shown.stdout).toContain('attempt 1: succeeded at north-1 on 1 x GB200 (slot of north-slot)');
    expect(listed.stdout).toContain(id);
    expect(logs.stdout).toBe('made 7\n');
    expect(explained.stdout).toContain('attempt 1 went to north-1');
    expect(explained.stdout).toContain('south-1');
    expect(sites.stdout).toMatch(/north-1.*\n.*south-1/s);
  });

  test('whose program fails has failed, and whoever waits hears at once with what code', async () => {
    const id = await submit("console.error('no such corpus'); process.exit(3);");
    const waited = await run('jobs', 'wait', id, '--for', 'succeeded', '--timeout', '60');
    expect(waited.code).toBe(1);
    expect(waited.stderr).toMatch(/tiny has failed, not succeeded: .*\b3\b/);
    expect(await printedBy(id)).toBe('no such corpus\n');
    const job = await operator.until(id, isOver);
    expect(job.attempts).toMatchObject([{ state: 'failed' }]);
    expect(evidenceOf(job)).toContain('rank_failed');
  });

  test('that no site can ever run is refused at once, with what would have to change', async () => {
    const tooMany = jobOf(endless, { accelerators: { anyOf: [{ kind: 'GB200', perRank: 9 }] } });
    const misspelt = jobOf(endless, { accelerators: { anyOf: [{ kind: 'GB2000', perRank: 1 }] } });
    const [refused, unknown] = await Promise.all([
      run('jobs', 'submit', fileOf('large.yaml', tooMany)),
      run('jobs', 'submit', fileOf('misspelt.yaml', misspelt)),
    ]);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/\b8\b/);
    expect([unknown.code, unknown.stdout]).toEqual([1, '']);
    expect(unknown.stderr).toMatch(/GB2000.*GB200\b/s);
    const answer = await ask('POST /admin/v1/jobs', { body: { ...tooMany, directory: folder } });
    expect([answer.status, answer.code]).toEqual([422, 'job_unsatisfiable']);
    expect((await jobsOf()).filter(({ state }) => state === 'queued')).toEqual([]);
  });

  test('file that is wrong is told by line and column, and nothing is sent', async () => {
    const before = (await jobsOf()).length;
    const file = fileOf(
      'wrong.yaml',
      'name: tiny\nkind: batch\nteam: demo\ncommand: [node]\ndirectory: .\nranks: none\naccelerators:\n  anyOf: [ { kind: GB200, perRanks: 1 } ]\n',
    );
    const { code, stdout, stderr } = await run('jobs', 'submit', file);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^.*wrong\.yaml:6:8: .*$/m);
    expect(stderr).toMatch(/^.*wrong\.yaml:8:\d+: .*perRank\b.*$/m);
    expect(await jobsOf()).toHaveLength(before);
  });

  test('that is cancelled while it runs is ended, with all that it started', async () => {
    const id = await submit(`
      const { spawn } = require('node:child_process');
      spawn(process.execPath, ['--eval', ${JSON.stringify(endless)}], { detached: true, stdio: 'ignore' });
      console.log('both run');
      ${endless}`);
    await operator.until(id, ({ state }) => state === 'running');
    await expect.poll(() => printedBy(id), { timeout: 20_000 }).toBe('both run\n');
    // What looks for them finds them: the program, what it started, and who watches over it.
    const found = processesOfJobs();
    if (found !== null) expect(found.length).toBeGreaterThanOrEqual(3);
    const cancelled = await run('jobs', 'cancel', id);
    expect(cancelled).toEqual({ code: 0, stdout: `${id} stopping\n`, stderr: '' });
    const job = await operator.until(id, isOver);
    expect(job).toMatchObject({ state: 'cancelled', attempts: [{ state: 'cancelled' }] });
    if (found !== null) expect(processesOfJobs()).toEqual([]);
    expect((await ask(`POST /admin/v1/jobs/${id}/cancel`)).body).toMatchObject({ state: 'cancelled' });
  });

  test('that is sent twice under one key is one job, and another under that key a conflict', async () => {
    const headers = { 'idempotency-key': 'sent-again' };
    const body = { ...jobOf("console.log('once')"), directory: folder };
    const [first, second] = await Promise.all([1, 2].map(() => ask('POST /admin/v1/jobs', { body, headers })));
    expect(first).toMatchObject({ status: 200 });
    expect(second!.body['id']).toBe(first!.body['id']);
    const other = await ask('POST /admin/v1/jobs', { body: { ...body, name: 'another' }, headers });
    expect([other.status, other.code]).toEqual([409, 'idempotency_conflict']);
    await succeeded(first!.body['id'] as string);
    const late = await ask('POST /admin/v1/jobs', { body, headers });
    expect(late.body).toEqual({ id: first!.body['id'], state: 'succeeded' });
    expect((await jobsOf()).filter(({ id }) => id === first!.body['id'])).toHaveLength(1);
  });
});

describe('what reaches a job', () => {
  const own = ['ATTEMPT', 'CHECKPOINT', 'DATA_CORPUS', 'HEARTBEAT_FILE', 'JOB_ID', 'RANK', 'RANKS', 'SITE'];
  const passedOn = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ'];

  test('of its environment is what it must know, and no secret of the server', async () => {
    const id = await submit(
      `const around = require('node:fs').existsSync('/proc/self/environ')
        ? require('node:fs').readFileSync('/proc/' + process.ppid + '/environ', 'utf8') : '';
      console.log(JSON.stringify({ environment: process.env, around }));`,
      {
        environment: { SEED: '7' },
        checkpoint: { uri: 's3://bucket/made' },
        data: [{ name: 'corpus', uri: 's3://bucket/read' }],
      },
    );
    await succeeded(id);
    const printed = await printedBy(id);
    const { environment }: { readonly environment: Readonly<Record<string, string>> } = JSON.parse(printed);
    expect(printed).not.toContain(canary);
    // macOS gives every process one more.
    const unasked = ['__CF_USER_TEXT_ENCODING', ...passedOn];
    const names = Object.keys(environment).filter((name) => !unasked.includes(name));
    expect(names.toSorted()).toEqual([...own.map((name) => `ARCHIPEL_${name}`), 'SEED'].toSorted());
    expect(environment).toMatchObject({
      ARCHIPEL_JOB_ID: id,
      ARCHIPEL_ATTEMPT: '1',
      ARCHIPEL_RANK: '0',
      ARCHIPEL_RANKS: '1',
      ARCHIPEL_SITE: 'north-1',
      ARCHIPEL_DATA_CORPUS: 's3://bucket/read',
      ARCHIPEL_CHECKPOINT: expect.stringMatching(/^s3:\/\/bucket\/made\//),
      SEED: '7',
    });
  });

  test('of its command are the words as they are: no shell reads them [A40]', async () => {
    const words = ['$HOME', '$(touch pwned)', '`touch pwned`', '; touch pwned', '*', '"', "'", ' ', '', '\\', 'ö\n'];
    const program = 'console.log(JSON.stringify(process.argv.slice(1)))';
    const id = await submit('', { command: ['node', '--eval', program, '--', ...words] });
    await succeeded(id);
    expect(JSON.parse(await printedBy(id))).toEqual(words);
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });
});

describe('a key', () => {
  const faultOf = async (asked: Promise<AnswerOfPlane>) => {
    const { status, code } = await asked;
    return [status, code];
  };

  test('that everybody knows may break the sites of the sandbox, and submit nothing', async () => {
    const body = { ...jobOf(endless), directory: folder };
    const { status } = await ask('PUT /sandbox/sites/north-1', { key: demoKey, body: { fault: 'none' } });
    expect(status).toBe(200);
    const forbidden = [403, 'operator_forbidden'];
    expect(await faultOf(ask('POST /admin/v1/jobs', { key: demoKey, body }))).toEqual(forbidden);
    expect(await faultOf(ask('GET /admin/v1/jobs', { key: demoKey }))).toEqual(forbidden);
    expect(await faultOf(ask('POST /admin/v1/jobs', { key: null, body }))).toEqual([401, 'operator_key_invalid']);
    expect(await faultOf(ask('POST /admin/v1/jobs', { key: canaryOf('unknown key'), body }))).toEqual([
      401,
      'operator_key_invalid',
    ]);
  });

  test('of a viewer may look at jobs and sites, and submit none', async () => {
    const as = { key: viewerKey, of: house };
    expect((await ask('GET /admin/v1/jobs', as)).body).toEqual({ jobs: [] });
    expect((await ask('GET /admin/v1/sites', as)).body).toMatchObject({
      sites: [{ name: 'north-1', condition: null }],
    });
    const body = { ...jobOf(endless), directory: folder };
    expect(await faultOf(ask('POST /admin/v1/jobs', { ...as, body }))).toEqual([403, 'operator_forbidden']);
    expect((await ask('GET /admin/v1/jobs', { of: house })).body).toEqual({ jobs: [] });
  });
});

describe('a site of the sandbox', () => {
  test('is broken by its name and by what can befall one, and there is none without a sandbox', async () => {
    const unknown = await ask('PUT /sandbox/sites/east-9', { body: { fault: 'down' } });
    expect([unknown.status, unknown.code]).toEqual([404, 'no_such_thing']);
    expect(JSON.stringify(unknown.body)).toContain('north-1, south-1');
    const wrong = await ask('PUT /sandbox/sites/north-1', { body: { fault: 'flooded' } });
    expect([wrong.status, wrong.code]).toEqual([400, 'bad_control_request']);
    expect(JSON.stringify(wrong.body)).toContain('unreachable');
    const elsewhere = await ask('PUT /sandbox/sites/north-1', { body: { fault: 'down' }, of: house });
    expect([elsewhere.status, elsewhere.code]).toEqual([404, 'no_such_thing']);
    const { body } = await ask('GET /sandbox/sites');
    expect(body).toMatchObject({ sites: [{ name: 'north-1', fault: 'none' }, { fault: 'none' }] });
  });

  test('that takes its capacity away lets a job save what it did, and the job goes on from there', async () => {
    const id = await submit(
      `${beat}
      const { ARCHIPEL_CHECKPOINT: folder, ARCHIPEL_RESUME_FROM: saved } = process.env;
      if (saved) { console.log(readFileSync(saved, 'utf8')); process.exit(0); }
      process.on('SIGTERM', () => {
        writeFileSync(folder + '/last', 'seven steps');
        beat({ step: 7, checkpoint: 'last' });
        process.exit(143);
      });
      beat({ step: 1 });
      ${endless}`,
      { sites: ['south-1'], checkpoint: { uri: 'store:e2e/taken' } },
    );
    await operator.until(id, ({ attempts }) => attempts[0]?.step === 1);
    const broken = await run('sandbox', 'fault', 'south-1', 'preempt');
    expect(broken.code, broken.stderr).toBe(0);
    const waiting = await operator.until(id, ({ attempts }) => attempts[0]?.state === 'preempted');
    expect(evidenceOf(waiting)).toContain('preempted');
    expect(waiting.attempts[0]).toMatchObject({ step: 7, checkpoint: 'last' });
    // It may run nowhere else.
    expect(waiting.attempts).toHaveLength(1);
    await ask('PUT /sandbox/sites/south-1', { body: { fault: 'none' } });
    const job = await succeeded(id);
    expect(job.attempts).toMatchObject([{ site: 'south-1' }, { site: 'south-1', state: 'succeeded' }]);
    expect(await printedBy(id)).toBe('seven steps\n');
    const store = join(server.dataDir, 'sandbox/jobs/store/e2e/taken');
    expect(readdirSync(store).toSorted()).toEqual([`attempt-${id}-2`, 'current']);
  });
});

describe('a server of a job', () => {
  const asked = async (): Promise<{
    readonly target: string | null;
    readonly status: number;
    readonly text: string;
  }> => {
    const answer = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'own-small', messages: [{ role: 'user', content: 'Whose words are these?' }] }),
    });
    return { target: answer.headers.get('x-archipel-target'), status: answer.status, text: await answer.text() };
  };

  test('answers for its model as long as it runs, and a vendor before and after', async () => {
    expect(await asked()).toMatchObject({ status: 200, target: expect.stringMatching(/\/chat-small$/) });
    const program = `${beat}
      const { createServer } = require('node:http');
      const server = createServer((request, response) => {
        if (request.url === '/ready') return void response.end('ready');
        request.resume().on('end', () => {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({
            id: 'own-1', object: 'chat.completion', created: 1, model: 'tiny-model',
            choices: [{ index: 0, message: { role: 'assistant', content: 'words of our own' }, finish_reason: 'stop' }],
            usage: { prompt_tokens: 6, completion_tokens: 4, total_tokens: 10 },
          }));
        });
      });
      server.listen(0, '127.0.0.1', () => beat({ port: server.address().port }));
      process.on('SIGTERM', () => process.exit(0));`;
    const serve = { model: 'own-small', targetModel: 'tiny-model', readinessPath: '/ready', drainSeconds: 0 };
    const id = await submit(program, { name: 'own-server', kind: 'serve', serve });
    await operator.until(id, ({ state }) => state === 'serving');
    const own = 'north-1.own-server/tiny-model';
    await expect.poll(async () => (await asked()).target, { timeout: 20_000 }).toBe(own);
    expect(await asked()).toMatchObject({ status: 200, text: expect.stringContaining('words of our own') });
    expect((await ask(`GET /admin/v1/jobs/${id}`)).body['serve']).toMatchObject({ model: 'own-small', target: own });
    await ask(`POST /admin/v1/jobs/${id}/cancel`);
    await operator.until(id, ({ state }) => state === 'cancelled');
    expect(await asked()).toMatchObject({ status: 200, target: expect.stringMatching(/\/chat-small$/) });
    const { body } = await ask('GET /admin/v1/usage?groupBy=provider&fresh=true');
    const row = (body['rows'] as readonly UsageRow[]).find(({ group }) => group === 'north-1.own-server');
    // A dollar is counted once: the capacity is paid for by the second.
    expect(row?.amountNanoUsd).toBe('0');
    expect(row?.usage).toMatchObject({ acceleratorSeconds: 0 });
  });
});

test('a job goes on while its server is killed, and is found again as it was', async () => {
  const end = join(folder, 'may-end');
  const id = await submit(
    `${beat}
    let step = 0;
    setInterval(() => {
      step += 1;
      beat({ step });
      if (existsSync(${JSON.stringify(end)})) process.exit(0);
    }, 20);`,
  );
  await operator.until(id, ({ attempts }) => (attempts[0]?.step ?? 0) > 1);
  await server.kill();
  server = await startServer({ dataDir: server.dataDir, env: { ...secrets, ...compiled } });
  operator = new OperatorCommands(server);
  const found = await operator.until(id, ({ attempts }) => (attempts[0]?.step ?? 0) > 20);
  expect(found.state).toBe('running');
  writeFileSync(end, '');
  const { attempts, acceleratorSeconds } = await succeeded(id);
  expect(attempts).toHaveLength(1);
  const [{ startedAt, endedAt } = { startedAt: null, endedAt: null }] = attempts;
  const seconds = (Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '')) / 1_000;
  expect(Math.abs(acceleratorSeconds - seconds)).toBeLessThanOrEqual(1);
}, 60_000);

describe('a list of offers', () => {
  const list = join(import.meta.dirname, '../fixtures/offers/gpu-offers.csv');

  test('is imported, and stands beside the sites where a place is weighed', async () => {
    const imported = await run('offers', 'import', list, '--date', '2026-07-02', '--json');
    expect(imported.code, imported.stderr).toBe(0);
    expect(JSON.parse(imported.stdout)).toMatchObject({ name: 'gpu-offers', date: '2026-07-02', rows: 1_856 });
    const { body } = await ask('GET /admin/v1/offers?accelerator=H100');
    expect((body['offers'] as readonly object[])[0]).toMatchObject({ accelerator: 'H100' });
    const id = await submit('');
    await succeeded(id);
    const explained = await ask(`GET /admin/v1/jobs/${id}/explain`);
    expect(explained.body['decisions']).toMatchObject([{ chosen: { site: 'north-1' } }]);
    const [{ weighed } = { weighed: 0 }] = explained.body['decisions'] as readonly { readonly weighed: number }[];
    expect(weighed).toBeGreaterThan(1_000);
  });

  test('that is none is refused with its line, and the one before stays', async () => {
    const file = fileOf('gpu-offers.csv', readFileSync(list, 'utf8').replace('region', 'regoin'));
    const { code, stdout, stderr } = await run('offers', 'import', file);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/line 1, region/);
    expect((await ask('GET /admin/v1/offers')).body['lists']).toMatchObject([{ name: 'gpu-offers', rows: 1_856 }]);
  });
});

describe('in the end', () => {
  test('the ledger has every accelerator-second once, by site', async () => {
    const jobs = await Promise.all((await jobsOf()).map(({ id }) => operator.until(id, isOver)));
    expect(jobs.length).toBeGreaterThan(8);
    const seconds = new Map<string, number>();
    for (const { site, acceleratorSeconds } of jobs.flatMap(({ attempts }) => attempts))
      seconds.set(site, (seconds.get(site) ?? 0) + acceleratorSeconds);
    await new AdminPlane(server).drain();
    const told = await run('usage', '--by', 'provider', '--json');
    const { rows }: { readonly rows: readonly UsageRow[] } = JSON.parse(told.stdout);
    expect(seconds.get('north-1')).toBeGreaterThan(0);
    for (const [site, used] of seconds)
      expect(rows.find(({ group }) => group === site)?.usage['acceleratorSeconds'], site).toBe(used);
  });

  test('nothing is wrong with the ledger, and nothing of any job runs', async () => {
    const verified = await run('ledger', 'verify');
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
    const left = processesOfJobs();
    if (left !== null) expect(left).toEqual([]);
    const { body } = await ask('GET /admin/v1/sites');
    const sites = body['sites'] as readonly { readonly jobs: readonly string[] }[];
    expect(sites.flatMap(({ jobs }) => jobs)).toEqual([]);
    expect(server.stderr()).not.toMatch(/"level":"error"/);
  });
});
