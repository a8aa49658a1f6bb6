// One configuration in many editions, each told by its targets and its prices, and a vendor that serves them all.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from './Chance.ts';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from './configurationOf.ts';
import type { LedgerRows } from './ledgerRows.ts';
import { answer, ScriptedUpstream, type Script } from './ScriptedUpstream.ts';
import { chatAnswer, chatEvents, vendorError } from './vendorAnswers.ts';

export const editionKey = 'sk-editions';
export const editionModel = 'chat';
export const editionEnv = { [vendorKeyName]: vendorKey };

/** Tokens of every answer of the vendor. */
const [inputTokens, outputTokens] = [10, 3];

/** SHA-256 of a file's text, as the server tells which one is in force. */
export const hashOfText = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** What one answer costs in an edition. */
const amountNanoUsd = (edition: number): bigint =>
  BigInt(edition + 1) * 1_000n * BigInt(inputTokens + 2 * outputTokens);

/** Text of archipel.yaml: what changes with the edition are targets, prices, keys and limits. */
export const editionText = (url: string, edition: number): string => {
  const price = { inputPerMTok: String(edition + 1), outputPerMTok: String(2 * (edition + 1)) };
  const deployment = (name: string): object => ({ provider: 'vendor', model: `edition-${edition}-${name}`, price });
  const guest = { name: `guest-${edition}`, hash: hashOf(`sk-guest-${edition}`), team: 'research' };
  return configurationOf({
    providers: { vendor: providerOf('openai', url, 'some-vendor') },
    models: { [editionModel]: { deployments: [deployment('a'), deployment('b'), deployment('c')] } },
    keys: [{ name: 'load', hash: hashOf(editionKey), team: 'research' }, ...(edition % 2 === 0 ? [guest] : [])],
    limits: { attempts: 3 + (edition % 2), pingMs: 5_000 + edition, firstByteMs: 20_000, idleMs: 20_000 },
  });
};

/** Streams of up to a second, some answers that come late, and now and then a failure that another target must make good. */
const serve =
  (chance: Chance): Script =>
  async (response, call) => {
    const asked: { model: string; stream?: boolean } = JSON.parse(call.body.toString());
    if (asked.model.endsWith('-a') && chance.happens(0.04)) {
      return answer(500, vendorError('The server had an error', 'server_error'))(response, call);
    }
    const waitMs = chance.happens(0.2) ? chance.below(400) : chance.below(10);
    if (asked.stream !== true) {
      await pause(waitMs);
      return answer(200, chatAnswer('tide and ebb', [inputTokens, outputTokens]))(response, call);
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chatEvents.role);
    for (const part of ['tide ', 'and ', 'ebb']) {
      await pause(waitMs);
      response.write(chatEvents.text(part));
    }
    response.end(chatEvents.finish + chatEvents.usage(inputTokens, outputTokens) + chatEvents.done);
  };

export const openEditionVendor = (seed: number): Promise<ScriptedUpstream> =>
  ScriptedUpstream.open(serve(new Chance(seed)));

const editionsIn = (text: string): ReadonlySet<string> =>
  new Set(Array.from(text.matchAll(/edition-(\d+)-/g), ([, number = '']) => number));

/** Requests that did not see one edition from beginning to end: in their targets, in what they chose from, or in what they paid. */
export const mixedEditions = ({ attempts, requests }: LedgerRows): readonly string[] => {
  const targets = new Map<string, string>();
  const faults: string[] = [];
  for (const row of attempts) {
    targets.set(row.requestId, `${targets.get(row.requestId) ?? ''} ${row.target}`);
    const [edition = ''] = editionsIn(row.target);
    if (row.outcome.kind === 'ok' && row.amountNanoUsd !== amountNanoUsd(Number(edition)))
      faults.push(`${row.requestId} paid ${row.amountNanoUsd} for ${row.target}`);
  }
  for (const { requestId, decisions } of requests) {
    const seen = editionsIn(`${targets.get(requestId) ?? ''} ${JSON.stringify(decisions)}`);
    if (seen.size !== 1) faults.push(`${requestId} saw editions ${[...seen].join(', ')}`);
  }
  return faults;
};
