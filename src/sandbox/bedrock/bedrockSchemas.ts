// What this wire's published schema lets a request hold. Sources: docs.aws.amazon.com/bedrock/latest/APIReference, Converse and its types; docs.aws.amazon.com/bedrock/latest/userguide,
// "Cohere Embed v4". Where the service says "exactly one of these members", any may stand here, and checkConverse counts them.
import { shapes } from '../shape/shapes.ts';
import type { Shape } from '../shape/checkShape.ts';

const { any, array, boolean, choice, integer, map, number, object, string, text } = shapes;

const written = text(/^[^]+$/);
const toolName = text(/^[a-zA-Z0-9_-]{1,64}$/);
const toolUseId = text(/^[a-zA-Z0-9_-]{1,64}$/);
const bytes = text(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
const s3Location = object({ uri: text(/^s3:\/\/\S+$/) }, { bucketOwner: string });

const image = object(
  { format: choice('png', 'jpeg', 'gif', 'webp'), source: object({}, { bytes, s3Location }) },
  { error: any },
);

const document = object(
  { name: text(/^[^]{1,200}$/), source: object({}, { bytes, s3Location, text: string, content: array(any) }) },
  {
    format: choice('pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md'),
    context: string,
    citations: object({ enabled: boolean }),
  },
);

const cachePoint = object({ type: choice('default') }, { ttl: choice('5m', '1h') });

const toolResult = object(
  {
    toolUseId,
    content: array(object({}, { text: string, json: any, image, document, searchResult: any, video: any })),
  },
  { status: choice('success', 'error'), type: string },
);

const contentBlock = object(
  {},
  {
    text: string,
    image,
    document,
    toolUse: object({ toolUseId, name: toolName, input: any }, { type: choice('server_tool_use') }),
    toolResult,
    cachePoint,
    reasoningContent: object(
      {},
      { reasoningText: object({ text: string }, { signature: string }), redactedContent: bytes },
    ),
    audio: any,
    citationsContent: any,
    guardContent: any,
    searchResult: any,
    video: any,
  },
);

const systemBlock = object({}, { text: string, cachePoint, guardContent: any });

const tool = object(
  {},
  {
    toolSpec: object(
      { name: toolName, inputSchema: object({}, { json: map(any) }) },
      { description: written, strict: boolean },
    ),
    systemTool: object({ name: toolName }),
    cachePoint,
  },
);

const textFormat = object({
  type: choice('json_schema'),
  structure: object({}, { jsonSchema: object({ schema: written }, { name: string, description: string }) }),
});

export const converseSchema: Shape = object(
  { messages: array(object({ role: choice('user', 'assistant'), content: array(contentBlock) })) },
  {
    system: array(systemBlock),
    inferenceConfig: object(
      {},
      { maxTokens: integer(1), temperature: number(0, 1), topP: number(0, 1), stopSequences: array(written, 0, 2500) },
    ),
    toolConfig: object(
      { tools: array(tool, 1) },
      { toolChoice: object({}, { auto: object({}), any: object({}), tool: object({ name: toolName }) }) },
    ),
    outputConfig: object({}, { textFormat }),
    additionalModelRequestFields: map(any),
    additionalModelResponseFieldPaths: array(written, 0, 10),
    guardrailConfig: map(any),
    performanceConfig: object({}, { latency: choice('standard', 'optimized') }),
    promptVariables: map(any),
    requestMetadata: map(string),
    serviceTier: object({ type: choice('priority', 'default', 'flex', 'reserved') }),
  },
);

/** Most texts in one call for vectors. */
const textsMax = 96;

/** Numbers that a vector can have. */
export const vectorLengths: readonly number[] = [256, 512, 1024, 1536];

export const embedSchema: Shape = object(
  {
    texts: array(written, 1, textsMax),
    input_type: choice('search_document', 'search_query', 'classification', 'clustering'),
  },
  {
    embedding_types: array(choice('float'), 1),
    output_dimension: integer(1),
    max_tokens: integer(1, 128_000),
    truncate: choice('NONE', 'LEFT', 'RIGHT'),
  },
);
