// The jobs of examples/jobs as an executor starts them, with no Archipel around: what they promise of steps, checkpoints and signals is so.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import OpenAI from 'openai';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readCheckpoint, readModel } from '../../examples/jobs/modelFile.ts';
import { jobSchema } from '../../src/placement/index.ts';
import { removeFolder, temporaryFolder } from '../rigs/startServer.ts';

const examples = resolve(import.meta.dirname, '../../examples/jobs');

const hasPython = spawnSync('python3', ['--version']).status === 0;
const isPythonMissing = !hasPython && process.env['CI'] === undefined;
if (isPythonMissing)
  process.stderr.write('skipped: python3 is not installed, and examples/jobs/heartbeat.py needs it\n');

/** Removed at the end, once nothing runs that writes there. */
const folders: string[] = [];
const newFolder = (): string => {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder;
};

const running = new Set<Rank>();
afterAll(async () => {
  for (const rank of running) await rank.end('SIGKILL');
  for (const folder of folders) removeFolder(folder);
});

const soon = (): Promise<void> => new Promise((resolved) => setTimeout(resolved, 5));

interface Loss {
  readonly step: number;
  readonly loss: number;
}

/** One process of a job, started with what a rank gets and nothing else. */
class Rank {
  /** Where it starts, and its heartbeat lies. */
  readonly folder = newFolder();
  readonly checkpoints = join(this.folder, 'checkpoints');
  readonly #child;
  readonly #closed: Promise<number | null>;
  #stdout = '';
  #stderr = '';

  constructor(program: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [join(examples, program), ...args], {
      cwd: this.folder,
      env: { PATH: '', ARCHIPEL_CHECKPOINT: this.checkpoints, ARCHIPEL_HEARTBEAT_FILE: this.#heartbeatPath, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout.on('data', (bytes: Buffer) => (this.#stdout += bytes.toString()));
    this.#child.stderr.on('data', (bytes: Buffer) => (this.#stderr += bytes.toString()));
    running.add(this);
    this.#closed = new Promise((resolved) => {
      this.#child.once('close', (code) => {
        running.delete(this);
        resolved(code);
      });
    });
  }

  get #heartbeatPath(): string {
    return join(this.folder, 'heartbeat.json');
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get losses(): readonly Loss[] {
    return this.#stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  get heartbeat() {
    return existsSync(this.#heartbeatPath) ? JSON.parse(readFileSync(this.#heartbeatPath, 'utf8')) : {};
  }

  /** Path of the checkpoint that its heartbeat names. */
  get checkpoint(): string {
    return join(this.checkpoints, this.heartbeat.checkpoint);
  }

  signal(signal: NodeJS.Signals): void {
    if (running.has(this)) this.#child.kill(signal);
  }

  /** Waits for something that it does. @throws where it has ended and did not. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      assert(running.has(this), `it has ended: ${this.#stderr}`);
      await soon();
    }
  }

  /** @returns its exit code; null where a signal ended it. */
  async end(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal !== undefined) this.signal(signal);
    return this.#closed;
  }
}

const textOf = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');

/** A training run that nothing disturbed: what the others are held against, and what is served. */
const steps = 60;
let undisturbed: Rank;

beforeAll(async () => {
  undisturbed = new Rank('train.ts', ['--steps', `${steps}`, '--checkpoint-every', '25']);
  const code = await undisturbed.end();
  assert(code === 0, undisturbed.stderr);
});

describe('train.ts', () => {
  test('learns: its loss begins where chance is, and falls by more than two fifths', () => {
    const { losses } = undisturbed;
    expect(losses.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, at) => at + 1));
    const { vocabulary } = readModel(join(undisturbed.checkpoints, 'model.json'));
    expect(losses[0]!.loss).toBeCloseTo(Math.log(vocabulary.length), 1);
    const last = losses.slice(-10).map(({ loss }) => loss);
    expect(Math.max(...last)).toBeLessThan(0.6 * losses[0]!.loss);
  });

  test('says in its heartbeat how far it is, and leaves checkpoints that were named and a model', () => {
    const { loss } = undisturbed.losses.at(-1)!;
    expect(undisturbed.heartbeat).toEqual({ step: steps, checkpoint: `step-${steps}.json`, metrics: { loss } });
    const left = ['model.json', 'step-25.json', 'step-50.json', `step-${steps}.json`];
    expect(readdirSync(undisturbed.checkpoints).toSorted()).toEqual(left);
    expect(readCheckpoint(undisturbed.checkpoint)).toMatchObject({ step: steps, seed: 1 });
  });

  test('stopped by SIGTERM it writes a checkpoint and ends with 143; resumed elsewhere it has the same losses, bit for bit', async () => {
    const stopped = new Rank('train.ts', ['--steps', `${steps}`, '--checkpoint-every', '1000']);
    await stopped.until(() => stopped.losses.length >= 20);
    expect(stopped.heartbeat).not.toHaveProperty('checkpoint');
    expect(await stopped.end('SIGTERM')).toBe(143);
    expect(stopped.heartbeat).toMatchObject({ checkpoint: `step-${stopped.losses.length}.json` });
    expect(existsSync(join(stopped.checkpoints, 'model.json'))).toBe(false);

    const resumed = new Rank('train.ts', ['--steps', `${steps}`], { ARCHIPEL_RESUME_FROM: stopped.checkpoint });
    expect(await resumed.end(), resumed.stderr).toBe(0);
    expect(resumed.losses[0]!.step).toBe(stopped.losses.length + 1);
    expect(stopped.stdout + resumed.stdout).toBe(undisturbed.stdout);
    expect(textOf(resumed.checkpoints, 'model.json')).toBe(textOf(undisturbed.checkpoints, 'model.json'));
    expect(textOf(resumed.checkpoints, `step-${steps}.json`)).toBe(
      textOf(undisturbed.checkpoints, `step-${steps}.json`),
    );
  });

  test('another seed has other losses, and is not gone on with by mistake', async () => {
    const other = new Rank('train.ts', ['--steps', '2'], { SEED: '2' });
    expect(await other.end()).toBe(0);
    expect(other.losses[0]!.loss).not.toBe(undisturbed.losses[0]!.loss);
    const mistaken = new Rank('train.ts', ['--steps', '3', '--seed', '1'], { ARCHIPEL_RESUME_FROM: other.checkpoint });
    expect(await mistaken.end()).toBe(1);
    expect(mistaken.stderr).toContain('was trained with --seed 2, not 1');
    expect(mistaken.heartbeat).toEqual({});
  });

  test('SIGUSR1 has it write a checkpoint and go on', async () => {
    const asked = new Rank('train.ts', ['--checkpoint-every', '1000000']);
    await asked.until(() => asked.losses.length >= 2);
    expect(asked.heartbeat).not.toHaveProperty('checkpoint');
    asked.signal('SIGUSR1');
    await asked.until(() => asked.heartbeat.checkpoint !== undefined);
    const { step } = readCheckpoint(asked.checkpoint);
    expect(asked.heartbeat.step).toBeGreaterThanOrEqual(step);
    await asked.until(() => asked.losses.length > step + 1);
    expect(await asked.end('SIGTERM')).toBe(143);
    // Node answers this signal with a debugger where a program does not.
    expect(asked.stderr).toBe('');
  });

  test('killed while it writes, it has named none but whole checkpoints', async () => {
    for (const round of [1, 2, 3, 4]) {
      const killed = new Rank('train.ts', ['--checkpoint-every', '1']);
      const isWriting = (): boolean =>
        killed.heartbeat.step >= round && readdirSync(killed.checkpoints).some((name) => name.endsWith('.unfinished'));
      await killed.until(isWriting);
      expect(await killed.end('SIGKILL')).toBeNull();
      const { checkpoint } = killed.heartbeat;
      if (checkpoint !== undefined) expect(`step-${readCheckpoint(killed.checkpoint).step}.json`).toBe(checkpoint);
      expect(round === 1 || checkpoint !== undefined).toBe(true);
    }
  });

  test('a checkpoint that is torn would be found out', async () => {
    const short = new Rank('train.ts', ['--steps', '1']);
    expect(await short.end()).toBe(0);
    truncateSync(short.checkpoint, 300_000);
    expect(() => readCheckpoint(short.checkpoint)).toThrow(SyntaxError);
    const resumed = new Rank('train.ts', ['--steps', '2'], { ARCHIPEL_RESUME_FROM: short.checkpoint });
    expect(await resumed.end()).toBe(1);
    expect(resumed.losses).toEqual([]);
  });

  test('a rank that is not the first tells its steps and writes nothing', async () => {
    const second = new Rank('train.ts', ['--steps', '2'], { ARCHIPEL_RANK: '1', ARCHIPEL_RANKS: '2' });
    expect(await second.end()).toBe(0);
    expect(second.heartbeat).toEqual({ step: 2, metrics: { loss: expect.any(Number) } });
    expect(existsSync(second.checkpoints)).toBe(false);
  });

  test('without Archipel it learns into a folder of where it stands', async () => {
    const folder = newFolder();
    const args = [join(examples, 'train.ts'), '--steps', '1'];
    expect(spawnSync(process.execPath, args, { cwd: folder, env: {} }).status).toBe(0);
    expect(readdirSync(folder)).toEqual(['checkpoints']);
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual(['model.json', 'step-1.json']);
  });
});

describe('serve.ts', () => {
  let serving: Rank;
  let client: OpenAI;
  let url: string;

  const startServing = async (): Promise<Rank> => {
    const rank = new Rank('serve.ts', [], { ARCHIPEL_DATA_MODEL: undisturbed.checkpoints });
    await rank.until(() => rank.heartbeat.port !== undefined);
    return rank;
  };
  const clientOf = (rank: Rank): OpenAI =>
    new OpenAI({ baseURL: `http://127.0.0.1:${rank.heartbeat.port}/v1`, apiKey: 'none is needed', maxRetries: 0 });

  beforeAll(async () => {
    serving = await startServing();
    client = clientOf(serving);
    url = `http://127.0.0.1:${serving.heartbeat.port}`;
  });

  const messages = [{ role: 'user', content: 'Tell me of the islands.' }] as const;
  const chat = { model: 'own-small', messages: [...messages], max_completion_tokens: 30 };

  test('is ready as soon as it says where it listens', async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await client.models.list()).data).toMatchObject([{ id: 'own-small', object: 'model' }]);
  });

  test('answers the SDK, with the same words to the same request, and counts characters', async () => {
    const answer = await client.chat.completions.create(chat);
    expect(answer).toMatchObject({ object: 'chat.completion', model: 'own-small' });
    const { message, finish_reason: finish } = answer.choices[0]!;
    expect(message).toMatchObject({ role: 'assistant', content: expect.stringMatching(/^[\w .,;:'\n]{30}$/) });
    expect(finish).toBe('length');
    expect(answer.usage).toMatchObject({ prompt_tokens: 23, completion_tokens: 30, total_tokens: 53 });
    expect((await client.chat.completions.create(chat)).choices).toEqual(answer.choices);
    const seeded = { ...chat, seed: 7 };
    expect((await client.chat.completions.create(seeded)).choices).not.toEqual(answer.choices);
    const [coldest, cold] = [0, 1e-300].map((temperature) =>
      client.chat.completions.create({ ...seeded, temperature }),
    );
    expect((await cold!).choices).toEqual((await coldest!).choices);
  });

  test('streams the same answer, character by character, with its usage where it is asked for', async () => {
    const { choices, usage } = await client.chat.completions.create(chat);
    const asked = { ...chat, stream: true, stream_options: { include_usage: true } } as const;
    const chunks = await Array.fromAsync(await client.chat.completions.create(asked));
    const contents = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '');
    expect(contents.join('')).toBe(choices[0]!.message.content);
    expect(contents.filter((content) => content !== '')).toHaveLength(30);
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('length');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    const plain = await Array.fromAsync(await client.chat.completions.create({ ...chat, stream: true }));
    expect(plain).toHaveLength(chunks.length - 1);
    expect(plain.every((chunk) => !('usage' in chunk))).toBe(true);
  });

  test('ends a stream by [DONE], one event after the other', async () => {
    const body = JSON.stringify({ ...chat, max_completion_tokens: 2, stream: true });
    const got = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body });
    expect(got.headers.get('content-type')).toBe('text/event-stream');
    const events = (await got.text()).split('\n\n');
    expect(events).toHaveLength(6);
    expect(events.slice(-2)).toEqual(['data: [DONE]', '']);
    expect(events.slice(0, -2).every((event) => JSON.parse(event.replace(/^data: /, '')).choices.length === 1)).toBe(
      true,
    );
  });

  test('stops at a text that it was given, and at the most that is asked for by its older name', async () => {
    const long = await client.chat.completions.create(chat);
    const whole = long.choices[0]!.message.content!;
    const stop = whole.slice(10, 12);
    const short = await client.chat.completions.create({ ...chat, stop });
    expect(short.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: whole.slice(0, whole.indexOf(stop)) },
    });
    const older = { model: chat.model, messages: chat.messages, max_tokens: 5 };
    const { choices } = await client.chat.completions.create(older);
    expect(choices[0]!.message.content).toBe(whole.slice(0, 5));
  });

  test.each<[string, object, string | null]>([
    ['a body that is a list', [], null],
    ['no model', { ...chat, model: undefined }, 'model'],
    ['no messages', { ...chat, messages: [] }, 'messages'],
    ['an image', { ...chat, messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'messages[0].content'],
    ['a temperature out of bounds', { ...chat, temperature: 3 }, 'temperature'],
    ['half a token', { ...chat, max_completion_tokens: 0.5 }, 'max_completion_tokens'],
    ['tools', { ...chat, tools: [{ type: 'function', function: { name: 'f' } }] }, 'tools'],
    ['two answers', { ...chat, n: 2 }, 'n'],
    ['an empty stop', { ...chat, stop: '' }, 'stop'],
    ['stream as a word', { ...chat, stream: 'yes' }, 'stream'],
  ])('refuses %s, and names it', async (_, body, param) => {
    const got = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
    expect(got.status).toBe(400);
    const { error } = JSON.parse(await got.text());
    expect(error).toMatchObject({ type: 'invalid_request_error', param, message: expect.any(String) });
  });

  test('refuses what is no JSON, too large, for another model, of another method or nowhere', async () => {
    const send = async (path: string, init: RequestInit) => {
      const got = await fetch(`${url}${path}`, init);
      return { status: got.status, allow: got.headers.get('allow'), ...JSON.parse(await got.text()) };
    };
    const completions = '/v1/chat/completions';
    const error = { type: 'invalid_request_error', message: expect.any(String) };
    expect(await send(completions, { method: 'POST', body: '{"model":' })).toMatchObject({ status: 400, error });
    expect(await send(completions, { method: 'POST', body: ' '.repeat(2_000_000) })).toMatchObject({
      status: 413,
      error,
    });
    expect(await send(completions, {})).toMatchObject({ status: 405, allow: 'POST', error });
    expect(await send('/v1/embeddings', { method: 'POST' })).toMatchObject({ status: 404, error });
    const unknown = client.chat.completions.create({ ...chat, model: 'own-large' });
    await expect(unknown).rejects.toThrow(OpenAI.NotFoundError);
    await expect(unknown).rejects.toMatchObject({ code: 'model_not_found' });
  });

  test('a client that leaves in the middle, or somebody who wants a checkpoint, does it no harm', async () => {
    serving.signal('SIGUSR1');
    const stream = await client.chat.completions.create({ ...chat, stream: true });
    for await (const _ of stream) stream.controller.abort();
    expect((await client.chat.completions.create(chat)).choices).toHaveLength(1);
    expect(serving.stderr).toBe('');
  });

  test('SIGTERM lets a running answer end, takes no new connection, and ends with 0', async () => {
    const rank = await startServing();
    const { port } = rank.heartbeat;
    const stream = await clientOf(rank).chat.completions.create({ ...chat, max_completion_tokens: 40, stream: true });
    let text = '';
    let refused: unknown = null;
    for await (const { choices } of stream) {
      if (text.length < 3) rank.signal('SIGTERM');
      text += choices[0]?.delta.content ?? '';
      // The first one may have been let in by the system and cut off; afterwards nobody is.
      refused = await connectionFault(port);
    }
    expect(text).toHaveLength(40);
    expect(refused).toBe('ECONNREFUSED');
    expect(await rank.end()).toBe(0);
    expect(rank.stderr).toBe('');
  });

  test('SIGTERM ends it at once where nobody waits, also on connections that are kept', async () => {
    const rank = await startServing();
    await clientOf(rank).models.list();
    expect(await rank.end('SIGTERM')).toBe(0);
  });

  test('without a model it ends, and never says that it serves', async () => {
    const rank = new Rank('serve.ts', [], { ARCHIPEL_DATA_MODEL: newFolder() });
    expect(await rank.end()).toBe(1);
    expect(rank.heartbeat).toEqual({});
  });
});

/** Why a new connection to a port fails; null where somebody answers. */
const connectionFault = (port: number): Promise<string | null> =>
  new Promise((resolved) => {
    const asking = request({ host: '127.0.0.1', port, path: '/healthz', agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolved(null));
    });
    asking.once('error', (error: NodeJS.ErrnoException) => resolved(error.code ?? error.message));
    asking.end();
  });

/** The same words to both clients, as programs of their languages. */
const clients = [
  {
    name: 'heartbeat.ts',
    isMissing: false,
    command: process.execPath,
    // Beside the client, as a user's own program is.
    args: (program: string) => [
      '--input-type=module-typescript',
      '--eval',
      `import * as client from '${examples}/heartbeat.ts'; ${program}`,
    ],
    constants: 'console.log(JSON.stringify([client.rank, client.checkpointFolder, client.resumeFrom]));',
    beats: `client.beat({ step: 3, metrics: { loss: 2.5, lost: NaN } });
      client.beat({ checkpoint: 'step-3.json' });
      client.beat({ step: 4, port: 8000 });`,
    manyBeats: `const metrics = Object.fromEntries(Array.from({ length: 500 }, (_, at) => ['metric-' + at, at]));
      for (let step = 1; step <= 600; step++) client.beat({ step, metrics });`,
  },
  {
    name: 'heartbeat.py',
    isMissing: isPythonMissing,
    command: 'python3',
    args: (program: string) => [
      '-c',
      `import json, sys; sys.dont_write_bytecode = True; sys.path.insert(0, '${examples}'); import heartbeat as client\n${program}`,
    ],
    constants: 'print(json.dumps([client.RANK, client.CHECKPOINT_FOLDER, client.RESUME_FROM]))',
    beats: `client.beat(step=3, metrics={"loss": 2.5, "lost": float("nan")})
client.beat(checkpoint="step-3.json")
client.beat(step=4, port=8000)`,
    manyBeats: `metrics = {f"metric-{at}": at for at in range(500)}
for step in range(1, 601): client.beat(step=step, metrics=metrics)`,
  },
];

describe.each(clients)('the client $name', ({ isMissing, command, args, constants, beats, manyBeats }) => {
  const run = (program: string, env: Readonly<Record<string, string>>, cwd = newFolder()) =>
    spawnSync(command, args(program), { cwd, env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' });

  test.skipIf(isMissing)('finds what it was started with, and goes without', () => {
    const env = { ARCHIPEL_RANK: '3', ARCHIPEL_CHECKPOINT: '/own', ARCHIPEL_RESUME_FROM: '/other/step-9' };
    expect(JSON.parse(run(constants, env).stdout)).toEqual([3, '/own', '/other/step-9']);
    expect(JSON.parse(run(constants, {}).stdout)).toEqual([0, null, null]);
  });

  test.skipIf(isMissing)(
    'adds what is new to what was said, without what is no number, and leaves nothing beside',
    () => {
      const folder = newFolder();
      expect(run(beats, { ARCHIPEL_HEARTBEAT_FILE: join(folder, 'heartbeat.json') })).toMatchObject({
        status: 0,
        stderr: '',
      });
      const said = { step: 4, checkpoint: 'step-3.json', port: 8000, metrics: { loss: 2.5 } };
      expect(JSON.parse(textOf(folder, 'heartbeat.json'))).toEqual(said);
      expect(readdirSync(folder)).toEqual(['heartbeat.json']);
    },
  );

  test.skipIf(isMissing)('says nothing where nobody listens', () => {
    const folder = newFolder();
    expect(run(beats, {}, folder)).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.skipIf(isMissing)('is never read in the middle of a word', async () => {
    const folder = newFolder();
    const path = join(folder, 'heartbeat.json');
    const env = { PATH: process.env['PATH'], ARCHIPEL_HEARTBEAT_FILE: path };
    const child = spawn(command, args(manyBeats), { env, stdio: 'ignore' });
    const closed = new Promise((resolved) => child.once('close', resolved));
    let steps = 0;
    for (let last = 0; last < 600; await new Promise(setImmediate)) {
      assert(child.exitCode === null || existsSync(path), 'it has ended and said nothing');
      if (!existsSync(path)) continue;
      const { step, metrics } = JSON.parse(readFileSync(path, 'utf8'));
      expect(Object.keys(metrics)).toHaveLength(500);
      steps += step === last ? 0 : 1;
      last = step;
    }
    expect(await closed).toBe(0);
    // It was read while it was written, not only before and after.
    expect(steps).toBeGreaterThan(10);
  });
});

describe.each(['train.yaml', 'serve.yaml'])('%s', (name) => {
  test('is a job file', () => {
    const spec = jobSchema.parse(parse(textOf(examples, name)));
    const [program, script] = spec.command;
    expect(program).toBe('node');
    expect(existsSync(join(examples, script!))).toBe(true);
  });
});
