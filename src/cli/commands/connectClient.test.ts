import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { endAfterEach } from '../../../test/rigs/endAfterEach.ts';
import { answer, ScriptedUpstream } from '../../../test/rigs/ScriptedUpstream.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { runCommand } from '../runCommand.ts';

const end = endAfterEach();

let key: string;
const models = { object: 'list', data: [{ id: 'chat-large' }, { id: 'chat-small' }] };

let home: string;
let gateway: ScriptedUpstream;

beforeEach(async () => {
  key = 'sk-archipel-test';
  home = mkdtempSync(join(tmpdir(), 'archipel-connect-'));
  end(() => rmSync(home, { recursive: true, force: true }));
  gateway = await ScriptedUpstream.open(answer(200, models));
  end(() => gateway[Symbol.asyncDispose]());
});

const connectWith = async (more: Readonly<Record<string, string>>, ...args: readonly string[]) => {
  const { terminal, written } = keepingTerminal(home);
  const env = { HOME: home, ARCHIPEL_API_KEY: key, ARCHIPEL_URL: gateway.url, ...more };
  const code = await runCommand(['connect', ...args], { ...terminal, env });
  return { code, ...written };
};

const connect = (...args: readonly string[]) => connectWith({}, ...args);

const settings = (): string => join(home, '.claude', 'settings.json');

describe('archipel connect', () => {
  test('writes what the client needs, for its owner alone, and never shows the key', async () => {
    const { code, stdout, stderr } = await connect('claude-code', '--model', 'chat-small');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('ANTHROPIC_AUTH_TOKEN = "(the key)"');
    expect(stdout).toContain('archipel connect claude-code --undo');
    expect(stdout).not.toContain(key);
    expect(JSON.parse(readFileSync(settings(), 'utf8'))).toEqual({
      env: {
        ANTHROPIC_BASE_URL: gateway.url,
        ANTHROPIC_AUTH_TOKEN: key,
        ANTHROPIC_MODEL: 'chat-small',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
    });
    expect(statSync(settings()).mode & 0o777).toBe(0o600);
    expect(gateway.calls.map(({ path, headers }) => [path, headers['authorization']])).toEqual([
      ['/v1/models', `Bearer ${key}`],
    ]);
  });

  test('shows no key that JSON writes in another way, either', async () => {
    key = 'k"e\\y%+/&-of-a-test';
    for (const args of [['claude-code'], ['codex', '--dry-run', '--json']]) {
      const { code, stdout } = await connect(...args);
      expect(code).toBe(0);
      expect(stdout).toContain('(the key)');
      expect(stdout).not.toContain('of-a-test');
    }
    expect(JSON.parse(readFileSync(settings(), 'utf8'))).toMatchObject({ env: { ANTHROPIC_AUTH_TOKEN: key } });
  });

  test('shows it with --dry-run, and writes nothing', async () => {
    const { code, stdout } = await connect('codex', '--dry-run', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ client: 'codex', model: 'chat-large', written: false });
    expect(stdout).not.toContain(key);
    expect(existsSync(join(home, '.codex'))).toBe(false);
    expect(existsSync(join(home, '.archipel'))).toBe(false);
  });

  test('--undo puts back what was there before the first time, and takes away what was made', async () => {
    mkdirSync(join(home, '.claude'));
    const mine = '{\n  "env": {\n    "ANTHROPIC_MODEL": "opus"\n  }\n}\n';
    writeFileSync(settings(), mine);
    await connect('claude-code');
    await connect('claude-code', '--model', 'chat-small');
    await connect('gemini');
    expect((await connect('claude-code', '--undo', '--dry-run')).stdout).toContain('Nothing was written');
    expect(readFileSync(settings(), 'utf8')).toContain('chat-small');
    expect((await connect('claude-code', '--undo')).code).toBe(0);
    expect(readFileSync(settings(), 'utf8')).toBe(mine);
    expect((await connect('gemini', '--undo')).code).toBe(0);
    expect(existsSync(join(home, '.gemini', 'settings.json'))).toBe(false);
    const again = await connect('gemini', '--undo');
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('nothing to undo')]);
  });

  test('leaves what somebody has changed since, and says so', async () => {
    await connect('claude-code');
    const written = JSON.parse(readFileSync(settings(), 'utf8'));
    writeFileSync(settings(), JSON.stringify({ ...written, env: { ...written.env, ANTHROPIC_MODEL: 'mine' } }));
    const { stdout } = await connect('claude-code', '--undo');
    expect(stdout).toContain('env.ANTHROPIC_MODEL, which was changed since');
    expect(JSON.parse(readFileSync(settings(), 'utf8'))).toEqual({ env: { ANTHROPIC_MODEL: 'mine' } });
  });

  test('follows a link to where the settings are kept', async () => {
    const kept = join(home, 'dotfiles.json');
    writeFileSync(kept, '{}');
    mkdirSync(join(home, '.claude'));
    symlinkSync(kept, settings());
    await connect('claude-code');
    expect(readFileSync(kept, 'utf8')).toContain(key);
  });

  test('breaks nothing that it cannot read', async () => {
    mkdirSync(join(home, '.claude'));
    writeFileSync(settings(), '{ // mine\n}');
    const { code, stderr } = await connect('claude-code');
    expect([code, stderr]).toEqual([2, expect.stringContaining('comments')]);
    expect(readFileSync(settings(), 'utf8')).toBe('{ // mine\n}');
  });

  test('says which clients and models there are', async () => {
    const noClient = await connect('clippy');
    expect([noClient.code, noClient.stderr]).toEqual([2, expect.stringContaining('claude-code, codex')]);
    const noModel = await connect('codex', '--model', 'x');
    expect([noModel.code, noModel.stderr]).toEqual([2, expect.stringContaining('chat-large, chat-small')]);
  });

  test('does not write a key that the gateway does not take', async () => {
    gateway.always(answer(401, { error: { message: 'no' } }));
    const { code, stderr } = await connect('codex');
    expect(code).toBe(4);
    expect(stderr).not.toContain(key);
    expect(existsSync(join(home, '.codex'))).toBe(false);
  });

  test('--undo finds the files where they were written, wherever the client keeps its settings by now', async () => {
    const elsewhere = join(home, 'elsewhere');
    await connectWith({ CODEX_HOME: elsewhere }, 'codex');
    await connect('codex');
    expect(existsSync(join(elsewhere, 'config.toml'))).toBe(true);
    expect((await connect('codex', '--undo')).code).toBe(0);
    expect(existsSync(join(elsewhere, 'config.toml'))).toBe(false);
    expect(existsSync(join(home, '.codex', 'config.toml'))).toBe(false);
  });

  test('takes an empty variable for none', async () => {
    await connectWith({ CLAUDE_CONFIG_DIR: '' }, 'claude-code');
    expect(existsSync(settings())).toBe(true);
  });

  test('undoes the other files where one cannot be, says so, and can be run again', async () => {
    await connect('gemini');
    const [json, env] = [join(home, '.gemini', 'settings.json'), join(home, '.gemini', '.env')];
    const written = readFileSync(json, 'utf8');
    writeFileSync(json, `// mine\n${written}`);
    const first = await connect('gemini', '--undo');
    expect([first.code, first.stdout]).toEqual([1, expect.stringContaining(`${json} is not undone`)]);
    expect(existsSync(env)).toBe(false);
    writeFileSync(json, written);
    expect((await connect('gemini', '--undo', '--json')).code).toBe(0);
    expect(existsSync(json)).toBe(false);
    expect((await connect('gemini', '--undo')).code).toBe(2);
  });

  test('keeps the key from others in a file that they could read before', async () => {
    mkdirSync(join(home, '.claude'));
    writeFileSync(settings(), '{}');
    chmodSync(settings(), 0o644);
    await connect('claude-code');
    expect(statSync(settings()).mode & 0o777).toBe(0o600);
  });

  test('puts back lines of an .env file and of a TOML file byte for byte', async () => {
    const texts = [
      ['gemini', join(home, '.gemini', '.env'), 'A=1\n export GEMINI_API_KEY="mine" # it\'s my key\nB=2'],
      [
        'codex',
        join(home, '.codex', 'config.toml'),
        "model = 'mine' # it's mine\r\n\r\n[model_providers.archipel]\r\nx = [\r\n  [1],\r\n]\r\n",
      ],
    ] as const;
    for (const [client, path, text] of texts) {
      mkdirSync(dirname(path));
      writeFileSync(path, text);
      expect((await connect(client)).code).toBe(0);
      expect((await connect(client, '--model', 'chat-small')).code).toBe(0);
      expect(readFileSync(path, 'utf8')).toContain('chat-small');
      await connect(client, '--undo');
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
  });

  test('writes back what was there where a new connection asks for just that', async () => {
    mkdirSync(join(home, '.codex'));
    const path = join(home, '.codex', 'config.toml');
    const mine = `model = "chat-large"\nmodel_provider = "archipel"\n\n[model_providers.archipel]\nname = "Archipel"\nbase_url = "${gateway.url}/v1"\nwire_api = "responses"\nexperimental_bearer_token = "${key}"\n`;
    writeFileSync(path, mine);
    await connect('codex', '--model', 'chat-small');
    expect(readFileSync(path, 'utf8')).toContain('chat-small');
    await connect('codex');
    expect(readFileSync(path, 'utf8')).toBe(mine);
  });
});
