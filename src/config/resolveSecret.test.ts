import { describe, expect, test } from 'vitest';
import type { SecretReference } from '../kernel/index.ts';
import { resolveSecret } from './resolveSecret.ts';
import type { SecretSources } from './resolveSecret.ts';

const fromEnv: SecretReference = { kind: 'env', name: 'KEY' };
const fromFile: SecretReference = { kind: 'file', path: '/run/secrets/key' };

const sources = (env: Record<string, string | undefined>, file?: string): SecretSources => ({
  env,
  readFile: () => {
    if (file === undefined) throw Object.assign(new Error('no such file: canary-8d1f'), { code: 'ENOENT' });
    return file;
  },
});

const faultOf = (reference: SecretReference, from: SecretSources): string => {
  const resolved = resolveSecret(reference, from);
  if (resolved.ok) throw new Error('expected a fault');
  return resolved.fault;
};

describe('resolveSecret', () => {
  test('reads the environment and files, without the line end that files have', () => {
    const env = resolveSecret(fromEnv, sources({ KEY: 'sk-one' }));
    const file = resolveSecret(fromFile, sources({}, 'sk-two\n'));
    expect(env.ok && env.value.reveal()).toBe('sk-one');
    expect(file.ok && file.value.reveal()).toBe('sk-two');
  });

  test('what is not there is a fault that names the place', () => {
    expect(faultOf(fromEnv, sources({}))).toBe('the environment variable KEY is not set');
    expect(faultOf(fromFile, sources({}))).toBe('the file /run/secrets/key cannot be read (ENOENT)');
  });

  test.each(['', ' ', '\n', ' \t\r\n '])('an empty secret (%j) is refused from either place [A23]', (empty) => {
    expect(faultOf(fromEnv, sources({ KEY: empty }))).toBe('the environment variable KEY is empty');
    expect(faultOf(fromFile, sources({}, empty))).toBe('the file /run/secrets/key is empty');
  });

  test('a variable is looked up as a name of its own: what objects inherit is no secret', () => {
    expect(faultOf({ kind: 'env', name: 'constructor' }, sources({}))).toContain('is not set');
  });

  test.each(['one\ntwo', 'a\u0000b', 'a\rb', 'x\u007fy'])(
    'control characters are refused and not shown: %j',
    (secret) => {
      const fault = faultOf(fromEnv, sources({ KEY: secret }));
      expect(fault).toBe('the environment variable KEY holds control characters');
    },
  );

  test('a document of JSON loses the lines that it was issued in, and only such', () => {
    const document = resolveSecret(fromFile, sources({}, '{\n  "key": "a\\nb",\r\n\t"n": 1\n}\n'));
    expect(document.ok && document.value.reveal()).toBe('{"key":"a\\nb","n":1}');
    expect(faultOf(fromFile, sources({}, '{\n "key": }'))).toContain('control characters');
  });

  test('a secret beyond all measure is refused', () => {
    expect(faultOf(fromEnv, sources({ KEY: 'x'.repeat(16_385) }))).toContain('too long');
    expect(resolveSecret(fromEnv, sources({ KEY: 'x'.repeat(16_384) })).ok).toBe(true);
  });
});
