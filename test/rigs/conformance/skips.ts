/** What stands in place of a scenario: nobody can say it, or the client is refused by these words before the vendor hears of it. */
export type Instead =
  | { readonly kind: 'unsaid'; readonly by: 'client' | 'vendor' }
  | { readonly kind: 'refused'; readonly naming: string };

/** What a pair cannot do, because a vendor's reference says so. Faults of our own never stand here. */
export interface Skip {
  /** Names of wires; absent: all. */
  readonly clients?: readonly string[];
  readonly vendors?: readonly string[];
  readonly scenario: string;
  readonly instead: Instead;
  readonly reason: string;
  /** Where the vendor says it. */
  readonly source: string;
}

const chat = 'https://platform.openai.com/docs/api-reference/chat/object';
const response = 'https://platform.openai.com/docs/api-reference/responses/object';
const responseRequest = 'https://platform.openai.com/docs/api-reference/responses/create';
const gemini = 'https://ai.google.dev/api/generate-content';
const vertex = 'https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/GenerateContentResponse';
const converse = 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html';
const converseImage = 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageSource.html';

const chats = ['openai', 'azure-openai'];
const fewWords = {
  chat: '`finish_reason` is `stop`, `length`, `tool_calls`, `content_filter` or `function_call`',
  response: '`incomplete_details.reason` is `max_output_tokens` or `content_filter`',
  gemini: '`finishReason` has no such value',
} as const;

const readOnly = '`usageMetadata` counts what was read from a cache only';

const unsaidByVendor: Instead = { kind: 'unsaid', by: 'vendor' };

export const skips: readonly Skip[] = [
  { vendors: chats, scenario: 'ends: context-length', instead: unsaidByVendor, reason: fewWords.chat, source: chat },
  {
    vendors: ['responses'],
    scenario: 'ends: context-length',
    instead: unsaidByVendor,
    reason: fewWords.response,
    source: response,
  },
  {
    vendors: ['gemini'],
    scenario: 'ends: context-length',
    instead: unsaidByVendor,
    reason: fewWords.gemini,
    source: gemini,
  },
  {
    vendors: ['vertex'],
    scenario: 'ends: context-length',
    instead: unsaidByVendor,
    reason: fewWords.gemini,
    source: vertex,
  },
  { vendors: chats, scenario: 'ends: pause', instead: unsaidByVendor, reason: fewWords.chat, source: chat },
  {
    vendors: ['responses'],
    scenario: 'ends: pause',
    instead: unsaidByVendor,
    reason: fewWords.response,
    source: response,
  },
  { vendors: ['gemini'], scenario: 'ends: pause', instead: unsaidByVendor, reason: fewWords.gemini, source: gemini },
  { vendors: ['vertex'], scenario: 'ends: pause', instead: unsaidByVendor, reason: fewWords.gemini, source: vertex },
  {
    vendors: ['bedrock'],
    scenario: 'ends: pause',
    instead: unsaidByVendor,
    reason: '`stopReason` has no such value',
    source: converse,
  },
  { vendors: ['gemini'], scenario: 'usage: cache write', instead: unsaidByVendor, reason: readOnly, source: gemini },
  { vendors: ['vertex'], scenario: 'usage: cache write', instead: unsaidByVendor, reason: readOnly, source: vertex },
  {
    vendors: ['bedrock'],
    scenario: 'image by address',
    instead: { kind: 'refused', naming: 'images by address' },
    reason: '`ImageSource` is bytes or a place in S3',
    source: converseImage,
  },
  {
    clients: ['responses'],
    scenario: 'stop sequences',
    instead: { kind: 'unsaid', by: 'client' },
    reason: 'A request has no member for them',
    source: responseRequest,
  },
  {
    clients: ['openai', 'anthropic', 'gemini'],
    vendors: ['responses'],
    scenario: 'stop sequences',
    instead: { kind: 'refused', naming: 'stops at no sequences' },
    reason: 'A request has no member for them',
    source: responseRequest,
  },
];

/** How many squares of the matrix they take, by what stands in place: whoever adds one changes these numbers, and is asked why. */
export const skippedCells: Readonly<Record<Instead['kind'], number>> = { unsaid: 120, refused: 14 };
