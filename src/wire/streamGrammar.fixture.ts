// What each protocol of streams allows, told apart from how this program reads or writes them: a checker of its own, on the text of a stream.

/** What is wrong with a stream, or null; and whether it has its end. */
export interface Judgement {
  readonly fault: string | null;
  readonly whole: boolean;
}

interface Grammar {
  /** The last event was the end. */
  readonly isOver: boolean;
  /** Takes the text of an event without the empty line after it. */
  take(frame: string): void;
}

class Broken extends Error {}

const must = (condition: boolean, what: string): void => {
  if (!condition) throw new Broken(what);
};

const judge = (sse: string, grammar: Grammar): Judgement => {
  try {
    must(sse === '' || sse.endsWith('\n\n'), 'an event has an end');
    for (const frame of sse.split('\n\n').slice(0, -1)) {
      must(!grammar.isOver, 'nothing follows the end');
      grammar.take(frame);
    }
    return { fault: null, whole: grammar.isOver };
  } catch (error) {
    // What is no JSON, or lacks an object where one must be, breaks the grammar as well.
    if (error instanceof Broken || error instanceof SyntaxError || error instanceof TypeError) {
      return { fault: error.message, whole: false };
    }
    throw error;
  }
};

const isArguments = (text: string): boolean => {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
};

/** An event of `/v1/messages`, as far as it is looked at: which members are there depends on its type. */
interface MessageEvent {
  readonly type: string;
  readonly index: number;
  readonly message: {
    readonly id: string;
    readonly role: string;
    readonly content: readonly unknown[];
    readonly stop_reason: unknown;
    readonly usage: { readonly input_tokens: unknown };
  };
  readonly content_block: { readonly type: string; readonly id: string; readonly name: string };
  readonly delta: {
    readonly type: string;
    readonly text?: string;
    readonly thinking?: string;
    readonly partial_json?: string;
    readonly stop_reason?: unknown;
  };
  readonly usage: { readonly output_tokens: unknown };
}

const deltasOfBlock: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  redacted_thinking: [],
};

/** One message, its blocks one after the other, why it ended, the end (docs.claude.com/en/api/messages-streaming). */
class MessageGrammar implements Grammar {
  #stage: 'before' | 'content' | 'closed' | 'over' = 'before';
  #open: { readonly type: string; words: string; signed: boolean } | null = null;
  #blocks = 0;
  readonly #ids = new Set<string>();

  get isOver(): boolean {
    return this.#stage === 'over';
  }

  take(frame: string): void {
    const [head = '', data = '', ...more] = frame.split('\n');
    must(more.length === 0 && head.startsWith('event: ') && data.startsWith('data: '), 'an event is two lines');
    const event: MessageEvent = JSON.parse(data.slice(6));
    must(head.slice(7) === event.type, 'an event is called as its data');
    switch (event.type) {
      case 'message_start':
        return this.#start(event);
      case 'content_block_start':
        return this.#startBlock(event);
      case 'content_block_delta':
        return this.#go(event);
      case 'content_block_stop':
        return this.#stopBlock(event);
      case 'message_delta':
        return this.#close(event);
      case 'message_stop':
        must(this.#stage === 'closed', 'the end comes after the reason');
        this.#stage = 'over';
        return;
      default:
        throw new Broken(`${event.type} is no event of this protocol`);
    }
  }

  #start({ message }: MessageEvent): void {
    must(this.#stage === 'before', 'a message starts once');
    must(message.role === 'assistant' && message.id !== '', 'it is an assistant’s and has an id');
    must(message.content.length === 0 && message.stop_reason === null, 'it starts empty');
    must(Number.isInteger(message.usage.input_tokens), 'it starts with usage');
    this.#stage = 'content';
  }

  #startBlock({ index, content_block: { type, id, name } }: MessageEvent): void {
    must(this.#stage === 'content' && this.#open === null, 'one block is open at a time, within the message');
    must(index === this.#blocks, 'blocks are numbered in a row');
    must(type in deltasOfBlock, 'a block has a known type');
    if (type === 'tool_use') {
      must(/^[a-zA-Z0-9_-]+$/.test(id) && !this.#ids.has(id), 'a call has an id of its own');
      must(typeof name === 'string' && name !== '', 'a call has a name');
      this.#ids.add(id);
    }
    this.#open = { type, words: '', signed: false };
    this.#blocks += 1;
  }

  #go({ index, delta }: MessageEvent): void {
    const open = this.#opened(index);
    must(deltasOfBlock[open.type]?.includes(delta.type) === true, 'a delta is of the kind of its block');
    must(!open.signed, 'a signature ends the thinking');
    open.signed = delta.type === 'signature_delta';
    open.words += delta.text ?? delta.thinking ?? delta.partial_json ?? '';
  }

  #stopBlock({ index }: MessageEvent): void {
    const { type, words } = this.#opened(index);
    must(type !== 'text' || words !== '', 'no text is empty');
    must(type !== 'tool_use' || isArguments(words), 'arguments make an object');
    this.#open = null;
  }

  #opened(index: number): { readonly type: string; words: string; signed: boolean } {
    if (this.#open === null || index !== this.#blocks - 1) throw new Broken('only the open block goes on');
    return this.#open;
  }

  #close({ delta, usage }: MessageEvent): void {
    must(this.#stage === 'content' && this.#open === null, 'a message is closed once, after its blocks');
    must(typeof delta.stop_reason === 'string', 'it says why it ended');
    must(Number.isInteger(usage.output_tokens), 'it tells usage');
    this.#stage = 'closed';
  }
}

/** A chunk of a streamed chat completion, as far as it is looked at. */
interface Chunk {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChunkChoice[];
  readonly usage: { readonly prompt_tokens: unknown };
}

interface ChunkChoice {
  readonly index: number;
  readonly delta: { readonly role?: string; readonly tool_calls?: readonly CallPiece[] };
  readonly finish_reason: string | null;
}

interface CallPiece {
  readonly index: number;
  readonly id?: string;
  readonly function: { readonly name?: string; readonly arguments: string };
}

const finishReasons = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'];

/** The role, pieces, a finish reason, usage, `[DONE]` (openai 7.57.0, `ChatCompletionChunk`). */
class ChatGrammar implements Grammar {
  #stage: 'before' | 'content' | 'finished' | 'counted' | 'over' = 'before';
  #head = '';
  readonly #calls: string[] = [];

  get isOver(): boolean {
    return this.#stage === 'over';
  }

  take(frame: string): void {
    must(frame.startsWith('data: ') && !frame.includes('\n'), 'an event is one line');
    if (frame === 'data: [DONE]') {
      must(this.#stage === 'finished' || this.#stage === 'counted', 'the end comes after the finish reason');
      this.#stage = 'over';
      return;
    }
    const chunk: Chunk = JSON.parse(frame.slice(6));
    this.#compare(chunk);
    const [choice, ...others] = chunk.choices;
    must(others.length === 0, 'there is one choice');
    if (choice !== undefined) return this.#choose(choice);
    must(this.#stage === 'finished' && Number.isInteger(chunk.usage.prompt_tokens), 'usage follows the finish reason');
    this.#stage = 'counted';
  }

  #compare({ id, object, created, model }: Chunk): void {
    must(object === 'chat.completion.chunk' && id !== '', 'a chunk says what it is');
    const head = JSON.stringify([id, created, model]);
    must(this.#head === '' || this.#head === head, 'all chunks are of one answer');
    this.#head = head;
  }

  #choose({ index, delta, finish_reason: reason }: ChunkChoice): void {
    must(index === 0, 'it is the first choice');
    must((this.#stage === 'before') === (delta.role === 'assistant'), 'the role stands in the first piece alone');
    must(this.#stage === 'before' || this.#stage === 'content', 'no piece follows the finish reason');
    this.#stage = 'content';
    for (const piece of delta.tool_calls ?? []) this.#call(piece);
    if (reason === null) return;
    must(finishReasons.includes(reason), 'the finish reason is a known one');
    must(this.#calls.every(isArguments), 'arguments make an object');
    this.#stage = 'finished';
  }

  #call({ index, id, function: { name, arguments: words } }: CallPiece): void {
    if (id === undefined) must(index < this.#calls.length, 'a call starts before it goes on');
    else must(index === this.#calls.length && id !== '' && name !== '' && name !== undefined, 'calls are in a row');
    this.#calls[index] = (this.#calls[index] ?? '') + words;
  }
}

/** A chunk of a streamed answer of Gemini's, as far as it is looked at. */
interface GeneratedChunk {
  readonly candidates: readonly {
    readonly content: { readonly role: string; readonly parts: readonly GeneratedPart[] };
    readonly finishReason?: string;
    readonly index: number;
  }[];
  readonly usageMetadata?: { readonly promptTokenCount: unknown; readonly totalTokenCount: unknown };
  readonly modelVersion: string;
  readonly responseId: string;
}

interface GeneratedPart {
  readonly text?: string;
  readonly functionCall?: { readonly id: string; readonly name: string; readonly args: unknown };
}

/** Answers of one form, whose parts in a row are the answer; the last says why it ended, and its usage (@google/genai 3.3.0, `isValidResponse`). */
class GeneratedGrammar implements Grammar {
  #isFinished = false;
  #head = '';
  readonly #ids = new Set<string>();

  get isOver(): boolean {
    return this.#isFinished;
  }

  take(frame: string): void {
    must(frame.startsWith('data: ') && !frame.includes('\n'), 'an event is one line');
    const { candidates, usageMetadata, modelVersion, responseId }: GeneratedChunk = JSON.parse(frame.slice(6));
    const [candidate, ...others] = candidates;
    must(others.length === 0 && candidate?.index === 0, 'there is one candidate');
    this.#compare(JSON.stringify([modelVersion, responseId]), responseId);
    const { role, parts } = candidate?.content ?? { role: '', parts: [] };
    must(role === 'model' && parts.length > 0, 'a content is the model’s and has parts');
    for (const part of parts) this.#takePart(part);
    this.#isFinished = candidate?.finishReason !== undefined;
    must(usageMetadata === undefined || this.#isFinished, 'usage stands with the reason');
    must(usageMetadata === undefined || Number.isInteger(usageMetadata.totalTokenCount), 'usage has a total');
  }

  #compare(head: string, id: string): void {
    must(id !== '', 'an answer has an id');
    must(this.#head === '' || this.#head === head, 'all chunks are of one answer');
    this.#head = head;
  }

  #takePart({ text, functionCall }: GeneratedPart): void {
    must(text !== undefined || functionCall !== undefined, 'a part says something');
    if (functionCall === undefined) return;
    const { id, name, args } = functionCall;
    must(id !== '' && name !== '' && !this.#ids.has(id), 'a call has a name and an id of its own');
    must(isArguments(JSON.stringify(args)), 'arguments make an object');
    this.#ids.add(id);
  }
}

export const judgeGenerated = (sse: string): Judgement => judge(sse, new GeneratedGrammar());
/** An event of `/v1/responses`, as far as it is looked at: which members are there depends on its type. */
interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly response: {
    readonly id: string;
    readonly status: string;
    readonly output: readonly ResponseItem[];
    readonly incomplete_details: { readonly reason: string } | null;
  };
  readonly output_index: number;
  readonly item_id: string;
  readonly item: ResponseItem;
  readonly content_index?: number;
  readonly summary_index?: number;
  readonly part: { readonly type: string };
  readonly delta: string;
  readonly text?: string;
  readonly refusal?: string;
  readonly arguments?: string;
  readonly input?: string;
}

interface ResponseItem {
  readonly id: string;
  readonly type: string;
  readonly status?: string;
  readonly call_id?: string;
  readonly name?: string;
  readonly content?: readonly unknown[];
  readonly summary?: readonly unknown[];
  readonly arguments?: string;
  readonly input?: string;
}

interface WrittenItem {
  readonly item: ResponseItem;
  /** Contents in their order: `done` is null while it is written. */
  readonly contents: { readonly type: string; words: string; done: string | null; closed: boolean }[];
  whole: ResponseItem | null;
}

/** What a delta writes, and in what kind of content of what kind of item. */
const written: Readonly<Record<string, readonly [item: string, content: string]>> = {
  'response.output_text': ['message', 'output_text'],
  'response.refusal': ['message', 'refusal'],
  'response.reasoning_summary_text': ['reasoning', 'summary_text'],
  'response.function_call_arguments': ['function_call', 'arguments'],
  'response.custom_tool_call_input': ['custom_tool_call', 'input'],
};

/** Created, in progress, items one after the other or calls beside one another, the whole (openai 7.57.0, `ResponseStreamEvent`). */
class ResponseGrammar implements Grammar {
  #stage: 'before' | 'created' | 'output' | 'over' = 'before';
  #events = 0;
  #id = '';
  readonly #items: WrittenItem[] = [];
  readonly #ids = new Set<string>();

  get isOver(): boolean {
    return this.#stage === 'over';
  }

  take(frame: string): void {
    const [head = '', data = '', ...more] = frame.split('\n');
    must(more.length === 0 && head.startsWith('event: ') && data.startsWith('data: '), 'an event is two lines');
    const event: ResponseEvent = JSON.parse(data.slice(6));
    must(head.slice(7) === event.type, 'an event is called as its data');
    must(event.sequence_number === this.#events, 'events are numbered in a row');
    this.#events += 1;
    if ('response' in event) this.#frame(event);
    else this.#item(event);
  }

  #frame({ type, response }: ResponseEvent): void {
    must(this.#id === '' || this.#id === response.id, 'all events are of one response');
    this.#id = response.id;
    if (type === 'response.created' || type === 'response.in_progress') {
      must(this.#stage === (type === 'response.created' ? 'before' : 'created'), 'it starts once');
      must(response.status === 'in_progress' && response.output.length === 0, 'it starts empty');
      this.#stage = type === 'response.created' ? 'created' : 'output';
      return;
    }
    must(type === `response.${response.status}`, 'the end is called as its status');
    must(type === 'response.completed' || type === 'response.incomplete', 'it is a known end');
    must((response.incomplete_details !== null) === (type === 'response.incomplete'), 'what is cut says why');
    must(this.#stage === 'output', 'the end comes after the start');
    must(
      JSON.stringify(response.output) === JSON.stringify(this.#items.map(({ whole }) => whole)),
      'the whole has every item as it was told',
    );
    this.#stage = 'over';
  }

  #item(event: ResponseEvent): void {
    must(this.#stage === 'output', 'items stand within the response');
    if (event.type === 'response.output_item.added') return this.#add(event);
    const at = this.#items[event.output_index];
    if (at?.whole !== null) throw new Broken('an item goes on after its start and before its end');
    if (event.type === 'response.output_item.done') return this.#end(at, event.item);
    must(event.item_id === at.item.id, 'an event has the id of its item');
    if (/_part\.(added|done)$/.test(event.type)) this.#part(at, event);
    else this.#write(at, event);
  }

  #add({ output_index: index, item }: ResponseEvent): void {
    must(index === this.#items.length, 'items are numbered in a row');
    must(/^[a-z]+_[A-Za-z0-9_-]+$/.test(item.id) && !this.#ids.has(item.id), 'an item has an id of its own');
    this.#ids.add(item.id);
    const isCall = item.type === 'function_call' || item.type === 'custom_tool_call';
    if (isCall) {
      must(item.call_id !== undefined && item.call_id !== '' && !this.#ids.has(item.call_id), 'a call has its own id');
      must(item.name !== undefined && item.name !== '', 'a call has a name');
      this.#ids.add(item.call_id ?? '');
    }
    must((item.content ?? item.summary ?? []).length === 0, 'an item starts empty');
    const type = item.type === 'function_call' ? 'arguments' : 'input';
    this.#items.push({ item, contents: isCall ? [{ type, words: '', done: null, closed: true }] : [], whole: null });
  }

  #part({ contents }: WrittenItem, event: ResponseEvent): void {
    const index = event.content_index ?? event.summary_index ?? -1;
    if (event.type.endsWith('added')) {
      must(index === contents.length && contents.every(({ closed }) => closed), 'contents stand one after the other');
      contents.push({ type: event.part.type, words: '', done: null, closed: false });
      return;
    }
    const content = contents[index];
    if (content?.done === null || content?.closed !== false) throw new Broken('a content ends once, after its words');
    must(JSON.stringify(Object.values(event.part)).includes(JSON.stringify(content.words)), 'it has the words');
    content.closed = true;
  }

  #write({ item, contents }: WrittenItem, event: ResponseEvent): void {
    const [name = '', what = ''] = event.type.split(/\.(?=[a-z]+$)/);
    const [kind, type] = written[name] ?? [];
    must(kind === item.type, 'words are of the kind of their item');
    const content = contents[event.content_index ?? event.summary_index ?? 0];
    if (content?.type !== type || content?.done !== null) throw new Broken('only the open content goes on');
    if (what === 'delta') {
      content.words += event.delta;
      return;
    }
    must(what === 'done', 'words come or are done');
    const whole = event.text ?? event.refusal ?? event.arguments ?? event.input ?? '';
    must(whole === content.words, 'the pieces make the whole');
    content.done = whole;
  }

  #end(at: WrittenItem, item: ResponseItem): void {
    must(
      item.id === at.item.id && item.type === at.item.type && item.call_id === at.item.call_id,
      'it is the same item',
    );
    must(
      at.contents.every(({ closed, done }) => closed && done !== null),
      'an item ends after its contents',
    );
    must(item.type !== 'message' || at.contents.length > 0, 'no message is empty');
    must(item.type !== 'function_call' || isArguments(item.arguments ?? ''), 'arguments make an object');
    at.whole = item;
  }
}

export const judgeResponses = (sse: string): Judgement => judge(sse, new ResponseGrammar());
export const judgeMessages = (sse: string): Judgement => judge(sse, new MessageGrammar());
export const judgeChat = (sse: string): Judgement => judge(sse, new ChatGrammar());
