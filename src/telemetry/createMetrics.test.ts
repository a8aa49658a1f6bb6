import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMetrics, bucketBoundsMs } from './createMetrics.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A reader of the exposition format, written from its description: what it cannot read is an error. */
const read = (text: string): readonly Sample[] => {
  const samples: Sample[] = [];
  expect(text === '' || text.endsWith('\n')).toBe(true);
  for (const line of text.split('\n').slice(0, -1)) {
    if (/^# (?:HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* /.test(line)) continue;
    const match =
      /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/u.exec(line);
    if (!match) throw new Error(`unreadable line: ${JSON.stringify(line)}`);
    const labels: Record<string, string> = {};
    for (const [, name, value] of (match[2] ?? '').matchAll(/([a-zA-Z0-9_]+)="((?:[^"\\\n]|\\["\\n])*)"/gu)) {
      labels[name!] = value!.replace(/\\(["\\n])/g, (_, mark: string) => (mark === 'n' ? '\n' : mark));
    }
    samples.push({ name: match[1]!, labels, value: Number(match[3]!.replace('Inf', 'Infinity')) });
  }
  return samples;
};

const keyOf = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1)));

describe('createMetrics', () => {
  test('writes counters and gauges with HELP and TYPE, sorted by name', () => {
    const { metrics, render } = createMetrics({ help: { requests_total: 'Requests\nby \\ model.' } });
    metrics.count('requests_total', { model: 'chat', code: '200' });
    metrics.count('requests_total', { code: '200', model: 'chat' }, 2);
    metrics.count('requests_total', { model: 'chat', code: '502' });
    metrics.gauge('in_flight', 3);
    metrics.gauge('in_flight', 2.5);
    expect(render()).toBe(
      [
        '# HELP in_flight in flight',
        '# TYPE in_flight gauge',
        'in_flight 2.5',
        '# HELP requests_total Requests\\nby \\\\ model.',
        '# TYPE requests_total counter',
        'requests_total{code="200",model="chat"} 3',
        'requests_total{code="502",model="chat"} 1',
        '',
      ].join('\n'),
    );
  });

  test('writes histograms with cumulated buckets, sum and count', () => {
    const { metrics, render } = createMetrics();
    for (const valueMs of [0, 1, 1.5, 40, 5_000_000]) metrics.observeMs('answer_ms', valueMs, { provider: 'a' });
    const text = render();
    expect(text).toContain('# TYPE answer_ms histogram\n');
    expect(text).toContain('answer_ms_bucket{provider="a",le="1"} 2\n');
    expect(text).toContain('answer_ms_bucket{provider="a",le="2.5"} 3\n');
    expect(text).toContain('answer_ms_bucket{provider="a",le="900000"} 4\n');
    expect(text).toContain('answer_ms_bucket{provider="a",le="+Inf"} 5\n');
    expect(text).toContain('answer_ms_sum{provider="a"} 5000042.5\nanswer_ms_count{provider="a"} 5\n');
  });

  test('writes nothing when nothing was measured', () => {
    expect(createMetrics().render()).toBe('');
  });

  test('writes the numbers that are none as Prometheus reads them', () => {
    const { metrics, render } = createMetrics();
    metrics.gauge('a', Number.NaN);
    metrics.gauge('b', Infinity);
    metrics.gauge('c', -Infinity);
    expect(render().match(/^[abc] .*$/gm)).toEqual(['a NaN', 'b +Inf', 'c -Inf']);
  });

  test('counts what is beyond the most series of a metric together', () => {
    const { metrics, render } = createMetrics({ seriesMax: 3 });
    for (let round = 0; round < 2; round++) {
      for (let key = 0; key < 10; key++) metrics.count('calls', { key: `k${key}` });
    }
    expect(read(render()).map(({ labels, value }) => [labels, value])).toEqual([
      [{ key: 'k0' }, 2],
      [{ key: 'k1' }, 2],
      [{ key: 'k2' }, 2],
      [{ _overflow: 'true' }, 14],
    ]);
  });

  test('holds a thousand series by default, whatever comes [A35]', () => {
    const { metrics, render } = createMetrics();
    for (let key = 0; key < 5_000; key++) {
      metrics.count('calls', { key: `k${key}` });
      metrics.observeMs('waits', 1, { key: `k${key}` });
    }
    const samples = read(render());
    expect(samples.filter(({ name }) => name === 'calls')).toHaveLength(1_001);
    expect(samples.filter(({ name }) => name === 'waits_count')).toHaveLength(1_001);
  });

  test('cuts a long label value', () => {
    const { metrics, render } = createMetrics();
    metrics.count('calls', { model: 'x'.repeat(5_000) });
    expect(read(render())[0]?.labels.model).toHaveLength(200);
  });

  test.each<[string, (metrics: ReturnType<typeof createMetrics>['metrics']) => void]>([
    ['a name with a dash', (metrics) => metrics.count('a-b')],
    ['an empty name', (metrics) => metrics.gauge('', 1)],
    ['a name with a line in it', (metrics) => metrics.count('a\nb')],
    ['a label with a dash', (metrics) => metrics.count('a', { 'b-c': '' })],
    ['a label of Prometheus itself', (metrics) => metrics.count('a', { __name__: 'b' })],
    ['the label of the buckets', (metrics) => metrics.observeMs('a', 1, { le: '5' })],
    ['a counter that falls', (metrics) => metrics.count('a', {}, -1)],
    ['a duration that is none', (metrics) => metrics.observeMs('a', Number.NaN)],
    ['a counter used as a gauge', (metrics) => (metrics.count('a'), metrics.gauge('a', 1))],
    ['a name that a histogram writes', (metrics) => (metrics.observeMs('a', 1), metrics.count('a_count'))],
    ['a histogram over a counter', (metrics) => (metrics.count('a_sum'), metrics.observeMs('a', 1))],
  ])('refuses %s as a mistake of the program', (_what, mistake) => {
    expect(() => mistake(createMetrics().metrics)).toThrow(/assertion failed/);
  });

  test('what is read from the text is what was counted, whatever the label values hold', () => {
    const value = fc.oneof(
      fc.string({
        unit: fc.constantFrom('\\', '"', '\n', 'n', ',', '{', '}', '=', ' ', 'x', '\r', '\u2028'),
        maxLength: 12,
      }),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    const labels = fc.dictionary(fc.constantFrom('model', 'provider', 'a', '_b'), value);
    fc.assert(
      fc.property(fc.array(fc.tuple(labels, fc.nat(1_000))), (counted) => {
        const { metrics, render } = createMetrics();
        const expected = new Map<string, number>();
        for (const [own, amount] of counted) {
          metrics.count('calls', own, amount);
          const key = keyOf(own);
          expected.set(key, (expected.get(key) ?? 0) + amount);
        }
        const found = read(render()).map(({ labels: own, value: sum }): [string, number] => [keyOf(own), sum]);
        expect(new Map(found)).toEqual(expected);
        expect(found).toHaveLength(expected.size);
      }),
      { numRuns: 300 },
    );
  });

  test('histograms lose no observation and put each at its bound', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1 }), (valuesMs) => {
        const { metrics, render } = createMetrics();
        for (const valueMs of valuesMs) metrics.observeMs('wait', valueMs);
        const samples = read(render());
        for (const boundMs of bucketBoundsMs) {
          const bucket = samples.find(({ labels }) => labels.le === String(boundMs));
          expect(bucket?.value).toBe(valuesMs.filter((valueMs) => valueMs <= boundMs).length);
        }
        expect(samples.find(({ name }) => name === 'wait_count')?.value).toBe(valuesMs.length);
      }),
    );
  });
});
