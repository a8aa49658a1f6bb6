// The bills of all recorded answers of vendors, line by line. The table is not made by this program: what the vendor reported was put into buckets and priced
// by hand rules from the vendors' documents, and each product stands there to be checked.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exampleIntent } from '../../test/rigs/exampleIntent.ts';
import { divideHalfEven } from '../kernel/index.ts';
import { settleAttempt } from '../ledger/index.ts';
import { declaredPrice, type PriceEntry } from '../market/index.ts';
import { eventMessage } from '../../test/rigs/eventMessages.ts';
import type { Usage } from '../vocabulary/index.ts';
import { clientWires, wires, type StreamState } from '../wire/index.ts';
import { readPriceBook } from './knownThings.ts';

interface Bill {
  /** Under test/fixtures/recordings. */
  readonly recording: string;
  /** As the vendor calls it; empty where the recording does not say. */
  readonly model: string;
  /** The vendor's word for the tier in which it was served, where it tells one. */
  readonly tier: string;
  /** As the vendor reported it, the last word of a stream. */
  readonly reported: unknown;
  readonly buckets: Usage;
  /** "sheet": the price that ships; "card": that of case 33, for models whose price is not known. */
  readonly price: string;
  /** "units x nano-USD per million units + ..." */
  readonly sum: string;
  readonly nanoUsd: string;
}

const fixtures = new URL('../../test/fixtures/', import.meta.url);

const bills: readonly Bill[] = readFileSync(new URL('goldenBills.tsv', fixtures), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [recording = '', model = '', tier = '', reported = '', buckets = '', price = '', sum = '', nanoUsd = ''] =
      line.split('\t');
    return {
      recording,
      model,
      tier,
      reported: JSON.parse(reported) as unknown,
      buckets: JSON.parse(buckets) as Usage,
      price,
      sum,
      nanoUsd,
    };
  });

const vendorOf = ({ recording }: Bill): string => recording.slice(0, recording.indexOf('/'));

const wireOf = ({ recording, reported }: Bill): string => {
  const vendor = recording.slice(0, recording.indexOf('/'));
  if (vendor === 'bedrock' || vendor === 'anthropic') return vendor;
  if (vendor === 'google') return 'gemini';
  return reported instanceof Object && 'input_tokens' in reported ? 'responses' : 'openai';
};

const named = <Value>(all: ReadonlyMap<string, Value>, name: string): Value => {
  const found = all.get(name);
  if (found === undefined) throw new Error(`no wire ${name}`);
  return found;
};

const recorded = (name: string): Buffer => readFileSync(new URL(`recordings/${name}`, fixtures));

/** The body of a recorded exchange, or what is recorded where that is a body alone. */
const bodyOf = ({ recording }: Bill): Buffer => {
  const whole = JSON.parse(recorded(recording).toString()) as {
    readonly source?: unknown;
    readonly response?: { readonly body?: unknown };
  };
  return whole.source === undefined ? recorded(recording) : Buffer.from(JSON.stringify(whole.response?.body));
};

/** The bytes of a recorded stream; payloads without their frame get the one that their vendor uses. */
const streamOf = ({ recording }: Bill): Buffer => {
  const bytes = recorded(recording);
  if (!recording.endsWith('.chunks.txt')) return bytes;
  const payloads = bytes
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (recording.startsWith('bedrock/'))
    return Buffer.concat(
      payloads.flatMap((line) =>
        Object.entries(JSON.parse(line) as object).map(([type, payload]) => eventMessage(type, payload)),
      ),
    );
  return Buffer.from(payloads.map((line) => `data: ${line}\n\n`).join(''));
};

const intent = {
  ...exampleIntent,
  provider: 'vendor',
  targetModel: 'any',
  vendor: 'any',
  hosts: {},
  contract: null,
  startedAtMs: 1_782_950_400_000,
  holdNanoUsd: '0',
};

const isStream = ({ recording }: Bill): boolean => !recording.endsWith('.json');

interface Read {
  readonly usage: Usage | null;
  readonly servedTier?: string | null;
}

/** Reads the stream to its end, also where it is broken: what it told is what counts here. */
const readStream = (bill: Bill): Read => {
  const name = wireOf(bill);
  const wire = named(wires, name);
  const body = Buffer.from(
    name === 'gemini' || name === 'bedrock'
      ? '{"contents":[],"messages":[]}'
      : '{"model":"m","max_tokens":1,"messages":[],"input":""}',
  );
  const facts = wire.readRequest(body, 'generate', undefined, { model: bill.model, stream: true });
  if (!facts.ok) throw new Error(facts.fault.message);
  const reader = wire.readEvents();
  const pushed = reader.push(streamOf(bill));
  const events = [...(pushed.ok ? pushed.value : pushed.fault.events), ...reader.end()];
  const client = clientWires.get(name);
  if (client === undefined) {
    const decoder = wire.codec.decodeStream(facts.value);
    for (const event of events) decoder.decode(event);
    return decoder.state;
  }
  const observer = client.observeStream(facts.value);
  let state: StreamState = observer.state;
  for (const event of events) {
    observer.observe(event);
    state = observer.state;
  }
  return state;
};

const readWhole = (bill: Bill): Read => {
  const body = bodyOf(bill);
  const name = wireOf(bill);
  const client = clientWires.get(name);
  const operation = 'completion_tokens' in Object(bill.reported) || name !== 'openai' ? 'generate' : 'embed';
  const read = client === undefined ? named(wires, name).codec.decodeAnswer(body) : client.readAnswer(operation, body);
  if (!read.ok) throw new Error(`${read.fault.cause}: ${read.fault.message}`);
  return read.value;
};

const perMillion = { input: 3n, output: 15n, cacheRead: 300n, cacheWrite5m: 3_750n, cacheWrite1h: 6n };
/** 3, 15, 0.30, 3.75 and 6 dollars a million. */
const card = declaredPrice(
  {
    input: perMillion.input * 10n ** 9n,
    output: perMillion.output * 10n ** 9n,
    cacheRead: perMillion.cacheRead * 10n ** 6n,
    cacheWrite5m: perMillion.cacheWrite5m * 10n ** 6n,
    cacheWrite1h: perMillion.cacheWrite1h * 10n ** 9n,
  },
  { vendor: 'any', model: 'any', source: 'card' },
);

const book = readPriceBook();
/** As the configuration names those who sell. */
const vendors: Readonly<Record<string, string>> = { bedrock: 'aws', google: 'gemini', responses: 'openai' };

const priceOf = (bill: Bill): PriceEntry | null => {
  if (bill.price === 'card') return card;
  const vendor = vendors[vendorOf(bill)] ?? vendorOf(bill);
  return book.find({ vendor, model: bill.model, region: null, atMs: Date.parse('2026-07-02T00:00:00Z') });
};

/** The arithmetic of the table, on its own: each product over a million, rounded half to even. */
const summed = (sum: string): bigint =>
  sum.split(' + ').reduce((total, product) => {
    const [units = '', price = ''] = product.split(' x ');
    return total + divideHalfEven(BigInt(units) * BigInt(price), 1_000_000n);
  }, 0n);

/** The vendors' words for tiers whose prices are known: the standard one, and the flex that ships. */
const pricedWords = new Set(['', 'standard', 'default', 'on_demand', 'ON_DEMAND', 'flex']);

describe('the bill of a recorded answer', () => {
  test.each(bills)('$recording', (bill) => {
    const read = isStream(bill) ? readStream(bill) : readWhole(bill);
    const { requests: _requests, ...buckets } = read.usage ?? {};
    expect(buckets).toEqual(bill.buckets);
    expect(summed(bill.sum).toString()).toBe(bill.nanoUsd);
    const final = settleAttempt({
      intent,
      outcome: { kind: 'ok' },
      reading: { usage: read.usage, outputBytes: 1, sent: true, refused: false, servedTier: read.servedTier ?? null },
      price: priceOf(bill),
      discount: null,
      inputEstimateTokens: 0,
      durationMs: 1,
      firstContentMs: 1,
      edits: [],
    });
    expect(
      final.lines.map(({ units, priceNanoUsdPerMillion }) => `${units} x ${priceNanoUsdPerMillion}`).join(' + '),
    ).toBe(bill.sum);
    expect(final.amountNanoUsd).toBe(bill.nanoUsd);
    // A tier whose price is not known here is never taken for the standard one.
    expect(final.basis).toBe(pricedWords.has(bill.tier) ? 'reported' : 'unknown');
  });

  test('is there for every vendor', () => {
    const known = new Set(bills.map(vendorOf));
    for (const entry of readdirSync(new URL('recordings/', fixtures), { withFileTypes: true }))
      if (entry.isDirectory()) expect(known).toContain(entry.name);
  });
});
