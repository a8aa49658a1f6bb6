import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { sandboxCredential } from '../../src/sandbox/index.ts';
import { seedOf } from '../rigs/Chance.ts';
import { chatLoad } from '../rigs/chatLoad.ts';
import { expectNoFault, expectRecorded } from '../rigs/expectAnswers.ts';
import { stderrTail } from '../rigs/explainFault.ts';
import { freshRows, outages, reconcileAll, weather } from '../rigs/outage.ts';
import { clientKey, openRivals, type ConfigurationOptions, type Rivals } from '../rigs/rivals.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { runStorms, vendorWords } from '../rigs/runStorms.ts';
import { removeFolder, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';

const seed = seedOf('outage.ci');
const requests = 600;
const concurrency = 50;

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const open = async (options: ConfigurationOptions): Promise<[Server, Rivals]> => {
  const rivals = await openRivals({ seed });
  ends.push(() => rivals.close());
  const server = await startServer({ configuration: rivals.configuration(options), env: rivals.env });
  ends.push(() => removeServer(server));
  return [server, rivals];
};

describe.each(['aurora', 'cascade'])('a vendor that is out (%s)', (vendor) => {
  test('is never seen by a client, whatever its fault, and the ledger equals the bills', async () => {
    const [server, rivals] = await open({});
    const figures = await runStorms({ server, rivals, vendor, requests, concurrency, seed });
    process.stderr.write(`${JSON.stringify(figures)}\n`);
    expect(figures.cells).toHaveLength(outages.length);
  });
});

test('a vendor whose faults come and go for a part of its calls is never seen either', async () => {
  const [server, rivals] = await open({});
  const outcomes = await weather({
    server,
    rivals,
    vendor: 'aurora',
    model: 'aurora-first',
    concurrency,
    seed,
    seconds: 20,
  });
  await expectNoFault(server, outcomes, seed);
  const rows = await freshRows(server);
  const failed = rows.attempts.filter(({ outcome }) => outcome.kind === 'failed').length;
  process.stderr.write(`weather: ${outcomes.length} requests, ${failed} attempts failed\n`);
  expect(failed).toBeGreaterThan(20);
  await expectRecorded(server, rows, outcomes, seed);
  for (const { faults } of await reconcileAll(rows, rivals, outcomes)) expect(faults).toEqual([]);
});

describe('without a second attempt', () => {
  test('each fault is seen, and what is seen are our words and our status, not the vendor’s', async () => {
    const names = ['none', ...outages];
    const [server, rivals] = await open({ limits: { attempts: 1 }, apart: names });
    const seen: Record<string, number> = {};
    for (const fault of names) {
      await rivals.setFault('aurora', fault);
      const model = `${fault}-first`;
      const load = { url: server.url, key: clientKey, model, requests: 60, concurrency: 20, seed, name: fault };
      const outcomes = await chatLoad(load);
      const faulty = outcomes.filter((outcome) => outcome.fault !== null);
      seen[fault] = faulty.length;
      expect(faulty.filter((outcome) => vendorWords.test(outcome.fault ?? ''))).toEqual([]);
      for (const { status, errorCode } of faulty) {
        expect({ fault, status, errorCode }).toEqual(
          fault === 'rate-limit'
            ? { fault, status: 429, errorCode: 'rate_limited' }
            : { fault, status: 502, errorCode: 'all_targets_failed' },
        );
      }
    }
    process.stderr.write(`errors seen of 60: ${JSON.stringify(seen)}\n`);
    const { none, slow, ...others } = seen;
    expect({ none, slow }).toEqual({ none: 0, slow: 0 });
    expect(Object.values(others).filter((errors) => errors === 0)).toEqual([]);
  });
});

describe('a credential that the vendor does not take', () => {
  test('is tried again as soon as another one lies in its file', async () => {
    const folder = temporaryFolder();
    ends.push(() => Promise.resolve(removeFolder(folder)));
    const credentialFile = join(folder, 'aurora.key');
    writeFileSync(credentialFile, 'revoked');
    const [server] = await open({ credentialFile });
    const load = { url: server.url, key: clientKey, model: 'aurora-first', concurrency: 1, seed };
    const before = await chatLoad({ ...load, requests: 5, name: 'revoked' });
    await expectNoFault(server, before, seed);
    expect(before.map(({ target }) => target?.split('/')[0])).toEqual(Array(5).fill('cascade'));
    writeFileSync(credentialFile, sandboxCredential);
    const changedMs = performance.now();
    for (let round = 0, target = ''; !target.startsWith('aurora/'); round += 1) {
      await pause(100);
      const [outcome] = await chatLoad({ ...load, requests: 1, name: `changed ${round}` });
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
    const load = { url: server.url, key: clientKey, requests: 40, concurrency: 4, seed, name: 'no credentials' };
    const outcomes = await chatLoad({ ...load, model: 'aurora-first' });
    const told = new Set(outcomes.map(({ status, errorCode }) => `${status} ${errorCode}`));
    expect([...told]).toEqual(['503 upstream_credentials']);
    expect(outcomes.filter(({ fault }) => vendorWords.test(fault ?? ''))).toEqual([]);
    for (const name of ['aurora/aurora', 'cascade/cascade']) {
      expect(server.stderr()).toMatch(new RegExp(`"event":"a target needs the operator".*"name":"${name}"`));
    }
  });
});
