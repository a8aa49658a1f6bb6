import { integerField, section, switchField } from '../vocabulary/index.ts';
import { requestCeilings, requestCeilingsMax, type RequestCeilings } from '../wire/index.ts';

const bytesMax = 1024 ** 3;
const bodiesBytesMax = 1024 ** 4;
const dayMs = 86_400_000;

const bytes = (defaultBytes: number) => integerField(1, bytesMax, 'bytes').prefault(defaultBytes);
const milliseconds = (defaultMs: number) => integerField(1, dayMs, 'milliseconds').prefault(defaultMs);

const ceiling = (name: keyof RequestCeilings, unit: string) =>
  integerField(1, requestCeilingsMax[name], unit).prefault(requestCeilings[name]);

/** `responses`: what is kept of answers, so that clients may go on from them. */
export const responsesSchema = section({
  keep: switchField
    .prefault(true)
    .describe(
      'Whether responses are kept here whose targets keep none, so that clients can go on from them (previous_response_id, item_reference) and fetch them; one that is asked for with store: false never is. Where they are not, those that were are removed',
    ),
  keepDays: integerField(1, 3_650, 'days').prefault(30).describe('How long a response is kept'),
  keepBytes: integerField(0, bodiesBytesMax, 'bytes')
    .prefault(1_073_741_824)
    .describe(
      'All of them on disk; the team with the most makes room, with those that nobody has gone on from the longest time',
    ),
  memoryBytes: bytes(67_108_864).describe('Those of them that are in memory, too'),
}).describe('Responses that are kept here, since the targets that gave them keep none');

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
  connections: integerField(1, 1_000_000, 'connections')
    .prefault(20_000)
    .describe('Connections of clients to a listener at once; one more is closed as soon as it comes'),
  choices: ceiling('choices', 'answers').describe('Most answers that one request may ask for (n)'),
  outputTokens: ceiling('outputTokens', 'tokens').describe(
    'Most output tokens that a request may allow an answer (max_tokens and its other names)',
  ),
  tools: ceiling('tools', 'tools').describe('Most tools that one request may offer'),
  turnMs: integerField(0, dayMs, 'milliseconds')
    .prefault(25)
    .describe(
      'Processor time that turns of the event loop may stay at before new requests are told to come back, those first whose keys ask for more than their share; 0: any',
    ),
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
  lameDuckMs: integerField(0, dayMs, 'milliseconds')
    .prefault(0)
    .describe(
      'At a stop: how long requests are still taken after /readyz has said that the server leaves, for balancers to notice',
    ),
  drainMs: integerField(0, dayMs, 'milliseconds')
    .prefault(30_000)
    .describe(
      'At a stop: how long running requests may take to end after that; what is left is told that the server ends',
    ),
  inlineBytes: bytes(262_144).describe('Larger bodies are translated in a worker'),
}).describe('Bounds of one request, and of all together');
