// README.md and docs/guide.md say what is so: their commands are run as they stand.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import { helpOf } from '../../src/cli/helpOf.fixture.ts';
import { faultNames } from '../../src/sandbox/index.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { removeFolder, startServer, temporaryFolder, type Ended, type Server } from '../rigs/startServer.ts';

const repository = resolve(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(repository, path), 'utf8');
const readme = textOf('README.md');
const guide = textOf('docs/guide.md');
const operating = textOf('docs/operating.md');

/** Commands of the fenced `sh` blocks, one each, their continued lines joined as a shell does. */
const commands: readonly string[] = [...readme.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
  block
    .replaceAll('\\\n', '')
    .split('\n')
    .filter((line) => line.trim() !== ''),
);

const beginningWith = (start: string): readonly string[] => commands.filter((command) => command.startsWith(start));
const curls = beginningWith('curl ');
const commandLine = 'npm run --silent archipel -- ';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const isCurlMissing = !hasCurl && process.env['CI'] === undefined;
if (isCurlMissing) process.stderr.write('skipped: curl is not installed, and the curl lines of README.md need it\n');

/** Runs a line as a reader would paste it. */
const bash = async (line: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> => {
  const child = spawn('bash', ['-c', line], {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const code = await new Promise<number | null>((resolved) => child.once('close', resolved));
  return { code, stdout, stderr };
};

describe('the lines of README.md', () => {
  let server: Server;
  /** Of curl: its settings, and the heads that it was sent. */
  let folder: string;

  beforeAll(async () => {
    server = await startServer();
    folder = temporaryFolder();
    writeFileSync(join(folder, '.curlrc'), `silent\nshow-error\ndump-header = "${folder}/head"\n`);
  });
  afterAll(async () => {
    await server.stop();
    await removeServer(server);
    removeFolder(folder);
  });

  interface Answer {
    readonly status: number;
    readonly head: string;
    readonly body: string;
  }

  /** Runs a curl line against the sandbox of this test, whose port is a free one. */
  const curl = async (line: string): Promise<Answer> => {
    const address = 'http://127.0.0.1:8787';
    expect(line).toContain(address);
    const { code, stdout, stderr } = await bash(line.replace(address, server.url), { CURL_HOME: folder });
    expect(code, stderr).toBe(0);
    const head = readFileSync(join(folder, 'head'), 'utf8');
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body: stdout };
  };

  const curlOf = (path: string): Promise<Answer> => {
    const [line, ...others] = curls.filter((one) => one.includes(`${path} `));
    assert(line !== undefined && others.length === 0, `README.md calls ${path} once`);
    return curl(line);
  };

  const archipel = (line: string): Promise<Ended> => bash(`${line} --data-dir ${server.dataDir}`);

  test('are all of kinds that are run here', () => {
    const known = [
      ...curls,
      ...beginningWith(commandLine),
      ...beginningWith('npm start -- '),
      ...beginningWith('export '),
    ];
    expect(commands.filter((command) => !known.includes(command))).toEqual([]);
    expect(curls).toHaveLength(4);
  });

  test.skipIf(isCurlMissing)('ask something over the chat wire, and are answered by the sandbox', async () => {
    const { status, head, body } = await curlOf('/v1/chat/completions');
    expect(status, body).toBe(200);
    expect(head).toMatch(/^x-archipel-sandbox: true\r$/m);
    expect(head).toMatch(/^x-archipel-target: \w+\/chat-large\r$/m);
    expect(JSON.parse(body)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: expect.stringMatching(/\S/) }, finish_reason: 'stop' }],
      usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
    });
  });

  test.skipIf(isCurlMissing)(
    'ask the same over the messages wire, and see the stream from its start to its end',
    async () => {
      const { status, body } = await curlOf('/v1/messages');
      expect(status, body).toBe(200);
      const events = [...body.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
      expect(events.at(0)).toBe('message_start');
      expect(events).toContain('content_block_delta');
      expect(events.at(-1)).toBe('message_stop');
    },
  );

  test.skipIf(isCurlMissing)('get a vector and the models that there are', async () => {
    const vectors = await curlOf('/v1/embeddings');
    expect(vectors.status, vectors.body).toBe(200);
    const { data }: { data: { embedding: number[] }[] } = JSON.parse(vectors.body);
    expect(data.map(({ embedding }) => embedding.length)).toEqual([1536]);
    const models = await curlOf('/v1/models');
    expect(models.status).toBe(200);
    const listed: { data: { id: string }[] } = JSON.parse(models.body);
    expect(listed.data.map(({ id }) => id)).toEqual(['chat-large', 'chat-small', 'embed-small', 'own-small']);
  });

  test.skipIf(isCurlMissing)(
    'lose a vendor, ask again without noticing, say what it cost and why it went there, and mend it',
    async () => {
      const [lose = '', ...others] = beginningWith(`${commandLine}sandbox fault`);
      expect(others).toHaveLength(1);
      const before = await curlOf('/v1/chat/completions');
      // Its floor is paid for by the minute, and takes what comes first.
      expect(before.head).toMatch(/^x-archipel-target: borealis\//m);
      expect(await archipel(lose)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^borealis .* down /m) });
      const after = await curlOf('/v1/chat/completions');
      expect(after.status).toBe(200);
      expect(after.head).toMatch(/^x-archipel-target: aurora\//m);

      const [usage = ''] = beginningWith(`${commandLine}usage`);
      const used = await archipel(usage);
      expect(used.code, used.stderr).toBe(0);
      expect(used.stdout).toMatch(/^VENDOR +ATTEMPTS/);
      expect(used.stdout).toMatch(/^aurora +\d+ .*\$\d/m);

      const [why = ''] = beginningWith(`${commandLine}why`);
      const id = /^x-archipel-request-id: (\S+)\r$/m.exec(after.head)?.[1] ?? '';
      const explained = await archipel(why.replace(/<.*>/, id));
      expect(explained.code, explained.stderr).toBe(0);
      expect(explained.stdout).toContain(`request ${id}: chat-large for demo (demo), 200`);
      expect(explained.stdout).toMatch(/^attempt 1: borealis\/chat-large$/m);
      expect(explained.stdout).toMatch(/^attempt 2: aurora\/chat-large$/m);
      expect(explained.stdout).toMatch(/^ +borealis\/chat-large +\$0\.\d{6} .*(already tried|target benched)/m);

      const [mend = ''] = others;
      expect(await archipel(mend)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^borealis .* none /m) });
    },
  );
});

describe("the lines of README.md about a configuration of one's own", () => {
  const [exported = '', ...more] = beginningWith('export ');
  const env = Object.fromEntries(
    [...exported.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const [start = ''] = beginningWith('npm start -- ');
  const [, path = ''] = /--config (\S+)/.exec(start) ?? [];

  test('check the example that they name, with the secrets that they name', async () => {
    expect(more).toEqual([]);
    const [check = ''] = beginningWith(`${commandLine}check`);
    expect(check).toContain(path);
    expect(await bash(`${exported}\n${check}`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('examples/archipel.yaml is valid'),
      stderr: '',
    });
    // Without the secrets the same line says what is missing.
    const bare = await bash(check, Object.fromEntries(Object.keys(env).map((name) => [name, ''])));
    expect(bare.code).toBe(2);
    expect(bare.stderr).toMatch(/archipel\.yaml:\d+:\d+: .*OPENAI_API_KEY/);
  });

  test('start it, and make a key for a team that it has', async () => {
    const server = await startServer({ env, arguments: ['--config', join(repository, path)] });
    try {
      const [create = ''] = beginningWith(`${commandLine}keys create`);
      const made = await bash(`${create} --data-dir ${server.dataDir}`);
      expect(made.code, made.stderr).toBe(0);
      const [key = ''] = made.stdout.split('\n');
      const models = await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
      expect(models.status).toBe(200);
    } finally {
      await server.stop();
      await removeServer(server);
    }
  });
});

describe('README.md and the guide', () => {
  const texts = [
    ['README.md', readme],
    ['docs/guide.md', guide],
    ['docs/operating.md', operating],
  ] as const;
  /** What stands between single backticks, its line breaks as spaces. */
  const inline = (text: string): readonly string[] =>
    [...text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) =>
      code.replaceAll('\n', ' '),
    );
  let overview = '';
  let names: readonly string[] = [];
  const optionsOf = new Map<string, ReadonlySet<string>>();

  beforeAll(async () => {
    overview = await helpOf();
    names = [...overview.matchAll(/^ {2}([a-z-]+(?: [a-z-]+)?) /gm)].map(([, name = '']) => name);
    for (const name of names) {
      const help = await helpOf(...name.split(' '));
      optionsOf.set(name, new Set([...help.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, option = '']) => option)));
    }
  });

  /** The command that a text after "archipel " begins with. */
  const commandIn = (text: string): string | undefined =>
    names.toSorted((one, other) => other.length - one.length).find((name) => `${text} `.startsWith(`${name} `));

  test.each(texts)('%s names commands that there are, with options that they take', (_, text) => {
    const lines = [...inline(text), ...commands.filter((command) => text.includes(command))]
      .map((code) =>
        code.replace(/^npm run --silent archipel -- /, 'archipel ').replace(/^npm start( --)? /, 'archipel up '),
      )
      .filter((code) => /^archipel [^<]/.test(code));
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      const name = commandIn(line.slice('archipel '.length));
      assert(name !== undefined, `"${line}" is a command`);
      for (const [, option = ''] of line.matchAll(/--([a-z][a-z-]*)/g))
        expect(optionsOf.get(name)?.has(option), `${line}: --${option}`).toBe(true);
    }
  });

  test.each(texts)('%s names options that some command takes, and variables that the program reads', (_, text) => {
    const program = globSync('src/**/*.ts', { cwd: repository, exclude: (path) => path.endsWith('.test.ts') })
      .map(textOf)
      .join('\n');
    for (const code of inline(text)) {
      const [, option = ''] = /^--([a-z-]+)/.exec(code) ?? [];
      if (option !== '')
        expect(
          [...optionsOf.values()].some((options) => options.has(option)),
          code,
        ).toBe(true);
      for (const [variable] of code.matchAll(/\bARCHIPEL_[A-Z_]+/g)) expect(program, variable).toContain(variable);
    }
  });

  test('name every command of the program', () => {
    const told = [...inline(readme), ...inline(guide), ...commands].join('\n');
    expect(names.filter((name) => !told.includes(name))).toEqual([]);
  });

  test('name every fault of the sandbox', () => {
    const told = new Set(inline(guide));
    expect(faultNames.filter((name) => !told.has(name))).toEqual([]);
  });

  test.each(texts)('%s links to files that there are', (path, text) => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(1);
    for (const link of links) expect(existsSync(resolve(repository, path, '..', link)), link).toBe(true);
  });
});
