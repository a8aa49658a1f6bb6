// Streams that break off and are gone on with by another vendor, as a client gets them.
import type { AnswerPart } from '../../vocabulary/index.ts';
import { anthropicWire } from '../anthropic/anthropicWire.ts';
import { decodeAll, frame } from '../codec/answers.fixture.ts';
import { geminiWire } from '../gemini/geminiWire.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { DirectRelay } from '../passage/DirectRelay.ts';
import type { StreamRelay } from '../passage/StreamRelay.ts';
import { TranslatingRelay } from '../passage/TranslatingRelay.ts';
import { eventsIn, factsFor, recordedStream, streamsOf } from '../recordings.fixture.ts';
import { responsesWire } from '../responses/responsesWire.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import type { RequestFacts, Wire } from '../wire.ts';
import { ContinuingRelay } from './ContinuingRelay.ts';
import type { RunningAnswer } from './RunningAnswer.ts';

const facts = new Map<Wire, RequestFacts>([
  [
    openaiWire,
    factsFor(openaiWire, 'generate', {
      model: 'm',
      messages: [],
      stream: true,
      stream_options: { include_usage: true },
    }),
  ],
  [anthropicWire, factsFor(anthropicWire, 'generate', { model: 'm', max_tokens: 9, messages: [], stream: true })],
  [geminiWire, factsFor(geminiWire, 'generate', { contents: [] })],
  [responsesWire, factsFor(responsesWire, 'generate', { model: 'm', input: [], stream: true })],
]);

export const factsOf = (wire: Wire): RequestFacts => {
  const known = facts.get(wire);
  if (known === undefined) throw new Error(wire.name);
  return known;
};

/** Recordings of streams, with the wire that they are in. */
export const recordedStreams: readonly (readonly [path: string, wire: Wire])[] = [
  ...['openai', 'azure', 'deepseek', 'groq', 'mistral', 'openrouter', 'xai', 'openai-compatible']
    .flatMap(streamsOf)
    .map((path) => [path, openaiWire] as const),
  ...streamsOf('anthropic').map((path) => [path, anthropicWire] as const),
  ...streamsOf('google').map((path) => [path, geminiWire] as const),
  ...streamsOf('responses').map((path) => [path, responsesWire] as const),
];

/** The way of a stream to a client, followed. */
export const followed = (vendor: Wire, client: Wire): StreamRelay =>
  vendor === client
    ? new DirectRelay(client.observeStream(factsOf(client), true))
    : new TranslatingRelay(vendor.codec.decodeStream(factsOf(vendor)), client.codec, frame, true);

/** The parts of a stream, also of one that breaks off. */
export const partsIn = (wire: Wire, sse: string): readonly AnswerPart[] =>
  decodeAll(wire.codec.decodeStream(factsOf(wire)), eventsIn(Buffer.from(sse)));

export const textOf = (parts: readonly AnswerPart[]): string =>
  parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

/** What the client gets of the rest, event by event. */
export const continued = (
  running: RunningAnswer,
  vendor: Wire,
  events: readonly SseEvent[],
): { readonly sse: string; readonly relay: ContinuingRelay; readonly kinds: readonly string[] } => {
  const taken = { running, usage: { input: 5, output: 3 }, from: 'first/m', to: 'second/m' };
  const relay = new ContinuingRelay(vendor.codec.decodeStream(factsOf(vendor)), taken, 'prefill', frame);
  const steps = events.map((event) => relay.relay(event));
  const sse = Buffer.concat([...steps.map(({ bytes }) => bytes), relay.closing()]).toString('utf8');
  return { sse, relay, kinds: steps.map(({ kind }) => kind) };
};

/** A stream without what tells of its seam, for those who know the protocol only. */
export const withoutSeams = (sse: string): string =>
  sse.replaceAll(/^: archipel-seam .*\n/gm, '').replaceAll(/event: ping\ndata: \{"type":"ping","archipel":.*\n\n/g, '');

export const clients: readonly Wire[] = [openaiWire, anthropicWire, geminiWire, responsesWire];

/** A recorded stream up to where it is cut. */
export interface CutRecording {
  readonly name: string;
  /** The client speaks the wire of the vendor. */
  readonly isDirect: boolean;
  /** What the client has, and what the vendor said. */
  readonly before: string;
  readonly parts: readonly AnswerPart[];
  readonly running: RunningAnswer | null;
  /** The vendor has told why the answer ended. */
  readonly isToldWhy: boolean;
}

/** Where a stream is cut: at most so many times, in turns behind an event and within one; without a limit behind each and within each. */
const cutsIn = (events: readonly SseEvent[], most: number): readonly number[] => {
  const step = Math.max(1, Math.ceil(events.length / most));
  const cuts: number[] = [];
  let at = 0;
  for (const [index, { raw }] of events.entries()) {
    at += raw.length;
    if (index % step !== step - 1) continue;
    const within = at - Math.ceil(raw.length / 2);
    if (most === Number.POSITIVE_INFINITY) cuts.push(within, at);
    else cuts.push(index % 2 === 0 ? at : within);
  }
  return cuts;
};

/** All recorded streams, cut, as they reach a client. @param most Cuts of each. */
export function* cutRecordings(
  client: Wire,
  most: { readonly direct: number; readonly translated: number },
): Generator<CutRecording> {
  for (const [path, vendor] of recordedStreams) {
    const bytes = recordedStream(path);
    const isDirect = vendor === client;
    for (const cut of cutsIn(eventsIn(bytes), isDirect ? most.direct : most.translated)) {
      const relay = followed(vendor, client);
      const decoder = vendor.codec.decodeStream(factsOf(vendor));
      const events = eventsIn(bytes.subarray(0, cut));
      const parts = events.flatMap((event) => decoder.decode(event).parts);
      const steps = events.map((event) => relay.relay(event));
      if (steps.some(({ kind }) => kind === 'failure' || kind === 'terminal')) break;
      const { running = null } = relay;
      yield {
        name: `${path} at ${cut}`,
        isDirect,
        before: Buffer.concat(steps.map((step) => step.bytes)).toString('utf8'),
        parts,
        running: running?.text.trim() === '' ? null : running,
        isToldWhy: steps.some(({ kind }) => kind === 'closing'),
      };
    }
  }
}
