import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { failure, success } from '../../kernel/index.ts';
import { jobId } from '../aShownJob.fixture.ts';
import { pause } from '../pause.ts';
import { ScriptedControl } from '../scriptedControl.fixture.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { jobsSubmit } from './jobsSubmit.ts';

// Between two tries no time passes here.
vi.mock('../pause.ts', () => ({ pause: vi.fn<() => Promise<void>>(() => Promise.resolve()) }));

const cwd = mkdtempSync(join(tmpdir(), 'archipel-submit-'));
const control = new ScriptedControl();
beforeAll(async () => {
  mkdirSync(join(cwd, 'jobs'));
  await control.listen();
});
afterAll(async () => {
  await control.leave();
  rmSync(cwd, { recursive: true, force: true });
});
beforeEach(() => {
  control.asked.length = 0;
  vi.mocked(pause).mockReset();
  control.script = { submitJob: () => success({ id: jobId, state: 'queued' }) };
});

const file = `
name: own-small-train
kind: train
team: demo
command: [node, train.ts, --steps, "400"]
directory: .
environment: { SEED: "1" }
accelerators: { anyOf: [{ kind: GB200, perRank: 4 }] }
hours: 0.25
maxCostUsd: 50.123456789
deadline: 2026-12-31T00:00:00Z
`;

const write = (text: string): string => {
  writeFileSync(join(cwd, 'jobs', 'train.yaml'), text);
  return 'jobs/train.yaml';
};

const submit = (name: string, options = {}) => control.run(jobsSubmit, [name], options, cwd);

describe('jobs submit', () => {
  test('sends the file as it is written, its folder from where the file lies, and prints id and state', async () => {
    expect(await submit(write(file))).toEqual({ code: 0, stdout: `${jobId} queued\n`, stderr: '' });
    const [[job, by, key] = []] = control.askedOf('submitJob');
    expect(job).toEqual({
      name: 'own-small-train',
      kind: 'train',
      team: 'demo',
      command: ['node', 'train.ts', '--steps', '400'],
      directory: join(cwd, 'jobs'),
      environment: { SEED: '1' },
      accelerators: { anyOf: [{ kind: 'GB200', perRank: 4 }] },
      hours: 0.25,
      maxCostUsd: 50.123456789,
      deadline: '2026-12-31T00:00:00Z',
    });
    expect(by).toMatchObject({ name: 'ops' });
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('prints the answer for programs', async () => {
    expect((await submit(write(file), { json: true })).stdout).toBe(`{"id":"${jobId}","state":"queued"}\n`);
  });

  test('leaves an absolute folder, and digits beyond a float, as they are', async () => {
    const exact = file
      .replace('directory: .', 'directory: /srv/jobs')
      .replace('50.123456789', '12345678901234567.123456789');
    expect((await submit(write(exact))).code).toBe(0);
    expect(control.askedOf('submitJob')[0]?.[0]).toMatchObject({
      directory: '/srv/jobs',
      maxCostUsd: '12345678901234567.123456789',
    });
  });

  test('has another key for each submission', async () => {
    await submit(write(file));
    await submit(write(file));
    const keys = control.askedOf('submitJob').map(([, , key]) => key);
    expect(new Set(keys).size).toBe(2);
  });

  test.each([
    ['a key twice', `${file}kind: batch\n`, /^jobs\/train\.yaml:12:1: a key that is written twice/],
    [
      'an unknown key',
      file.replace('hours:', 'huors:'),
      /^jobs\/train\.yaml:9:1: unknown key, did you mean "hours"\?\n$/,
    ],
    ['no command', file.replace(/command.*\n/, ''), /^jobs\/train\.yaml:2:1: "command" is missing, add it: /],
    [
      'a shell line',
      file.replace(/command.*/, 'command: node train.ts'),
      /^jobs\/train\.yaml:5:10: expected a list, found text/,
    ],
    ['no YAML', '[', /^jobs\/train\.yaml:1:\d+: /],
    ['nothing', '', /^jobs\/train\.yaml:1:1: the file says nothing/],
  ])('of %s tells file, line and column, and sends nothing', async (_what, text, said) => {
    const { code, stdout, stderr } = await submit(write(text));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(said);
    expect(control.asked).toEqual([]);
  });

  test('tells every fault of a file', async () => {
    const { stderr } = await submit(
      write(file.replace('hours: 0.25', 'hours: long').replace('kind: train', 'kind: tain')),
    );
    expect(stderr.split('\n')).toHaveLength(3);
  });

  test('of a file that is not there sends nothing', async () => {
    const { code, stderr } = await submit('nowhere.yaml');
    expect([code, stderr]).toEqual([
      2,
      'nowhere.yaml:1:1: the file cannot be read (ENOENT), check its name and permissions\n',
    ]);
    expect(control.asked).toEqual([]);
  });

  test.each([
    ['job_invalid', 'team: no team has this name; did you mean "demo"?', ''],
    ['job_unsatisfiable', 'needs 16 x GB200: ask for 8', '\nChange the job as the message says'],
  ] as const)('that is refused as %s says what to change', async (code, message, mend) => {
    control.script = { submitJob: () => failure({ code, message }) };
    const ended = await submit(write(file));
    expect([ended.code, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toContain(`archipel: ${message}${mend}`);
  });
});

describe('a control plane that cannot say now', () => {
  const away = () => failure({ code: 'store_unavailable' as const, message: 'PostgreSQL does not answer.' });

  test('is sent the job again, under the same key', async () => {
    let tries = 0;
    control.script = { submitJob: () => (++tries < 4 ? away() : success({ id: jobId, state: 'queued' })) };
    expect(await submit(write(file))).toEqual({ code: 0, stdout: `${jobId} queued\n`, stderr: '' });
    const keys = control.askedOf('submitJob').map(([, , key]) => key);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(pause).toHaveBeenCalledTimes(3);
  });

  test('and never can is told in the end, and that the job may be there', async () => {
    control.script = { submitJob: away };
    const { code, stdout, stderr } = await submit(write(file));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^archipel: PostgreSQL does not answer\.\n.*\nThe job may have been taken all the same/);
    expect(control.askedOf('submitJob')).toHaveLength(10);
  });

  test('is not sent again what it refuses', async () => {
    control.script = { submitJob: () => failure({ code: 'job_invalid', message: 'team: none' }) };
    expect(await submit(write(file))).toMatchObject({ code: 1, stderr: 'archipel: team: none\n' });
    expect(control.askedOf('submitJob')).toHaveLength(1);
  });
});

describe('an answer that is lost', () => {
  /** Hangs up on the first `times` requests once it has them, and then answers. @returns the keys that came, and where. */
  const forgetful = async (times: number) => {
    const keys: (string | string[] | undefined)[] = [];
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        keys.push(request.headers['idempotency-key']);
        if (keys.length <= times) request.socket.destroy();
        else response.end(JSON.stringify({ id: jobId, state: 'queued' }));
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { keys, url: `http://127.0.0.1:${port}`, close: () => server.close() };
  };

  test.each([1, 5])('%i times is asked for again, under the same key', async (times) => {
    const server = await forgetful(times);
    expect(await submit(write(file), { url: server.url })).toEqual({
      code: 0,
      stdout: `${jobId} queued\n`,
      stderr: '',
    });
    expect(server.keys).toHaveLength(times + 1);
    expect(new Set(server.keys).size).toBe(1);
    server.close();
  });

  test('each time is told in the end, and that the job may be there', async () => {
    const server = await forgetful(1_000);
    const { terminal, written } = keepingTerminal(cwd);
    const options = { url: server.url, 'admin-key': 'sk-ops' };
    const ended = jobsSubmit.run({ positionals: [write(file)], options, terminal });
    await expect(ended).rejects.toThrow(`${server.url} cannot be reached`);
    expect(server.keys).toHaveLength(10);
    expect(written).toMatchObject({ stdout: '', stderr: expect.stringContaining('may have been taken') });
    server.close();
  });

  test('with the server that gave it is asked for where that comes again', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'archipel-again-'));
    const tell = (url: string): void =>
      writeFileSync(
        join(dataDir, 'control.json'),
        JSON.stringify({ adminUrl: url, adminKey: 'sk-ops', pid: process.pid }),
        { mode: 0o600 },
      );
    const server = await forgetful(1_000);
    tell(server.url);
    vi.mocked(pause).mockImplementationOnce(() => Promise.resolve(tell(control.url)));
    const found = { url: undefined, 'admin-key': undefined, 'data-dir': dataDir };
    expect(await submit(write(file), found)).toMatchObject({ code: 0, stdout: `${jobId} queued\n` });
    expect(control.askedOf('submitJob').map(([, , key]) => key)).toEqual(server.keys);
    server.close();
    rmSync(dataDir, { recursive: true });
  });
});
