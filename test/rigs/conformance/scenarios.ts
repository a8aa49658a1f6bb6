// What every pair of a client and a vendor is put through, each said once, in words of no wire.
import type { Ask, Call, Choice, Counts, Ending, Said, ToolWords, Turn } from './Words.ts';

/** An answer that must arrive as it was said, to a question that must arrive as it was asked. */
export interface AnswerScenario {
  readonly kind: 'answer';
  readonly name: string;
  readonly ask: Ask;
  readonly said: Said;
}

/** A refusal with a status. */
export interface ErrorScenario {
  readonly kind: 'error';
  readonly name: string;
  readonly status: number;
  /** What the client gets: the vendor's words under this status, or one of our codes, each with its own. */
  readonly expected: { readonly status: number } | { readonly codes: readonly ErrorCode[] };
}

/** A failure inside a stream that began with status 200. */
export interface FaultScenario {
  readonly kind: 'fault';
  readonly name: string;
  readonly at: 'before content' | 'after content';
}

/** An answer that ends too early: a stream after each of its events, a whole answer in its middle. */
export interface CutScenario {
  readonly kind: 'cut';
  readonly name: string;
}

export type Scenario = AnswerScenario | ErrorScenario | FaultScenario | CutScenario;

/** Codes of docs/reference/errors.md that stand for a vendor's failure. */
export type ErrorCode = 'rate_limited' | 'all_targets_failed' | 'upstream_credentials';

const boundTokens = 4_000;
const counts: Counts = { input: 12, cacheRead: 0, cacheWrite: 0, output: 7, reasoning: 0 };

const user = (text: string): Turn => ({ by: 'user', pieces: [{ kind: 'text', text }] });
const question = user('What is the weather in Paris?');
const plain: Ask = { turns: [question], boundTokens };
const fine: Said = { text: ['It is ', 'sunny.'], ending: 'stop', counts };

const citySchema = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Name of the city' } },
  required: ['city'],
  additionalProperties: false,
};
const weather: ToolWords = { name: 'get_weather', description: 'Weather of a city', parameters: citySchema };
const clock: ToolWords = {
  name: 'get_time',
  description: 'The time',
  parameters: { type: 'object', properties: {}, additionalProperties: false },
};
const tools = [weather, clock];

const calling = (...calls: readonly Call[]): Said => ({ calls, ending: 'tool-calls', counts });
const callOf = (city: string): Call => ({ name: 'get_weather', input: { city } });

/** Letters that JSON, UTF-8 and frames treat in their own ways, thousands of them. */
const bigInput = {
  city: 'Zürich "北京"\n\\ \u{1f600}',
  rows: Array.from({ length: 400 }, (_, index) => ({
    index,
    text: `row ${index}: é\t"quoted" </script>`,
    ok: index % 2 === 0,
  })),
};

// tidy-allow random-text: a picture of one pixel, no secret
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const conversation: readonly Turn[] = [
  user('Good morning.'),
  { by: 'assistant', pieces: [{ kind: 'text', text: 'Good morning! How can I help?' }] },
  question,
];

const round: readonly Turn[] = [
  user('Compare the weather in Paris and Rome.'),
  {
    by: 'assistant',
    pieces: [
      { kind: 'text', text: 'I ask for both.' },
      { kind: 'call', id: 'call_A1b2C3d4E', name: 'get_weather', input: { city: 'Paris' } },
      { kind: 'call', id: 'call_F5g6H7i8J', name: 'get_weather', input: { city: 'Rome' } },
    ],
  },
  {
    by: 'user',
    pieces: [
      { kind: 'result', id: 'call_A1b2C3d4E', text: 'sunny, 21 degrees' },
      { kind: 'result', id: 'call_F5g6H7i8J', text: 'rain, 15 degrees' },
      { kind: 'text', text: 'Be short.' },
    ],
  },
];

const personSchema = {
  type: 'object',
  properties: { city: { type: 'string' }, people: { type: 'integer' } },
  required: ['city', 'people'],
  additionalProperties: false,
};

const shown = (image: Turn['pieces'][number]): Ask => ({
  turns: [{ by: 'user', pieces: [{ kind: 'text', text: 'What is this?' }, image] }],
  boundTokens,
});

const answered = (name: string, ask: Partial<Ask>, said: Partial<Said> = {}): AnswerScenario => ({
  kind: 'answer',
  name,
  ask: { ...plain, ...ask },
  said: { ...fine, ...said },
});

const called = (name: string, ask: Partial<Ask>, said: Said): AnswerScenario => ({
  kind: 'answer',
  name,
  ask: { ...plain, tools, ...ask },
  said,
});

const ended = (ending: Exclude<Ending, 'stop' | 'tool-calls'>): AnswerScenario =>
  answered(`ends: ${ending}`, {}, { ending });

const chosen = (name: string, choice: Choice, said: Said): AnswerScenario =>
  called(`tool choice: ${name}`, { choice }, said);

const refused = (status: number, expected: ErrorScenario['expected']): ErrorScenario => ({
  kind: 'error',
  name: `error ${status}`,
  status,
  expected,
});

export const scenarios: readonly Scenario[] = [
  answered('text', {}),
  answered(
    'text of many letters',
    { turns: [user('Räksmörgås 北京 \u{1f600} "\\\n"')] },
    { text: ['Ça va', ' — 北', '京 \u{1f468}‍\u{1f469}‍\u{1f467}', '\n"\\ </s>'] },
  ),
  answered('system and turns', { system: 'You answer in one sentence.', turns: conversation }),
  answered('settings', { temperature: 0.5 }),
  answered('stop sequences', { stop: ['END'] }),
  called('tools: none called', {}, fine),
  called('tools: one call', {}, calling(callOf('Paris'))),
  called('tools: text and a call', {}, { ...calling(callOf('Paris')), text: ['I ', 'look.'] }),
  called('tools: parallel calls', {}, calling(callOf('Paris'), callOf('Rome'), callOf('Oslo'))),
  called('tools: no arguments', {}, calling({ name: 'get_time', input: {} })),
  called('tools: no arguments beside some', {}, calling({ name: 'get_time', input: {} }, callOf('Paris'))),
  called('tools: big arguments', {}, calling({ name: 'get_weather', input: bigInput })),
  called('tools: results', { turns: round }, fine),
  chosen('none', 'none', fine),
  chosen('required', 'required', calling(callOf('Paris'))),
  chosen('one by name', { name: 'get_weather' }, calling(callOf('Paris'))),
  answered('image', shown({ kind: 'image', mediaType: 'image/png', data: png })),
  answered('image by address', shown({ kind: 'image-url', url: 'https://images.example/cat.png' })),
  answered('structured output', { schema: personSchema }, { text: ['{"city":"Paris",', '"people":2102650}'] }),
  answered(
    'thinking',
    { thinks: true },
    { thinking: 'They ask for the weather.', counts: { ...counts, reasoning: 30 } },
  ),
  {
    kind: 'answer',
    name: 'refusal',
    ask: plain,
    said: { refusal: 'I cannot help with that.', ending: 'content-filter', counts },
  },
  ended('length'),
  ended('context-length'),
  ended('content-filter'),
  ended('pause'),
  answered('usage: cache read', {}, { counts: { ...counts, cacheRead: 2_000 } }),
  answered('usage: cache write', {}, { counts: { ...counts, cacheWrite: 1_500 } }),
  refused(400, { status: 400 }),
  refused(401, { codes: ['upstream_credentials'] }),
  refused(403, { codes: ['upstream_credentials'] }),
  refused(404, { codes: ['upstream_credentials'] }),
  refused(408, { codes: ['all_targets_failed'] }),
  refused(413, { status: 413 }),
  refused(429, { codes: ['rate_limited'] }),
  refused(500, { codes: ['all_targets_failed'] }),
  // Whether a vendor that is unavailable has trouble or too much to do, only some say.
  refused(503, { codes: ['all_targets_failed', 'rate_limited'] }),
  refused(529, { codes: ['rate_limited'] }),
  { kind: 'fault', name: 'failure in a stream, before content', at: 'before content' },
  { kind: 'fault', name: 'failure in a stream, after content', at: 'after content' },
  { kind: 'cut', name: 'truncation' },
];

/** A call and words, thought before: what is cut and broken off. */
export const longAnswer: AnswerScenario = called(
  'an answer to be broken',
  { thinks: true },
  { ...calling(callOf('Paris'), callOf('Rome')), thinking: 'Hm.', text: ['I ', 'look.'] },
);

/** Whether a scenario is one of streams only. */
export const isOfStreams = ({ kind }: Scenario): boolean => kind === 'fault';
