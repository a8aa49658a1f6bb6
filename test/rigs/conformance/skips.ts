/**
 * What stands in place of a scenario: nobody can say it; the client is refused by these words before the vendor hears of it; or the vendor, whose own wire the
 * client speaks, refuses what is handed on to it as it came.
 */
export type Instead =
  | { readonly kind: 'vendor refuses' }
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

const claudeVision = 'https://platform.claude.com/docs/en/build-with-claude/vision';

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
    clients: ['openai', 'responses', 'gemini'],
    vendors: ['vertex-anthropic'],
    scenario: 'image by address',
    instead: { kind: 'refused', naming: 'images by address' },
    reason: 'On Google Cloud an image is given as base64 only',
    source: claudeVision,
  },
  {
    clients: ['anthropic'],
    vendors: ['vertex-anthropic'],
    scenario: 'image by address',
    instead: { kind: 'vendor refuses' },
    reason: 'On Google Cloud an image is given as base64 only',
    source: claudeVision,
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
export const skippedCells: Readonly<Record<Instead['kind'], number>> = {
  unsaid: 120,
  refused: 20,
  'vendor refuses': 2,
};
