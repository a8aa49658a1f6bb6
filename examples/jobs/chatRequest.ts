// What a client asks of serve.ts over the chat wire, read from bytes that may be anything.

/** Most characters that one answer has, however many were asked for. */
const answerCharactersMax = 400;
const answerCharactersDefault = 200;
/** Members that change what an answer is, and that this model knows nothing of. Silence about them would be a lie. */
const unsupported = ['tools', 'functions', 'response_format', 'logprobs'];

/** A request that is not served: a status, and an error as clients of this wire read it. */
export class ChatFault extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, message: string, param: string | null = null, code: string | null = null) {
    super(message);
    this.status = status;
    this.body = { error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param, code } };
  }
}

export interface ChatRequest {
  readonly model: string;
  /** All messages, one after the other. */
  readonly prompt: string;
  /** Characters: they are this model's tokens. */
  readonly tokensMax: number;
  /** 0 to 2. */
  readonly temperature: number;
  /** Null where the client chose none. */
  readonly seed: number | null;
  readonly stop: readonly string[];
  readonly stream: boolean;
  /** Whether a stream ends with its usage. */
  readonly includeUsage: boolean;
}

type Members = ReadonlyMap<string, unknown>;

const membersOf = (value: unknown, param: string | null): Members => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ChatFault(400, `${param ?? 'the body'} must be an object`, param);
  return new Map<string, unknown>(Object.entries(value));
};

const listOf = (value: unknown): readonly unknown[] | null => (Array.isArray(value) ? value : null);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new ChatFault(400, 'the body is not JSON');
  }
};

/** A number that may be left out, within bounds. */
const numberOf = (members: Members, name: string, least: number, most: number): number | null => {
  const value = members.get(name) ?? null;
  if (value === null) return null;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new ChatFault(400, `${name} must be a number from ${least} to ${most}`, name);
};

const wholeOf = (members: Members, name: string, least: number): number | null => {
  const value = numberOf(members, name, least, Number.MAX_SAFE_INTEGER);
  if (value === null || Number.isInteger(value)) return value;
  throw new ChatFault(400, `${name} must be a whole number`, name);
};

const switchOf = (members: Members, name: string): boolean => {
  const value = members.get(name) ?? false;
  if (typeof value === 'boolean') return value;
  throw new ChatFault(400, `${name} must be true or false`, name);
};

/** Text of a message: a string, or parts of which each is text. */
const contentOf = (content: unknown, param: string): string => {
  if (typeof content === 'string') return content;
  const texts = listOf(content)?.map((part) => membersOf(part, param).get('text'));
  if (texts?.every((text) => typeof text === 'string')) return texts.join('');
  throw new ChatFault(400, `${param} must be text: this model reads nothing else`, param);
};

const promptOf = (members: Members): string => {
  const messages = listOf(members.get('messages'));
  if (!messages?.length) throw new ChatFault(400, 'messages must be a list with at least one message', 'messages');
  return messages
    .map((message, at) => contentOf(membersOf(message, `messages[${at}]`).get('content'), `messages[${at}].content`))
    .join('\n');
};

const stopOf = (members: Members): readonly string[] => {
  const value = members.get('stop') ?? [];
  const stops = typeof value === 'string' ? [value] : listOf(value);
  if (stops?.every((stop) => typeof stop === 'string' && stop !== '')) return stops.map(String);
  throw new ChatFault(400, 'stop must be text, or a list of texts', 'stop');
};

/** @throws ChatFault 400 with the member that is wrong */
export const readChatRequest = (body: string): ChatRequest => {
  const members = membersOf(parsed(body), null);
  const model = members.get('model');
  if (typeof model !== 'string') throw new ChatFault(400, 'model must be the name of a model', 'model');
  const odd = unsupported.find((name) => members.get(name) ?? false);
  if (odd !== undefined) throw new ChatFault(400, `this model knows nothing of ${odd}`, odd, 'unsupported_parameter');
  if ((wholeOf(members, 'n', 1) ?? 1) > 1) throw new ChatFault(400, 'this model gives one answer at a time', 'n');
  const asked = wholeOf(members, 'max_completion_tokens', 1) ?? wholeOf(members, 'max_tokens', 1);
  return {
    model,
    prompt: promptOf(members),
    tokensMax: Math.min(asked ?? answerCharactersDefault, answerCharactersMax),
    temperature: numberOf(members, 'temperature', 0, 2) ?? 0.5,
    seed: wholeOf(members, 'seed', Number.MIN_SAFE_INTEGER),
    stop: stopOf(members),
    stream: switchOf(members, 'stream'),
    includeUsage: switchOf(membersOf(members.get('stream_options') ?? {}, 'stream_options'), 'include_usage'),
  };
};
