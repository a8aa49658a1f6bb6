import { describe, expect, test } from 'vitest';
import { silentLog, silentMetrics, type Log, type Metrics } from '../../kernel/index.ts';
import type { Pressure } from './Pressure.ts';
import { Shedder, type Shed } from './Shedder.ts';

const calm: Pressure = { turnMs: 1, memoryShare: 0.3, diskShare: 0 };
const small = 1_000;
const large = 1_000_000;
/** How long each request of a test takes. */
const requestMs = 300;

/** A shedder whose time and pressure a test moves. */
class Stage {
  pressure = calm;
  turnMsMax = 25;
  nowMs = 0;
  closedIdle = 0;
  readonly said: (readonly [event: string, cause: unknown])[] = [];
  readonly counts = new Map<string, number>();
  readonly gauges = new Map<string, number>();
  readonly shedder: Shedder;
  /** Requests that are here, with the time of their end. */
  readonly #here: { readonly untilMs: number; readonly leave: () => void }[] = [];

  constructor() {
    const log: Log = {
      ...silentLog,
      warn: (event, fields) => void this.said.push([event, fields?.['cause']]),
      info: (event, fields) => void this.said.push([event, fields?.['cause']]),
    };
    const metrics: Metrics = {
      ...silentMetrics,
      count: (name, labels) => {
        const series = `${name} ${labels?.['cause']}`;
        this.counts.set(series, (this.counts.get(series) ?? 0) + 1);
      },
      gauge: (name, value) => void this.gauges.set(name, value),
    };
    this.shedder = new Shedder({
      pressure: () => this.pressure,
      turnMs: () => this.turnMsMax,
      closeIdle: () => void (this.closedIdle += 1),
      random: () => 0,
      clock: { monotonicMs: () => this.nowMs },
      log,
      metrics,
    });
  }

  ask(key: string, bodyBytes: number | null = small): Shed | null {
    const flow = this.shedder.flowOf(key);
    const shed = this.shedder.shed(flow, bodyBytes);
    if (shed === null) this.#here.push({ untilMs: this.nowMs + requestMs, leave: this.shedder.enter(flow) });
    return shed;
  }

  #leave(): void {
    while ((this.#here[0]?.untilMs ?? Infinity) <= this.nowMs) this.#here.shift()?.leave();
  }

  look(elapsedMs = 100): void {
    this.nowMs += elapsedMs;
    this.#leave();
    this.shedder.look();
  }

  /** Seconds in which each key asks so many times, evenly. @returns how many were let in, and how many in all, by key. */
  run(
    seconds: number,
    perS: Readonly<Record<string, number>>,
  ): Readonly<Record<string, readonly [letIn: number, asked: number]>> {
    const told = Object.fromEntries(Object.keys(perS).map((key): [string, [number, number]] => [key, [0, 0]]));
    const due = new Map<string, number>();
    for (let step = 0; step < seconds * 100; step += 1) {
      for (const [key, rate] of Object.entries(perS)) {
        const wanted = (due.get(key) ?? 0) + rate / 100;
        for (let one = 1; one <= wanted; one += 1) {
          told[key]![1] += 1;
          if (this.ask(key) === null) told[key]![0] += 1;
        }
        due.set(key, wanted % 1);
      }
      this.nowMs += 10;
      this.#leave();
      if (step % 10 === 9) this.shedder.look();
    }
    return told;
  }
}

const shareOf = ([letIn, asked]: readonly [number, number] = [0, 0]): number => letIn / asked;

describe('while there is enough of everything', () => {
  test('everybody is let in, however much one asks for', () => {
    const { hog, other } = new Stage().run(5, { hog: 900, other: 5 });
    expect([shareOf(hog), shareOf(other)]).toEqual([1, 1]);
  });

  test('keys that are silent are forgotten, and nobody looks at an idle server', () => {
    const stage = new Stage();
    stage.run(1, { one: 10 });
    for (let look = 0; look < 1_000; look += 1) stage.look();
    expect(stage.shedder.flowOf('one').wantedRate).toBe(0);
    stage.shedder.stop();
  });
});

describe('while turns are too long', () => {
  test('who asks for no more than its share is let in, and who asks for ten times as much is cut to its share [G9]', () => {
    const stage = new Stage();
    const load = { hog: 400, ...Object.fromEntries(Array.from({ length: 19 }, (_, index) => [`key-${index}`, 20])) };
    stage.pressure = { ...calm, turnMs: 60 };
    stage.run(1, load);
    stage.pressure = { ...calm, turnMs: 24 };
    stage.run(3, load);
    const told = stage.run(10, load);
    const { hog, ...others } = told;
    expect(shareOf(hog)).toBeLessThan(0.7);
    expect(hog![0], 'not less than anybody else').toBeGreaterThan(200);
    for (const other of Object.values(others)) expect(shareOf(other)).toBeGreaterThan(0.97);
  });

  test('all that ask for too much have as much as each other', () => {
    const stage = new Stage();
    stage.pressure = { ...calm, turnMs: 60 };
    const load = { one: 300, two: 600, three: 150 };
    stage.run(2, load);
    const told = stage.run(10, load);
    const [one, two, three] = [told['one']![0], told['two']![0], told['three']![0]];
    expect(Math.abs(one - two)).toBeLessThan(0.15 * one);
    expect(three).toBeGreaterThan(0);
  });

  test('it is told once when it begins and once when it is over, and counted [G8]', () => {
    const stage = new Stage();
    stage.pressure = { ...calm, turnMs: 60 };
    stage.run(5, { one: 500 });
    expect(stage.said).toEqual([['overload: requests are told to come back', 'queue']]);
    expect(stage.counts.get('archipel_shed_total queue')).toBeGreaterThan(100);
    stage.pressure = calm;
    stage.run(10, { one: 5 });
    expect(stage.said).toEqual([
      ['overload: requests are told to come back', 'queue'],
      ['overload is over', 'queue'],
    ]);
    expect(shareOf(stage.run(1, { one: 500 })['one'])).toBe(1);
  });

  test('whoever asks for more is told to come back later', () => {
    const stage = new Stage();
    stage.pressure = { ...calm, turnMs: 60 };
    stage.run(5, { hog: 900, other: 20 });
    const sheds = Array.from({ length: 50 }, () => stage.ask('hog')).filter((shed) => shed !== null);
    expect(sheds.length).toBeGreaterThan(0);
    for (const { cause, retryAfterS } of sheds) {
      expect(cause).toBe('queue');
      expect(retryAfterS).toBeGreaterThanOrEqual(1);
      expect(retryAfterS).toBeLessThanOrEqual(30);
    }
  });

  test('nobody is turned away where there are only a few requests: something else makes turns long', () => {
    const stage = new Stage();
    stage.pressure = { ...calm, turnMs: 900 };
    expect(shareOf(stage.run(10, { one: 20 })['one'])).toBe(1);
  });

  test('nobody is turned away where turns may be as long as they are', () => {
    const stage = new Stage();
    stage.turnMsMax = 0;
    stage.pressure = { ...calm, turnMs: 900 };
    expect(shareOf(stage.run(5, { one: 500 })['one'])).toBe(1);
  });
});

describe('memory', () => {
  const at = (memoryShare: number): Stage => {
    const stage = new Stage();
    stage.ask('one');
    stage.pressure = { ...calm, memoryShare };
    stage.look();
    return stage;
  };

  test.each([
    { share: 0.84, small: false, large: false, closesIdle: false },
    { share: 0.85, small: false, large: true, closesIdle: false },
    { share: 0.92, small: true, large: true, closesIdle: false },
    { share: 0.95, small: true, large: true, closesIdle: true },
  ])(
    'at $share of its limit: small bodies turned away $small, large ones $large, idle connections closed $closesIdle [G8]',
    (step) => {
      const stage = at(step.share);
      expect(stage.ask('one', small) !== null).toBe(step.small);
      expect(stage.ask('one', large) !== null).toBe(step.large);
      expect(stage.ask('one', null) !== null, 'a body of a length that nobody told may be large').toBe(step.large);
      expect(stage.closedIdle > 0).toBe(step.closesIdle);
    },
  );

  test('is told once an episode, and everybody is let in when there is enough again', () => {
    const stage = at(0.93);
    stage.look();
    stage.ask('one');
    stage.pressure = calm;
    stage.look();
    stage.look();
    expect(stage.said).toEqual([
      ['overload: requests are told to come back', 'memory'],
      ['overload is over', 'memory'],
    ]);
    expect(stage.counts.get('archipel_shed_total memory')).toBe(1);
    expect(stage.gauges.get('archipel_memory_share')).toBe(0.3);
    expect(stage.ask('one')).toBeNull();
  });
});

test('a disk that is nearly too far behind has requests turned away before records are refused', () => {
  const stage = new Stage();
  stage.ask('one');
  stage.pressure = { ...calm, diskShare: 0.9 };
  stage.look();
  expect(stage.ask('one')).toMatchObject({ cause: 'disk', retryAfterS: 2 });
});

test('more keys than are told apart share what one has', () => {
  const stage = new Stage();
  for (let key = 0; key < 10_000; key += 1) stage.shedder.flowOf(`key-${key}`);
  expect(stage.shedder.flowOf('late')).toBe(stage.shedder.flowOf('later'));
  expect(stage.shedder.flowOf('late')).not.toBe(stage.shedder.flowOf('key-1'));
  stage.shedder.stop();
});
