import type { Draw } from '../Draw.ts';
import { conformingValue } from './conformingValue.ts';
import { splitTokens } from './splitTokens.ts';

export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly schema: unknown;
}

export type ToolChoice = 'none' | 'auto' | 'required' | { readonly name: string };

/** A request as any vendor understands it, whatever its wire. */
export interface Prompt {
  /** Text of the last message that a user wrote. */
  readonly question: string;
  /** What the tools answered since then, in order; empty when the last message is a user's. */
  readonly toolResults: readonly { readonly tool: string; readonly text: string }[];
  readonly tools: readonly OfferedTool[];
  readonly toolChoice: ToolChoice;
  /** Schema that the visible answer must follow; `object` for any JSON object; null for plain text. */
  readonly output: { readonly schema: unknown } | 'object' | null;
  /** `hidden` thinking is billed and signed, but its text stays with the vendor. */
  readonly thinking: 'none' | 'shown' | 'hidden';
  /** Whether a sentence goes ahead of a tool call, as some vendors do. */
  readonly announcesTools: boolean;
  readonly outputTokensMax: number;
  readonly stopSequences: readonly string[];
  /** Whether the last message is an answer that has begun, with which the vendor goes on. */
  readonly begun: boolean;
}

/** A run of tokens of one kind. Joined they are the text, or the JSON of a tool's arguments. */
export interface Block {
  readonly kind: 'thinking' | 'text' | 'tool';
  readonly tokens: readonly string[];
  /** Name of the tool; empty for text. */
  readonly tool: string;
  /** Output tokens that the block costs beside its own: the tool's name. */
  readonly nameTokens: number;
}

export interface Composition {
  readonly blocks: readonly Block[];
  readonly finish: 'end' | 'length' | 'stop' | 'tool';
  /** The stop sequence that ended the text; null where none did. */
  readonly stopSequence: string | null;
}

const sentences = [
  (topic: string) => `The short answer about ${topic} is that it depends on what you already have.`,
  (topic: string) => `Most people start with ${topic} and refine it once they have measured something.`,
  (topic: string) => `There are two sides to ${topic}: what it costs, and what it saves later.`,
  (topic: string) => `A café in the harbour would explain ${topic} in half the words — and with better coffee.`,
  (topic: string) => `If ${topic} matters to you, write down what “good enough” means first.`,
  (topic: string) => `Seen from the outside, ${topic} is simple; the details hide in the middle.`,
  (topic: string) => `I would keep ${topic} small, check it often, and leave a way back.`,
  (topic: string) => `One more thing about ${topic}: the naïve approach works until it is needed most.`,
] as const;

const openings = ['Here is what I can say.', 'In short:', 'Let me take that step by step.', 'Gladly.'] as const;

const topicsOf = (question: string): readonly [string, ...string[]] => {
  const [first, ...rest] = new Set(question.match(/\p{L}{5,24}/gu) ?? []);
  return first === undefined ? ['the question'] : [first, ...rest];
};

/** A capitalised word inside a sentence: letters only, so that it is harmless wherever a client may put it. */
const subjectOf = (question: string): string | null =>
  /(?<=\p{Ll}[ ,]{1,2})\p{Lu}\p{Ll}{2,23}(?!\p{L})/u.exec(question)?.[0] ?? null;

/** The tool that the question names, else the one whose description shares most words with it, else the first. */
const fittingTool = (tools: readonly OfferedTool[], question: string): OfferedTool | undefined => {
  const asked = new Set(question.toLowerCase().match(/\p{L}{3,}/gu) ?? []);
  const score = (tool: OfferedTool): number => {
    if (question.includes(tool.name)) return 1000;
    const own = new Set(`${tool.name} ${tool.description}`.toLowerCase().match(/\p{L}{3,}/gu) ?? []);
    return [...asked].filter((word) => own.has(word)).length;
  };
  return tools.toSorted((left, right) => score(right) - score(left))[0];
};

const chooseTool = ({ tools, toolChoice, toolResults, question }: Prompt): OfferedTool | undefined => {
  if (typeof toolChoice === 'object') return tools.find((tool) => tool.name === toolChoice.name);
  if (toolChoice === 'none') return undefined;
  if (toolChoice === 'required' || toolResults.length === 0) return fittingTool(tools, question);
  return undefined;
};

const writeText = (prompt: Prompt, draw: Draw): string => {
  const topics = topicsOf(prompt.question);
  const results = prompt.toolResults.map(({ tool, text }) => `${tool} answered: ${text.trim().slice(0, 200)}`);
  const body = Array.from({ length: 2 + draw.below(4) }, () => draw.pick(sentences)(draw.pick(topics)));
  // As a model does: it goes on at the last letter, and greets nobody.
  if (prompt.begun) return ` ${body.join(' ')}`;
  return [...(results.length > 0 ? [results.join('\n')] : [draw.pick(openings)]), body.join(' ')].join('\n\n');
};

const writeVisible = (prompt: Prompt, draw: Draw): string => {
  if (prompt.output === null) return writeText(prompt, draw);
  const hints = { subject: subjectOf(prompt.question) };
  if (prompt.output === 'object') return JSON.stringify({ answer: writeText(prompt, draw) });
  return JSON.stringify(conformingValue(prompt.output.schema, draw, hints));
};

const textBlock = (kind: 'thinking' | 'text', text: string): Block => ({
  kind,
  tokens: splitTokens(text),
  tool: '',
  nameTokens: 0,
});

const toolBlock = (tool: OfferedTool, prompt: Prompt, draw: Draw): Block => ({
  kind: 'tool',
  tokens: splitTokens(JSON.stringify(conformingValue(tool.schema, draw, { subject: subjectOf(prompt.question) }))),
  tool: tool.name,
  nameTokens: splitTokens(tool.name).length,
});

const thinkingBlock = (prompt: Prompt, draw: Draw): Block => {
  const topic = topicsOf(prompt.question)[0];
  const closing = draw.pick(['A brief reply will do.', 'I should say what is uncertain.', 'I will keep it concrete.']);
  return textBlock('thinking', `The user asks about ${topic}. ${closing}`);
};

/** The text up to the first stop sequence. */
const stopped = (text: string, stops: readonly string[]): { readonly text: string; readonly by: string | null } => {
  let end = text.length;
  let by: string | null = null;
  for (const stop of stops) {
    const at = stop === '' ? -1 : text.indexOf(stop);
    if (at >= 0 && at < end) [end, by] = [at, stop];
  }
  return { text: text.slice(0, end), by };
};

/** Tokens that a block costs. */
export const blockTokens = (block: Block): number => block.tokens.length + block.nameTokens;

/** Keeps the first tokens of all blocks together, and says whether that was enough. */
const bounded = (
  blocks: readonly Block[],
  tokensMax: number,
): { readonly blocks: readonly Block[]; readonly whole: boolean } => {
  const kept: Block[] = [];
  let left = tokensMax;
  for (const block of blocks) {
    const room = left - block.nameTokens;
    if (room <= 0 && blockTokens(block) > 0) return { blocks: kept, whole: false };
    kept.push({ ...block, tokens: block.tokens.slice(0, room) });
    if (block.tokens.length > room) return { blocks: kept, whole: false };
    left = room - block.tokens.length;
  }
  return { blocks: kept, whole: true };
};

/** Writes the answer that a prompt gets: the same for the same draws. */
export const composeAnswer = (prompt: Prompt, draw: Draw): Composition => {
  const tool = chooseTool(prompt);
  const visible = stopped(
    tool === undefined ? writeVisible(prompt, draw) : `I will ask ${tool.name} about that.`,
    prompt.stopSequences,
  );
  const speaks = tool === undefined || (prompt.announcesTools && prompt.toolChoice === 'auto');
  const calls = tool !== undefined && (!speaks || visible.by === null);
  const { blocks, whole } = bounded(
    [
      ...(prompt.thinking === 'none' ? [] : [thinkingBlock(prompt, draw)]),
      ...(speaks ? [textBlock('text', visible.text)] : []),
      ...(calls ? [toolBlock(tool, prompt, draw)] : []),
    ],
    prompt.outputTokensMax,
  );
  if (!whole) return { blocks, finish: 'length', stopSequence: null };
  if (calls) return { blocks, finish: 'tool', stopSequence: null };
  return { blocks, finish: visible.by === null ? 'end' : 'stop', stopSequence: visible.by };
};
