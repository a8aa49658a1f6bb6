import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { sandboxCatalogue, sandboxCredential } from '../../src/sandbox/index.ts';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { expectNoFault } from '../rigs/expectAnswers.ts';
import { stderrTail } from '../rigs/explainFault.ts';
import { load } from '../rigs/load.ts';
import { openOutages } from '../rigs/openOutages.ts';
import { outages, vendorWords } from '../rigs/outage.ts';
import { clientKey, openRivals, type ConfigurationOptions, type Rivals } from '../rigs/rivals.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { runBreaks } from '../rigs/runBreaks.ts';
import { runControl } from '../rigs/runControl.ts';
import { runMatrix } from '../rigs/runMatrix.ts';
import { runStorms } from '../rigs/runStorms.ts';
import { removeFolder, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';

const seed = seedOf('outage.ci');
const concurrency = 50;

const onOpen = endAfterEach();

const say = (figures: unknown): void => void process.stderr.write(`${JSON.stringify(figures)}\n`);

const start = async (configuration: string, env: Readonly<Record<string, string>>): Promise<Server> => {
  const server = await startServer({ configuration, env });
  onOpen(() => removeServer(server));
  return server;
};

const open = async (options: ConfigurationOptions): Promise<[Server, Rivals]> => {
  const rivals = await openRivals({ seed });
  onOpen(() => rivals.close());
  return [await start(rivals.configuration(options), rivals.env), rivals];
};

describe.each(sandboxCatalogue.vendors)('a vendor that is out ($name)', ({ name: vendor }) => {
  test('is never seen by a client, whatever its fault, and the ledger equals the bills', async () => {
    const figures = await runMatrix({ vendor, requests: 100, concurrency, seed, onOpen });
    say(figures);
    expect(figures.cells).toHaveLength(outages.length * 4);
    expect(figures.cells.filter(({ errors }) => errors > 0)).toEqual([]);
  });
});

test('storms cost at most a tenth more calls, and clients of other vendors notice nothing [G6]', async () => {
  const world = await openOutages(seed);
  onOpen(() => world.close());
  const apart = outages.map((fault) => ({ name: fault, vendor: world.out(fault).vendor('aurora') }));
  const server = await start(world.well.configuration({ apart }), world.well.env);
  const figures = await runStorms({ server, world, vendor: 'aurora', requests: 600, concurrency, seed });
  say(figures);
  expect(figures.storms).toHaveLength(outages.length);
});

test('a stream that breaks after its first content ends in an error, never as if it were whole', async () => {
  const cells = await runBreaks({ requests: 40, seed, onOpen });
  say(cells);
  expect(cells).toHaveLength(sandboxCatalogue.vendors.length * 4);
  expect(cells.filter(({ told }) => told === 0)).toEqual([]);
});

describe('without a second attempt', () => {
  test('each fault is seen, and what is seen are our words and our status, not the vendor’s', async () => {
    const cells = await runControl({ requests: 20, seed, onOpen });
    say(cells.map(({ vendor, fault, wire, stream, errors }) => [vendor, fault, wire, stream, errors].join(' ')));
    const seen = cells.filter(({ errors }) => errors > 0);
    expect(seen).toHaveLength((outages.length - 1) * sandboxCatalogue.vendors.length * 4);
  });
});

describe('a credential that the vendor does not take', () => {
  test('is tried again as soon as another one lies in its file', async () => {
    const folder = temporaryFolder();
    onOpen(() => Promise.resolve(removeFolder(folder)));
    const credentialFile = join(folder, 'aurora.key');
    writeFileSync(credentialFile, 'revoked');
    const [server] = await open({ credentialFile });
    const asked = { url: server.url, key: clientKey, model: 'aurora-first', concurrency: 1, seed };
    const before = await load({ ...asked, requests: 5, name: 'revoked' });
    await expectNoFault(server, before, seed);
    expect(before.map(({ target }) => target?.split('/')[0])).toEqual(Array(5).fill('cascade'));
    writeFileSync(credentialFile, sandboxCredential);
    const changedMs = performance.now();
    for (let round = 0, target = ''; !target.startsWith('aurora/'); round += 1) {
      await pause(100);
      const [outcome] = await load({ ...asked, requests: 1, name: `changed ${round}` });
      expect(outcome?.fault).toBeNull();
      target = outcome?.target ?? '';
      // Far below the half minute that a refused credential is out for.
      expect(performance.now() - changedMs, stderrTail(server)).toBeLessThan(10_000);
    }
  });
});

describe('credentials that no vendor takes', () => {
  test('end as 503 in our words, with an alarm for each', async () => {
    const [server, rivals] = await open({});
    await rivals.setFault('aurora', 'auth');
    await rivals.setFault('cascade', 'credit');
    const asked = { url: server.url, key: clientKey, requests: 40, concurrency: 4, seed, name: 'no credentials' };
    const outcomes = await load({ ...asked, model: 'aurora-first' });
    const told = new Set(outcomes.map(({ status, errorCode }) => `${status} ${errorCode}`));
    expect([...told]).toEqual(['503 upstream_credentials']);
    expect(outcomes.filter(({ fault }) => vendorWords.test(fault ?? ''))).toEqual([]);
    for (const name of ['aurora/aurora', 'cascade/cascade']) {
      expect(server.stderr()).toMatch(new RegExp(`"event":"a target needs the operator".*"name":"${name}"`));
    }
  });
});
