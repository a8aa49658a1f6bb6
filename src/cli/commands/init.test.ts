import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkFile, loadOperating } from '../../app/index.ts';
import { isWellFormedKey } from '../../access/index.ts';
import { exitCodes, UsageError, type OptionValues, type Terminal } from '../Command.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { init } from './init.ts';

const { knownVendors, modelsOnOffer } = await loadOperating();

const root = mkdtempSync(join(tmpdir(), 'archipel-init-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
const freshFolder = (): string => join(root, String((made += 1)));

const own = { provider: ['own=http://127.0.0.1:8000/v1'], model: ['llama'] };

const run = async (
  options: OptionValues,
  ask?: Terminal['ask'],
): Promise<{ readonly code: number; readonly stdout: string }> => {
  const { terminal, written } = keepingTerminal(root);
  const code = await init.run({ options, positionals: [], terminal: ask ? { ...terminal, ask } : terminal });
  return { code, stdout: written.stdout };
};

const check = async (folder: string): Promise<unknown> => {
  const config = join(folder, 'archipel.yaml');
  const referred = readFileSync(config, 'utf8').matchAll(/\$\{env:(\w+)\}/g);
  return checkFile({
    config,
    env: Object.fromEntries(Array.from(referred, ([, name = '']) => [name, 'given'])),
    cwd: root,
  });
};

const valid = { valid: true, faults: [], warnings: [] };

describe('a first file', () => {
  test('is valid for every vendor that is known, by itself', async () => {
    for (const vendor of knownVendors()) {
      const dir = freshFolder();
      const [model = ''] = modelsOnOffer([vendor]);
      expect(await run({ provider: [vendor], model: [model], dir }), vendor).toMatchObject({ code: exitCodes.ok });
      expect(await check(dir), vendor).toMatchObject(valid);
    }
  });

  test('is valid with several vendors behind one name, and an endpoint of one’s own', async () => {
    const dir = freshFolder();
    const [first = '', second = ''] = knownVendors();
    const model = `chat=${modelsOnOffer([first])[0]},${modelsOnOffer([second])[0]},own/llama-4:free`;
    await run({
      provider: [first, second, 'own=http://10.0.0.5:8000/v1'],
      model: [model],
      dir,
      listen: '[::1]:9000',
      budget: '2.5',
    });
    expect(await check(dir)).toMatchObject(valid);
    const text = readFileSync(join(dir, 'archipel.yaml'), 'utf8');
    expect(text).toContain('listen: { host: "::1", port: 9000 }');
    expect(text).toContain('budget: { usd: "2.5", window: month, hard: true }');
    expect(text.match(/provider: /g)).toHaveLength(3);
  });

  test.each(['ollama', 'llama.cpp', 'lmstudio', 'vllm'])('knows where %s listens', async (engine) => {
    const dir = freshFolder();
    await run({ provider: [engine], model: ['llama'], dir });
    expect(await check(dir)).toMatchObject(valid);
    const text = readFileSync(join(dir, 'archipel.yaml'), 'utf8');
    expect(text).toMatch(/vendor: self\n {4}host: self\n {4}baseUrl: "http:\/\/127\.0\.0\.1:\d+\/v1"/);
  });

  test('holds the hash of the key that is shown once, and no secret', async () => {
    const dir = freshFolder();
    const { stdout } = await run({ ...own, dir, json: true });
    const { key, next, path, models } = JSON.parse(stdout) as Record<string, string>;
    expect([path, models]).toEqual([join(dir, 'archipel.yaml'), ['llama']]);
    expect(next).toContainEqual(expect.stringContaining('archipel -- doctor'));
    expect(isWellFormedKey(key ?? '')).toBe(true);
    const text = readFileSync(join(dir, 'archipel.yaml'), 'utf8');
    expect(text).toContain(
      `sha256:${createHash('sha256')
        .update(key ?? '')
        .digest('hex')}`,
    );
    expect(text).not.toContain(key);
    expect(statSync(join(dir, 'archipel.yaml')).mode & 0o777).toBe(0o600);
  });

  test('is written over by force alone, and leaves nothing else behind', async () => {
    const dir = freshFolder();
    await run({ ...own, dir });
    const before = readFileSync(join(dir, 'archipel.yaml'), 'utf8');
    await expect(run({ ...own, dir })).rejects.toThrow('--force writes over it');
    expect(readFileSync(join(dir, 'archipel.yaml'), 'utf8')).toBe(before);
    await run({ ...own, dir, force: true });
    expect(readFileSync(join(dir, 'archipel.yaml'), 'utf8')).not.toBe(before);
    expect(readdirSync(dir)).toEqual(['archipel.yaml']);
  });
});

describe('questions', () => {
  test('are asked of a person, for what no option says', async () => {
    const dir = freshFolder();
    const asked: string[] = [];
    const answers = ['own=http://127.0.0.1:8000/v1', 'chat=llama', ''];
    await run({ dir }, (question) => {
      asked.push(question);
      return Promise.resolve(answers[asked.length - 1] ?? null);
    });
    expect(asked.map((question) => question.split(/[ (,]/, 1)[0])).toEqual(['Vendors', 'Models', 'Most']);
    expect(await check(dir)).toMatchObject(valid);
  });

  test('have an option each: none is asked where all are given, and nobody is asked without a terminal', async () => {
    const never = (): never => {
      throw new Error('nobody is asked');
    };
    await run({ ...own, budget: '7', dir: freshFolder() }, never);
    await expect(run({ dir: freshFolder() })).rejects.toThrow('--provider takes a vendor');
    await expect(run({ provider: own.provider, dir: freshFolder() })).rejects.toThrow('--model takes');
  });

  test.each([0, 1, 2])('that are ended at number %i leave nothing written', async (answered) => {
    const dir = freshFolder();
    const answers = ['own=http://127.0.0.1:8000/v1', 'llama'].slice(0, answered);
    const ended = run({ dir }, () => Promise.resolve(answers.shift() ?? null));
    await expect(ended).rejects.toThrow('nothing was written');
    expect(existsSync(dir)).toBe(false);
  });
});

test.each([
  [{ provider: ['opnai'], model: ['x'] }, 'no vendor opnai is known'],
  [{ provider: ['own=nowhere'], model: ['x'] }, 'own is no address'],
  [{ provider: ['own=http://169.254.169.254/v1'], model: ['x'] }, 'a link-local address'],
  [{ provider: ['a=http://127.0.0.1:1', 'b=http://127.0.0.1:2'], model: ['x'] }, 'say whose it is, as a/x'],
  [{ ...own, model: ['x', 'y=x', 'x'] }, 'two models are called x'],
  [{ ...own, model: ['two words'] }, 'expected the name of a model'],
  [{ ...own, model: ['name='] }, 'name= names no model'],
  [{ ...own, listen: 'here' }, '--listen takes host:port'],
  [{ ...own, listen: '127.0.0.1:70000' }, '--listen takes host:port'],
  [{ ...own, budget: 'much' }, '--budget takes US dollars'],
])('an answer that fits nowhere is wrong use, and nothing is written: %j', async (options, said) => {
  const dir = freshFolder();
  const refused = await run({ ...options, dir }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect(String(refused)).toContain(said);
  expect(existsSync(dir)).toBe(false);
});
