// Recorded streams of this wire as its tests read them.
import { isJsonObject, parseJson } from '../json/JsonObject.ts';
import { EventStreamReader } from '../eventStream/EventStreamReader.ts';
import { eventMessage } from '../../../test/rigs/eventMessages.ts';
import { fixtureBytes, recordingsOf } from '../recordings.fixture.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import type { RequestFacts } from '../wire.ts';
import { readRequest } from './readRequest.ts';
import { utf8Bytes } from '../utf8.ts';

export const claude = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';

/** Streams of the Converse API: those of InvokeModel have other events in the same frames. */
export const converseStreams: readonly string[] = [
  ...recordingsOf('bedrock', '.bin').filter((path) => !path.includes('/invoke-')),
  ...recordingsOf('bedrock', '.chunks.txt'),
];

/** The bytes of a recorded stream; payloads without frame get the one that the vendor uses. */
export const streamBytes = (path: string): Buffer => {
  const bytes = fixtureBytes(path);
  if (path.endsWith('.bin')) return bytes;
  const messages = bytes
    .toString('utf8')
    .split('\n')
    .map((line) => parseJson(line))
    .filter(isJsonObject)
    .flatMap((event) => Object.entries(event).map(([type, payload]) => eventMessage(type, payload)));
  return Buffer.concat(messages);
};

/** All events of a stream that is read in these chunks. */
export const messagesIn = (...chunks: Uint8Array[]): SseEvent[] => {
  const reader = new EventStreamReader();
  return chunks.flatMap((chunk) => {
    const pushed = reader.push(chunk);
    if (!pushed.ok) throw new Error(pushed.fault.message);
    return pushed.value;
  });
};

/** Facts of a request that an answer answers. */
export const factsOf = (model: string): RequestFacts => {
  const read = readRequest(utf8Bytes('{"messages":[]}'), 'generate', undefined, { model, stream: true });
  if (!read.ok) throw new Error(read.fault.message);
  return read.value;
};
