import { eventMessage, exceptionMessage } from '../../eventMessages.ts';
import {
  numbered,
  Unsayable,
  type Asked,
  type Choice,
  type Counts,
  type Ending,
  type Json,
  type Piece,
  type Said,
  type Vendor,
} from '../Words.ts';

const endings: Readonly<Partial<Record<Ending, string>>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'context-length': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  'content-filter': 'content_filtered',
};

const endingOf = ({ ending }: Said): string => {
  const word = endings[ending];
  if (word === undefined) throw new Unsayable(`no stopReason for ${ending}`);
  return word;
};

const usageOf = ({ input, cacheRead, cacheWrite, output, reasoning }: Counts): object => ({
  inputTokens: input,
  cacheReadInputTokens: cacheRead,
  cacheWriteInputTokens: cacheWrite,
  outputTokens: output + reasoning,
  totalTokens: input + cacheRead + cacheWrite + output + reasoning,
});

/** Words of a refusal have no place of their own. */
const textsOf = ({ text, refusal }: Said): readonly string[] | undefined => (refusal === undefined ? text : [refusal]);

const blocksOf = (said: Said): Json[] => [
  ...(said.thinking === undefined
    ? []
    : [{ reasoningContent: { reasoningText: { text: said.thinking, signature: 'c2VhbA==' } } }]),
  ...(textsOf(said) === undefined ? [] : [{ text: (textsOf(said) ?? []).join('') }]),
  ...(said.calls ?? []).map(({ name, input }, index) => ({
    toolUse: { toolUseId: `tooluse_${index}`, name, input },
  })),
];

const deltasOf = (block: Json, said: Said): object[] => {
  if (block.text !== undefined) return (textsOf(said) ?? []).map((text) => ({ text }));
  if (block.toolUse === undefined) {
    const { text, signature } = block.reasoningContent.reasoningText;
    return [{ reasoningContent: { text } }, { reasoningContent: { signature } }];
  }
  const { input } = block.toolUse;
  const written = Object.keys(input).length === 0 ? '' : JSON.stringify(input);
  return [written.slice(0, 5), written.slice(5)].map((piece) => ({ toolUse: { input: piece } }));
};

/** Only a call has a beginning of its own. */
const startOf = (block: Json, place: object): Uint8Array[] => {
  if (block.toolUse === undefined) return [];
  const { toolUseId, name } = block.toolUse;
  return [eventMessage('contentBlockStart', { ...place, start: { toolUse: { toolUseId, name } } })];
};

const eventsOf = (said: Said): Uint8Array[] => [
  eventMessage('messageStart', { role: 'assistant' }),
  ...blocksOf(said).flatMap((block, index) => {
    const place = { contentBlockIndex: index };
    return [
      ...startOf(block, place),
      ...deltasOf(block, said).map((delta) => eventMessage('contentBlockDelta', { ...place, delta })),
      eventMessage('contentBlockStop', place),
    ];
  }),
  eventMessage('messageStop', { stopReason: endingOf(said) }),
  eventMessage('metadata', { usage: usageOf(said.counts), metrics: { latencyMs: 5 } }),
];

const textOf = (blocks: Json): string => (blocks ?? []).map(({ text }: Json) => text).join('');

const pieceOf = ({ text, image, toolUse, toolResult }: Json): Piece => {
  if (image !== undefined) return { kind: 'image', mediaType: `image/${image.format}`, data: image.source.bytes };
  if (toolUse !== undefined) return { kind: 'call', id: toolUse.toolUseId, name: toolUse.name, input: toolUse.input };
  return toolResult === undefined
    ? { kind: 'text', text }
    : { kind: 'result', id: toolResult.toolUseId, text: textOf(toolResult.content) };
};

const choiceOf = (choice: Json): Choice => {
  if (choice?.tool !== undefined) return { name: choice.tool.name };
  return choice?.any === undefined ? 'auto' : 'required';
};

const hears = (body: Json): Asked => {
  const { system, messages, inferenceConfig: config = {}, toolConfig, outputConfig } = body;
  const schema = outputConfig?.textFormat?.structure?.jsonSchema?.schema;
  return {
    system: textOf(system),
    said: numbered(
      messages.flatMap(({ role, content }: Json) => content.map((block: Json) => ({ by: role, ...pieceOf(block) }))),
    ),
    tools: (toolConfig?.tools ?? []).map(({ toolSpec: { name, description, inputSchema } }: Json) => ({
      name,
      description,
      parameters: inputSchema.json,
    })),
    choice: choiceOf(toolConfig?.toolChoice),
    schema: schema === undefined ? null : JSON.parse(schema),
    thinks: body.additionalModelRequestFields?.thinking?.type === 'enabled',
    temperature: config.temperature ?? null,
    stop: config.stopSequences ?? [],
    boundTokens: config.maxTokens ?? null,
  };
};

/** Kinds of errors by their status (docs.aws.amazon.com/bedrock/latest/APIReference, Converse, "Errors"). */
const exceptions: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  401: 'UnrecognizedClientException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

const model = 'anthropic.claude-sonnet-4-5-20250929-v1:0';

/** The Converse API of Amazon Bedrock (docs.aws.amazon.com/bedrock/latest/APIReference, Converse and ConverseStream). */
export const converseVendor: Vendor = {
  name: 'bedrock',
  model,
  query: '',
  streamType: 'application/vnd.amazon.eventstream',
  uncounted: ['reasoning'],
  path: (stream) => `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
  hears,
  // `ToolChoice` is "auto", "any" or "tool" (API_runtime_ToolChoice): no tool may be called where none is offered.
  fit: (asked) => (asked.choice === 'none' ? { ...asked, tools: [], choice: 'auto' } : asked),
  says: (said) => ({
    output: { message: { role: 'assistant', content: blocksOf(said) } },
    stopReason: endingOf(said),
    usage: usageOf(said.counts),
    metrics: { latencyMs: 5 },
  }),
  saysStream: eventsOf,
  wholeAfter: (events) => events.length - 1,
  saysError: (status, words) => {
    const type = exceptions[status];
    return { body: { message: words }, headers: type === undefined ? {} : { 'x-amzn-errortype': type } };
  },
  saysFault: (words) => exceptionMessage('internalServerException', { message: words }),
};
