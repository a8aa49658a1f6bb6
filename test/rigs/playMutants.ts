// Recorded answers with random bytes changed, on their way to clients of every wire.
import { expect } from 'vitest';
import { claude, converseStreams, streamBytes } from '../../src/wire/bedrock/recordings.fixture.ts';
import {
  clientWires,
  directPassage,
  takesAsItIs,
  translatingPassage,
  wires,
  type AnswerFrame,
  type Passage,
  type StreamRelay,
  type UpstreamWire,
} from '../../src/wire/index.ts';
import { recordedAnswer, recordedStream, streamsOf, wholeAnswersOf } from '../../src/wire/recordings.fixture.ts';
import { Chance } from './Chance.ts';
import { clients } from './conformance/matrix.ts';
import { sseData } from './conformance/sse.ts';
import type { Client } from './conformance/Words.ts';
import { mutateBytes, mutateMessages } from './mutate.ts';

/** Longer recordings say nothing new here and take longer to read. */
const recordingBytesMax = 6_000;

interface Recording {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A wire with recorded answers of its vendors. */
export interface Subject {
  readonly name: string;
  readonly model: string;
  readonly streams: readonly Recording[];
  readonly answers: readonly Recording[];
}

const short = (recordings: readonly Recording[]): readonly Recording[] =>
  recordings.filter(({ bytes }) => bytes.length <= recordingBytesMax);

const read = (names: readonly string[], bytesOf: (name: string) => Uint8Array): readonly Recording[] =>
  short(names.map((name) => ({ name, bytes: bytesOf(name) })));

const answersOf = (vendor: string): readonly Recording[] =>
  read(wholeAnswersOf(vendor), (name) => recordedAnswer(name).body);

const chatVendors = ['openai', 'azure', 'deepseek', 'groq', 'mistral', 'openrouter', 'xai', 'openai-compatible'];

export const subjects: readonly Subject[] = [
  {
    name: 'openai',
    model: 'vendor-model',
    streams: read(chatVendors.flatMap(streamsOf), recordedStream),
    answers: chatVendors.flatMap(answersOf),
  },
  {
    name: 'anthropic',
    model: 'vendor-model',
    streams: read(streamsOf('anthropic'), recordedStream),
    answers: answersOf('anthropic'),
  },
  {
    name: 'responses',
    model: 'vendor-model',
    streams: read(streamsOf('responses'), recordedStream),
    answers: answersOf('responses'),
  },
  {
    name: 'gemini',
    model: 'gemini-2.5-flash',
    streams: read(streamsOf('google'), recordedStream),
    answers: answersOf('google'),
  },
  { name: 'bedrock', model: claude, streams: read(converseStreams, streamBytes), answers: answersOf('bedrock') },
];

const question = Buffer.from(
  JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true, reasoning_effort: 'low' }),
);

const place = { boundary: 'vendor/main/-', model: 'm' };

const frame: AnswerFrame = {
  requestId: 'req_1',
  model: 'm',
  createdAtS: 1,
  inputEstimateTokens: 5,
  usageAsked: true,
  showThinking: true,
  tools: [],
  sealedAt: place,
};

/** The way of an answer to a client, and how that client reads it. */
interface Way {
  readonly passage: Passage;
  readonly reader: Client;
}

/** The ways from a target's wire to each client's. */
const waysFrom = (target: UpstreamWire, model: string): readonly Way[] => {
  const asked = clientWires.get('openai')!.codec.decodeRequest(question);
  if (!asked.ok) throw new Error(asked.fault.message);
  return clients.map((reader) => {
    const client = clientWires.get(reader.name)!;
    const capabilities = { ...place, model, outputTokensMax: 4_096, reasoning: true, unsupported: [] };
    const passage = translatingPassage({ client, request: asked.value, frame }, target, capabilities);
    if (!passage.ok) throw new Error(passage.fault.message);
    const { body, facts } = passage.value;
    const isDirect = takesAsItIs(target, client);
    return { reader, passage: isDirect ? directPassage(client, target, body, facts) : passage.value };
  });
};

/** How a stream of these bytes ends: well, or by what fault. Where it is translated the client was sent whole events, and a success only where it ends well. */
const endOfStream = ({ passage, reader }: Way, bytes: Uint8Array): string => {
  const relay = passage.relayStream();
  const sent: Uint8Array[] = [];
  const end = pump(passage, relay, bytes, sent);
  if (!passage.translated) return end;
  const text = Buffer.concat(sent).toString('utf8');
  for (const data of sseData(text)) if (data !== '[DONE]') expect(JSON.parse(data)).toBeTypeOf('object');
  if (end !== 'ok') expect(reader.hearsStream(text).isWhole).toBe(false);
  return end;
};

/** @param sent Gets what goes to the client. */
const pump = (passage: Passage, relay: StreamRelay, bytes: Uint8Array, sent: Uint8Array[]): string => {
  const events = passage.wire.readEvents();
  const pushed = events.push(bytes);
  for (const event of pushed.ok ? [...pushed.value, ...events.end()] : pushed.fault.events) {
    const step = relay.relay(event);
    sent.push(step.bytes);
    if (step.kind === 'failure') return step.failure?.class ?? 'protocol';
    if (step.kind === 'terminal') break;
  }
  const { complete, usage } = relay.state;
  expect(Object.values(usage ?? {}).every((count) => Number.isSafeInteger(count) && count >= 0)).toBe(true);
  if (!complete) return pushed.ok ? 'no_terminal_event' : pushed.fault.code;
  sent.push(relay.closing());
  return 'ok';
};

const endOfAnswer = ({ passage }: Way, bytes: Uint8Array): string => {
  const relayed = passage.relayAnswer('generate', bytes, {});
  if (!relayed.ok) return relayed.fault.class;
  if (passage.translated) expect(JSON.parse(Buffer.from(relayed.value.body).toString('utf8'))).toBeTypeOf('object');
  return 'ok';
};

const endOfRefusal = ({ passage }: Way, body: Uint8Array, chance: Chance): string =>
  passage.wire.classify({ status: 400 + chance.below(200), headers: {}, body }, 0).class;

const pick = <Value>(values: readonly Value[], chance: Chance): Value => values[chance.below(values.length)]!;

export interface MutantsPlayed {
  /** How many ended in each way; "ok" is a success. */
  readonly ends: ReadonlyMap<string, number>;
  readonly slowestMs: number;
}

/** Plays so many mutants of a wire's recordings, each to a client of some wire. @throws where one of them ends in no way that has a name, and tells which. */
export const playMutants = (subject: Subject, mutants: number, seed: number): MutantsPlayed => {
  const { name, model, streams, answers } = subject;
  const chance = new Chance(seed);
  const ways = waysFrom(wires.get(name)!, model);
  const ends = new Map<string, number>();
  let slowestMs = 0;
  for (let mutant = 1; mutant <= mutants; mutant++) {
    const way = pick(ways, chance);
    const isStream = chance.happens(0.7);
    const recording = pick(isStream ? streams : answers, chance);
    const mutate = isStream && name === 'bedrock' && chance.happens(0.8) ? mutateMessages : mutateBytes;
    const bytes = mutate(recording.bytes, chance);
    const endOf = isStream ? endOfStream : chance.happens(0.8) ? endOfAnswer : endOfRefusal;
    const startedMs = performance.now();
    try {
      const end = endOf(way, bytes, chance);
      expect(end).not.toBe('');
      ends.set(end, (ends.get(end) ?? 0) + 1);
    } catch (error) {
      const which = `mutant ${mutant} of ${recording.name} for a client of ${way.reader.name}`;
      throw new Error(`ARCHIPEL_SEED=${seed}, ${which}`, { cause: error });
    }
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
  }
  // Some are still whole, and many are not: otherwise this would prove nothing.
  expect(ends.get('ok')).toBeGreaterThan(mutants / 100);
  expect(ends.get('protocol')).toBeGreaterThan(mutants / 100);
  return { ends, slowestMs };
};
