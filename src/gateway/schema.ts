import { integerField, section } from '../vocabulary/index.ts';

const bytesMax = 1024 ** 3;
const bodiesBytesMax = 1024 ** 4;
const dayMs = 86_400_000;

const bytes = (defaultBytes: number) => integerField(1, bytesMax, 'bytes').prefault(defaultBytes);
const milliseconds = (defaultMs: number) => integerField(1, dayMs, 'milliseconds').prefault(defaultMs);

/** `limits`: the bounds of one request, and of all together. They may be lowered in tests. */
export const limitsSchema = section({
  bodyBytes: bytes(33_554_432).describe("Largest body of a client's request"),
  bodiesBytes: integerField(1, bodiesBytesMax, 'bytes')
    .prefault(536_870_912)
    .describe(
      "All clients' bodies together, while they come and until their requests are done; one more is told to come back. Each may be in memory twice: as it came and as it goes on",
    ),
  headerBytes: bytes(32_768).describe("Largest head of a client's request"),
  headersMs: milliseconds(15_000).describe("For the head of a client's request to arrive"),
  bodyMs: milliseconds(60_000).describe("For the body of a client's request to arrive"),
  requestsInFlight: integerField(1, 1_000_000, 'requests')
    .prefault(10_000)
    .describe('Requests at once, those counted that are still coming; one more is told to come back'),
  connectMs: milliseconds(3_200).describe('To reach a target; lost packets are sent again after 1 and 3 seconds'),
  firstByteMs: milliseconds(120_000).describe("From the call to the first byte of the target's answer"),
  firstByteReasoningMs: milliseconds(600_000).describe('The same for models that think before they answer'),
  idleMs: milliseconds(60_000).describe('Longest silence inside an answer'),
  totalMs: milliseconds(900_000).describe('From the request to the end of its answer, all attempts together'),
  holdHeadersMs: integerField(0, dayMs, 'milliseconds')
    .prefault(10_000)
    .describe('How long the head of an answer waits for its first content'),
  pingMs: milliseconds(10_000).describe('Between signs of life in a stream that has no content yet'),
  answerBytes: bytes(33_554_432).describe('Largest answer that is kept in memory, after decoding'),
  attempts: integerField(1, 10, 'attempts').prefault(3).describe('Most calls to targets for one request'),
  inlineBytes: bytes(262_144).describe('Larger bodies are translated in a worker'),
}).describe('Bounds of one request, and of all together');
