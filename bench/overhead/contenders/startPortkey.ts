import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Way } from '../Contender.ts';
import { freePort, startProcess, untilListening } from '../startProcess.ts';
import { vendorModel } from './startArchipel.ts';

const portkeyPackage = '@portkey-ai/gateway';
const version = '1.15.2';
/** Newer ones, which its own range allows, share the headers of a fetched answer: every stream ended in a 500 ("immutable"). */
const listenerPin = { '@hono/node-server': '1.13.8' };

const headersFor = (way: Way, upstreamPort: number): Record<string, string> => ({
  'x-portkey-provider': way.vendor,
  'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
  authorization: 'Bearer sk-vendors-own',
  ...(way.client === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}),
});

/** Installs Portkey's open gateway into a folder of the bench, without scripts, and starts it on this Node. */
export const startPortkey = async (
  scope: AsyncDisposableStack,
  parent: string,
  upstreamPort: number,
): Promise<Contender> => {
  const folder = join(parent, 'portkey');
  mkdirSync(folder);
  process.stderr.write(`installing ${portkeyPackage}@${version} into a temporary folder\n`);
  const manifest = { private: true, dependencies: { [portkeyPackage]: version }, overrides: listenerPin };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const port = await freePort();
  const program = join(folder, 'node_modules', portkeyPackage, 'build/start-server.js');
  const started = await startProcess(scope, process.execPath, [program, `--port=${port}`, '--headless'], {
    cwd: folder,
    // Its guard against calls into one's own network would refuse the bench's vendor.
    env: { TRUSTED_CUSTOM_HOSTS: '127.0.0.1', NODE_ENV: 'production' },
    // It tells every failure on stderr; what it answers is looked at, and says the same.
    stdio: 'ignore',
    graceMs: 5_000,
  });
  await untilListening(port, started);
  return {
    name: 'portkey',
    version,
    port,
    fidelity: 'meaning',
    pids: [started.pid],
    databaseParent: null,
    address: (way) => ({ model: vendorModel, headers: headersFor(way, upstreamPort) }),
  };
};
