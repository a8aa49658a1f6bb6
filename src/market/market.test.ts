import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRatio } from '../kernel/index.ts';
import {
  bucketPrice,
  declaredPrice,
  emptyPrice,
  near,
  perMillionOf,
  PriceBook,
  type PriceEntry,
  priceOrCeiling,
  readPriceSheet,
  sellersOf,
} from './index.ts';

const sheetText = readFileSync(new URL('./data/llm-prices.csv', import.meta.url), 'utf8');
const fromMs = Date.parse('2026-07-02T00:00:00Z');
const origin = { source: 'models.dev 2026-07-02', fromMs };

const readSheet = (): readonly PriceEntry[] => {
  const read = readPriceSheet(sheetText, origin);
  if (!read.ok) throw new Error(`line ${read.fault.line}: ${read.fault.message}`);
  return read.value;
};

const entries = readSheet();
const book = new PriceBook(entries);
const atMs = Date.parse('2026-11-26T00:00:00Z');
const ask = (vendor: string, model: string) => book.find({ vendor, model, region: null, atMs });

const header =
  'provider,model,base_model,family,input_usd_per_mtok,output_usd_per_mtok,cache_read_usd_per_mtok,cache_write_usd_per_mtok,context,max_output,reasoning,tool_call,open_weights,release_date';
const sheet = (...rows: readonly string[]) => readPriceSheet([header, ...rows].join('\n'), origin);

describe('the price sheet', () => {
  test('reads all 1,578 rows, each price to the integer that its decimal text says', () => {
    expect(entries).toHaveLength(1578);
    expect(new Set(entries.map(({ vendor }) => vendor)).size).toBe(43);
    const rows = sheetText.trimEnd().split('\n').slice(1);
    for (const [index, entry] of entries.entries()) {
      const cells = rows[index]!.split(',');
      expect([entry.vendor, entry.model]).toEqual([cells[0], cells[1]]);
      for (const [bucket, cell] of [
        ['input', 4],
        ['output', 5],
        ['cacheRead', 6],
        ['cacheWrite5m', 7],
      ] as const) {
        const price = entry.perMillion[bucket];
        if (price === undefined) {
          // Absent, or a 0 that nobody called free.
          expect(Number(cells[cell])).toBe(0);
          continue;
        }
        const { numerator, denominator } = parseRatio(cells[cell]!);
        const doubled = 2n * (price * denominator - numerator * 1_000_000_000n);
        expect(doubled <= denominator && doubled >= -denominator, `${entry.vendor} ${entry.model} ${bucket}`).toBe(
          true,
        );
      }
    }
  });

  test('rounds away only what a publisher’s binary float left behind', () => {
    expect(perMillionOf('0.049999999999999996')).toBe(50_000_000n);
    expect(perMillionOf('0.09999999999999999')).toBe(100_000_000n);
    expect(perMillionOf('0.00875')).toBe(8_750_000n);
    const finer = entries.filter(
      (entry) => entry.model === 'google.gemma-3-12b-it' && entry.vendor === 'amazon-bedrock',
    );
    expect(finer.map(({ perMillion }) => perMillion)).toEqual([{ input: 50_000_000n, output: 100_000_000n }]);
  });

  test('keeps prices that are no whole nano-dollar per token', () => {
    const broken = entries
      .flatMap(({ perMillion }) => Object.values(perMillion))
      .filter((price) => price % 1_000_000n !== 0n);
    expect(broken.length).toBeGreaterThan(50);
  });

  test('believes a price of 0 only where the offer is named free', () => {
    expect(ask('openrouter', 'openai/gpt-oss-20b:free')?.perMillion).toEqual({ input: 0n, output: 0n });
    expect(ask('github-models', 'openai/gpt-4o')?.perMillion).toEqual({});
    // A fee for choosing a model, which is billed apart: its output is not free.
    expect(ask('azure', 'model-router')?.perMillion).toEqual({ input: 140_000_000n });
  });

  test('takes no number of dimensions for a bound on output', () => {
    expect(ask('openai', 'text-embedding-3-small')).toMatchObject({ contextTokens: 8191, maxOutputTokens: null });
  });

  test.each([
    ['a,m,,f,1,2,,,10,10,0,0,0,', 'b,m,,f,1,2,,,10,10,0,0'],
    ['a,m,,f,1,2,,,10,10,0,0,0,', 'a,m,,f,1,2,,,10,10,0,0,0,'],
    ['a,m,,f,1,2,,,10,10,0,0,0,', 'a,n,,f,1e3,2,,,10,10,0,0,0,'],
    ['a,m,,f,1,2,,,10,10,0,0,0,', 'a,n,,f,-1,2,,,10,10,0,0,0,'],
    ['a,m,,f,1,2,,,10,10,0,0,0,', 'a,n,,f,1,2,,,many,10,0,0,0,'],
    ['a,m,,f,1,2,,,10,10,0,0,0,', 'a,n,,f,1,2,,,10,10,yes,0,0,'],
    ['a,m,,f,1,2,,,10,10,0,0,0,', 'a,"n",,f,1,2,,,10,10,0,0,0,'],
    ['a,m,,f,1,2,,,10,10,0,0,0,', ',n,,f,1,2,,,10,10,0,0,0,'],
  ])('says on which line it cannot be read (%#)', (good, bad) => {
    expect(sheet(good, good.replace('a,m', 'c,m')).ok).toBe(true);
    expect(sheet(good, bad)).toMatchObject({ ok: false, fault: { line: 3 } });
  });

  test('names a column that is missing', () => {
    expect(readPriceSheet('provider,model\na,b', origin)).toMatchObject({
      ok: false,
      fault: { line: 1, message: /base_model/ },
    });
  });

  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (rows) => {
        expect(typeof sheet(...rows).ok).toBe('boolean');
      }),
    );
  });
});

describe('the price book', () => {
  test('finds a model by its exact name, under the names that people give to vendors', () => {
    expect(ask('openai', 'gpt-5.2')?.perMillion).toEqual({
      input: 1_750_000_000n,
      output: 14_000_000_000n,
      cacheRead: 175_000_000n,
    });
    expect(ask('aws', 'eu.anthropic.claude-sonnet-4-6')?.perMillion.input).toBe(3_300_000_000n);
    expect(ask('azure', 'gpt-4o')?.vendor).toBe('azure');
    expect(ask('vertex', 'claude-opus-4-1@20250805')?.vendor).toBe('google-vertex');
    expect(ask('google', 'gemini-2.5-flash')?.perMillion.cacheRead).toBe(30_000_000n);
    expect(sellersOf('somebody-new')).toEqual(['somebody-new']);
  });

  test('takes the price of a model for the same model pinned to a day, and says so', () => {
    const pinned = ask('openai', 'gpt-5.2-2025-12-11');
    expect(pinned?.perMillion).toEqual(ask('openai', 'gpt-5.2')?.perMillion);
    expect(pinned?.model).toBe('gpt-5.2-2025-12-11');
    expect(pinned?.source).toBe('models.dev 2026-07-02 (price of gpt-5.2)');
  });

  test('prefers the pinned model’s own price where it is listed', () => {
    expect(ask('openai', 'gpt-4o-2024-05-13')?.perMillion.input).toBe(5_000_000_000n);
    expect(ask('openai', 'gpt-4o')?.perMillion.input).toBe(2_500_000_000n);
  });

  test('finds a seller’s only price of a lab’s model, and none where it has several', () => {
    expect(ask('azure', 'openai/gpt-4.1')?.perMillion.input).toBe(2_000_000_000n);
    expect(ask('aws', 'xai/grok-4.3')?.model).toBe('xai/grok-4.3');
    // Sold in five flavours of region, at 3.00 and at 3.30.
    expect(ask('aws', 'anthropic/claude-sonnet-4-6')).toBeNull();
  });

  test.each([
    ['openai', 'gpt-5.2-turbo'],
    ['openai', 'gpt-5.2-2025-12'],
    ['openai', 'gpt'],
    ['openai', ''],
    ['nobody', 'gpt-5.2'],
  ])('knows no price of %s %s rather than a near one', (vendor, model) => {
    expect(ask(vendor, model)).toBeNull();
  });

  test('goes by dates: in force from its first instant, no longer at its last, the latest start first', () => {
    const priced = (input: bigint, from: number, until: number | null): PriceEntry => ({
      ...emptyPrice({ vendor: 'v', model: 'm', source: 's' }),
      perMillion: { input },
      fromMs: from,
      untilMs: until,
    });
    const dated = new PriceBook([priced(3n, 300, 400), priced(1n, 100, null), priced(2n, 200, 300)]);
    const at = (when: number) =>
      dated.find({ vendor: 'v', model: 'm', region: null, atMs: when })?.perMillion.input ?? null;
    expect([99, 100, 199, 200, 299, 300, 399, 400].map(at)).toEqual([null, 1n, 1n, 2n, 2n, 3n, 3n, 1n]);
  });

  test('prefers a region’s own price to the one for all, and never takes another region’s', () => {
    const priced = (input: bigint, region: string | null): PriceEntry => ({
      ...emptyPrice({ vendor: 'v', model: 'm', source: 's' }),
      perMillion: { input },
      region,
    });
    const at = (region: string | null, ...known: readonly PriceEntry[]) =>
      new PriceBook(known).find({ vendor: 'v', model: 'm', region, atMs: 0 })?.perMillion.input ?? null;
    expect(at('eu', priced(2n, 'eu'), priced(1n, null))).toBe(2n);
    expect(at('us', priced(2n, 'eu'), priced(1n, null))).toBe(1n);
    expect(at(null, priced(2n, 'eu'))).toBeNull();
  });

  test('puts the file’s own price before every sheet', () => {
    const override = declaredPrice({ input: 1n }, { vendor: 'openai', model: 'gpt-5.2', source: 'file' });
    expect(book.find({ vendor: 'openai', model: 'gpt-5.2', region: null, atMs, override })).toBe(override);
  });
});

describe('prices of buckets', () => {
  const entryOf = (perMillion: PriceEntry['perMillion'], model = 'm'): PriceEntry => ({
    ...emptyPrice({ vendor: 'v', model, source: 'sheet' }),
    perMillion,
  });

  test('fall back as documented, and say so', () => {
    const entry = entryOf({ input: 3n, output: 15n });
    expect(bucketPrice(entry, 'reasoning')).toEqual({
      nanoUsdPerMillion: 15n,
      source: 'sheet (reasoning at the output price)',
    });
    expect(bucketPrice(entry, 'cacheRead')).toEqual({
      nanoUsdPerMillion: 3n,
      source: 'sheet (cacheRead at the input price)',
    });
    expect(bucketPrice(entry, 'cacheWrite5m')?.nanoUsdPerMillion).toBe(3n);
    expect(bucketPrice(entry, 'cacheWrite1h')?.nanoUsdPerMillion).toBe(3n);
    expect(bucketPrice(entry, 'inputImage')?.nanoUsdPerMillion).toBe(3n);
    expect(bucketPrice(entry, 'requests')?.nanoUsdPerMillion).toBe(0n);
    expect(bucketPrice(entry, 'input')).toEqual({ nanoUsdPerMillion: 3n, source: 'sheet' });
  });

  test('a one-hour cache write costs twice the input for Claude, wherever it is sold, and no less than the five-minute write elsewhere', () => {
    expect(bucketPrice(ask('anthropic', 'claude-sonnet-4-6')!, 'cacheWrite1h')).toEqual({
      nanoUsdPerMillion: 6_000_000_000n,
      source: 'models.dev 2026-07-02 (cacheWrite1h at 2 x the input price)',
    });
    expect(bucketPrice(ask('aws', 'eu.anthropic.claude-sonnet-4-6')!, 'cacheWrite1h')?.nanoUsdPerMillion).toBe(
      6_600_000_000n,
    );
    expect(bucketPrice(entryOf({ input: 4n, cacheWrite5m: 5n }), 'cacheWrite1h')?.nanoUsdPerMillion).toBe(5n);
  });

  test('stay unpriced where nothing may be taken instead', () => {
    const entry = entryOf({ input: 3n, output: 15n });
    for (const bucket of ['inputAudio', 'outputAudio', 'outputImage'] as const)
      expect(bucketPrice(entry, bucket)).toBeNull();
    expect(bucketPrice(entryOf({}), 'input')).toBeNull();
    expect(bucketPrice(entryOf({}), 'cacheRead')).toBeNull();
  });

  test('what a policy makes of a target without a price', () => {
    const asked = { entry: null, vendor: 'v', model: 'm' };
    expect(priceOrCeiling({ ...asked, policy: { kind: 'refuse' } })).toEqual({
      kind: 'refused',
      missing: ['input', 'output'],
    });
    expect(priceOrCeiling({ ...asked, policy: { kind: 'flag' } }).kind).toBe('flagged');
    const ceiling = priceOrCeiling({ ...asked, policy: { kind: 'ceiling', ceilingPerMTok: 7n } });
    if (ceiling.kind !== 'ceiling') throw new Error(ceiling.kind);
    expect(bucketPrice(ceiling.price, 'outputAudio')).toEqual({ nanoUsdPerMillion: 7n, source: 'ceiling' });
    const known = priceOrCeiling({ ...asked, entry: entryOf({ input: 3n, output: 15n }), policy: { kind: 'refuse' } });
    expect(known.kind).toBe('priced');
    const embedding = { ...asked, entry: entryOf({ input: 3n }), policy: { kind: 'refuse' } } as const;
    expect(priceOrCeiling({ ...embedding, needs: ['input'] }).kind).toBe('priced');
    expect(priceOrCeiling(embedding).kind).toBe('refused');
  });
});

describe('near names', () => {
  const names = ['chat-large', 'chat-small', 'embed-small'];

  test('offer what was probably meant', () => {
    expect(near(names, 'chat-lrage')).toEqual(['chat-large']);
    expect(near(names, 'Chat-Small')[0]).toBe('chat-small');
    expect(near(names, 'embed_small')[0]).toBe('embed-small');
  });

  test('offer nothing that is not alike, and nothing to a name without end', () => {
    expect(near(names, 'whisper-1')).toEqual([]);
    expect(near(names, 'chat-large'.repeat(1000))).toEqual([]);
    expect(near([], 'chat-large')).toEqual([]);
  });

  test('put the name itself first, at no distance', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 30 }), (name) => {
        expect(near(['other', name], name)[0]?.toLowerCase()).toBe(name.toLowerCase());
      }),
    );
  });

  test('find a name through any one slip of the fingers', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.nat(),
        fc.constantFrom('drop', 'double', 'swap'),
        (name, position, slip) => {
          const at = position % (name.length - 1);
          const typed = {
            drop: name.slice(0, at) + name.slice(at + 1),
            double: name.slice(0, at) + name[at] + name.slice(at),
            swap: name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2),
          }[slip];
          expect(near(names, typed)[0]).toBe(name);
        },
      ),
    );
  });
});

test.each(['constructor', 'toString', 'valueOf'])(
  'a vendor may be called %s: what every object has is no seller',
  (vendor) => {
    expect(sellersOf(vendor)).toEqual([vendor]);
  },
);
