// Recorded answers of vendors as the tests of this room read them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

import type { Operation } from '../vocabulary/index.ts';
import { isJsonObject, objectIn, parseJson, textIn, type JsonObject } from './json/JsonObject.ts';
import { SseReader, type SseEvent } from './sse/SseReader.ts';
import { utf8Bytes } from './utf8.ts';
import type { RefusedAnswer, RequestFacts, StreamState, StreamStep, UpstreamWire, Wire } from './wire.ts';

const fixtures = new URL('../../test/fixtures/', import.meta.url);

export const fixtureBytes = (path: string): Buffer => readFileSync(new URL(path, fixtures));

export const fixtureJson = (path: string): unknown => parseJson(fixtureBytes(path).toString('utf8'));

/** Paths of a vendor's recordings that end so. */
export const recordingsOf = (vendor: string, ending: string): string[] =>
  readdirSync(new URL(`recordings/${vendor}/`, fixtures))
    .filter((name) => name.endsWith(ending))
    .map((name) => `recordings/${vendor}/${name}`);

/** The answer in a recording: an exchange, or a body alone, which then has the status given. */
export const recordedAnswer = (path: string, statusOfBareBody = 200): RefusedAnswer => {
  const recording = fixtureJson(path);
  if (!isJsonObject(recording)) throw new Error(`${path} is no object`);
  const response = objectIn(recording, 'response');
  if (response === null || !('source' in recording)) {
    return { status: statusOfBareBody, headers: {}, body: fixtureBytes(path) };
  }
  return {
    status: Number(response['status']),
    headers: headersOf(response),
    body: bodyOf(path, response),
  };
};

const headersOf = (response: JsonObject): Record<string, string> =>
  Object.fromEntries(Object.entries(objectIn(response, 'headers') ?? {}).map(([name, value]) => [name, String(value)]));

const bodyOf = (path: string, response: JsonObject): Uint8Array => {
  const file = textIn(response, 'bodyFile');
  return file === null
    ? utf8Bytes(JSON.stringify(response['body']))
    : fixtureBytes(`${path.slice(0, path.lastIndexOf('/'))}/${file}`);
};

/** Whole answers of a vendor: JSON recordings whose body is no stream. */
export const wholeAnswersOf = (vendor: string): string[] =>
  recordingsOf(vendor, '.json').filter((path) => !existsSync(new URL(path.replace(/json$/, 'response.sse'), fixtures)));

/** Recorded streams of a vendor, as bytes or as lines of payloads. */
export const streamsOf = (vendor: string): string[] => [
  ...recordingsOf(vendor, '.sse'),
  ...recordingsOf(vendor, '.chunks.txt'),
];

/** The bytes of a recorded stream; payloads without frame get the one that their vendor uses. */
export const recordedStream = (path: string): Buffer => {
  const bytes = fixtureBytes(path);
  if (path.endsWith('.sse')) return bytes;
  const frames = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const payload = parseJson(line);
      const type = isJsonObject(payload) ? textIn(payload, 'type') : null;
      return type === null ? `data: ${line}\n\n` : `event: ${type}\ndata: ${line}\n\n`;
    });
  return Buffer.from(frames.join(''));
};

/** All events of a stream that is read in these chunks. */
export const eventsIn = (...chunks: Uint8Array[]): SseEvent[] => {
  const reader = new SseReader();
  const events: SseEvent[] = [];
  for (const chunk of chunks) {
    const pushed = reader.push(chunk);
    if (!pushed.ok) throw new Error(pushed.fault.message);
    events.push(...pushed.value);
  }
  events.push(...reader.end());
  return events;
};

/** Cuts bytes at these offsets. */
export const cutAt = (bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] => {
  const edges = [0, ...offsets.toSorted((one, other) => one - other), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
};

/** Facts of a request that a stream answers. */
export const factsFor = (wire: UpstreamWire, operation: Operation, body: JsonObject): RequestFacts => {
  const read = wire.readRequest(utf8Bytes(JSON.stringify(body)), operation);
  if (!read.ok) throw new Error(read.fault.message);
  return read.value;
};

export interface ObservedStream {
  readonly steps: readonly StreamStep[];
  readonly states: readonly StreamState[];
  readonly end: StreamState;
  readonly closing: string;
}

/** Observes events one by one and keeps what was said after each. */
export const observeAll = (wire: Wire, facts: RequestFacts, events: readonly SseEvent[]): ObservedStream => {
  const observer = wire.observeStream(facts);
  const steps: StreamStep[] = [];
  const states: StreamState[] = [];
  for (const event of events) {
    steps.push(observer.observe(event));
    states.push({ ...observer.state });
  }
  return { steps, states, end: { ...observer.state }, closing: Buffer.from(observer.closing()).toString('utf8') };
};

/** The last total that a vendor of OpenAI's wires states itself, wherever it stands in its answer. */
export const statedTotal = (value: unknown): number | null => {
  let total: number | null = null;
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (!isJsonObject(node)) return;
    for (const [name, member] of Object.entries(node)) {
      if (name === 'total_tokens' && typeof member === 'number') total = member;
      visit(member);
    }
  };
  visit(value);
  return total;
};
