import type {
  AnswerContent,
  AudioPart,
  FilePart,
  GenerateRequest,
  JsonMembers,
  Message,
  OutputFormat,
  Tool,
  UserPart,
} from '../../vocabulary/index.ts';
import { textCost } from './textCost.ts';

// What vendors add to the words of a request, in tokens. Each figure is the largest that was seen, rounded up.

/** A model's own system prompt: 66 tokens more than the word "Hi" with gpt-oss on Amazon, about 30 with minimax-m2 on OpenRouter. */
const templateTokens = 64;
/** Role and borders of a message: 4 with OpenAI, 5 to 6 with Llama 3. */
const messageTokens = 8;
/** Borders of a call or of its result. */
const callTokens = 16;
const toolTokens = 16;
/** What tells a model that it has tools: about 350 with Claude 4 and Nova, 0 to 150 elsewhere. */
const toolboxTokens = 400;
/** What tells a model to keep to a schema: about 60 with Claude and gpt-oss. */
const schemaTokens = 64;
/** What tells a model to think: 28 with Claude 4. */
const thinkingTokens = 32;

/**
 * An image: 4,784 is the most that Claude 4.7 takes (a token for each 28 x 28 pixels, platform.claude.com/docs/en/build-with-claude/vision); a GPT takes
 * at most 1,445 by tiles or 1,536 patches times 2.46. Not covered: gpt-4o-mini, which bills up to 33 times its tokens for an image.
 */
const imageTokens = 4_784;
/**
 * A base64 character of a file that is no text. A page of a PDF is read as up to 3,000 tokens of text and an image of 1,568
 * (platform.claude.com/docs/en/build-with-claude/pdf-support), and takes 12 to 100 kB; only its size is known here, so scans are overestimated.
 */
const fileTokensPerCharacter = 1 / 4;
/** Audio takes 10 to 32 tokens a second, and the tightest speech codecs take 1 kB for it. */
const audioTokensPerCharacter = 1 / 40;
/** Content that is elsewhere: as much as 100 pages, the most that one PDF may have for a model with a window of 200,000 tokens. */
const unseenTokens = 456_800;

const hundredths = (tokens: number): number => Math.ceil(tokens * 100);

/**
 * Upper estimate of the tokens that a request is to whoever serves it, for targets that count none themselves. Knows no vendor: it holds for the
 * costliest, so it is high for all others. Thinking is counted by its words, seals not at all: nobody but their own wire is sent them.
 *
 * Of 105 recorded exchanges without media (all five wires, 5 to 1,343 tokens), none was reported above its estimate: ratio at least 1.07, median
 * 1.97 over the 38 of at least 100 tokens and 1.68 over the 25 of at least 300. What is added for the costliest vendor weighs more in smaller ones:
 * median 5, at most 730 tokens too many (but for a vendor that had dropped the history: 33 reported for 3,400 characters).
 */
export const estimateInputTokens = (request: GenerateRequest): number =>
  Math.ceil(
    (hundredths(templateTokens) +
      sumOf(request.messages, messageCost) +
      toolsCost(request.tools) +
      formatCost(request.outputFormat) +
      (request.reasoning === null ? 0 : hundredths(thinkingTokens))) /
      100,
  );

const sumOf = <Piece>(pieces: readonly Piece[], costOf: (piece: Piece) => number): number => {
  let cost = 0;
  for (const piece of pieces) cost += costOf(piece);
  return cost;
};

const jsonCost = (members: JsonMembers): number => textCost(JSON.stringify(members));

const toolsCost = (tools: readonly Tool[]): number =>
  tools.length === 0 ? 0 : hundredths(toolboxTokens) + sumOf(tools, toolCost);

const toolCost = ({ name, description, parameters }: Tool): number =>
  hundredths(toolTokens) + textCost(name) + textCost(description ?? '') + jsonCost(parameters);

const formatCost = (format: OutputFormat): number =>
  format.type === 'json-schema'
    ? hundredths(schemaTokens) +
      textCost(format.name ?? '') +
      textCost(format.description ?? '') +
      jsonCost(format.schema)
    : 0;

const messageCost = ({ content }: Message): number =>
  hundredths(messageTokens) + sumOf<UserPart | AnswerContent>(content, partCost);

const partCost = (part: UserPart | AnswerContent): number => {
  switch (part.type) {
    case 'text':
    case 'thinking':
    case 'refusal':
      return textCost(part.text);
    case 'redacted-thinking':
      return 0;
    case 'tool-call':
      return hundredths(callTokens) + textCost(part.id) + textCost(part.name) + textCost(part.arguments);
    case 'tool-result':
      return hundredths(callTokens) + textCost(part.callId) + sumOf(part.content, partCost);
    case 'image':
      return hundredths(imageTokens);
    case 'file':
      return textCost(part.name ?? '') + fileCost(part);
    case 'audio':
      return bytesCost(part, audioTokensPerCharacter);
  }
};

const fileCost = (file: FilePart): number =>
  file.source.type === 'base64' && file.source.mediaType.startsWith('text/')
    ? textCost(Buffer.from(file.source.data, 'base64').toString('utf8'))
    : bytesCost(file, fileTokensPerCharacter);

const bytesCost = ({ source }: FilePart | AudioPart, tokensPerCharacter: number): number =>
  hundredths(source.type === 'base64' ? source.data.length * tokensPerCharacter : unseenTokens);
