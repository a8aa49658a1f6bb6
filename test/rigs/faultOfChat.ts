/** What a client asked for, as far as its answer must show it. */
export interface ChatAsked {
  readonly stream: boolean;
  /** Whether a stream was asked to tell its usage. */
  readonly usage: boolean;
}

export interface ChatUsage {
  readonly input: number;
  readonly output: number;
}

/** How an answer reads: whole, or what is wrong with it. */
export interface ChatReading {
  readonly fault: string | null;
  /** As the client saw it; null where the answer tells none. */
  readonly usage: ChatUsage | null;
}

interface Choice {
  readonly finish_reason?: string | null;
  readonly message?: { readonly content?: string | null };
  readonly delta?: { readonly content?: string | null };
}

interface ChatBody {
  readonly error?: unknown;
  readonly choices?: readonly Choice[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
}

const broken = (fault: string): ChatReading => ({ fault, usage: null });

const parsed = (text: string): ChatBody | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
};

const usageOf = ({ usage }: ChatBody): ChatUsage | null =>
  usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : null;

const readWhole = (text: string): ChatReading => {
  const body = parsed(text);
  if (body === null) return broken(`undecodable body: ${text.slice(0, 200)}`);
  if (body.error !== undefined) return broken(`error with status 200: ${JSON.stringify(body.error).slice(0, 300)}`);
  const [choice] = body.choices ?? [];
  if (typeof choice?.finish_reason !== 'string') return broken('no finish_reason');
  if (typeof choice.message?.content !== 'string') return broken('no content');
  const usage = usageOf(body);
  return usage === null ? broken('no usage') : { fault: null, usage };
};

const readStream = (text: string, asked: ChatAsked): ChatReading => {
  if (!text.endsWith('\n\n')) return broken(`the stream ends inside an event: ${JSON.stringify(text.slice(-100))}`);
  const payloads = text
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim());
  if (payloads.at(-1) !== '[DONE]') return broken(`the last event is ${payloads.at(-1)?.slice(0, 300)}, not [DONE]`);
  let finishes = 0;
  let pieces = 0;
  let usage: ChatUsage | null = null;
  for (const payload of payloads.slice(0, -1)) {
    const event = parsed(payload);
    if (event === null) return broken(`undecodable event: ${payload.slice(0, 200)}`);
    if (event.error !== undefined) return broken(`in-band error: ${JSON.stringify(event.error).slice(0, 300)}`);
    const [choice] = event.choices ?? [];
    if (typeof choice?.finish_reason === 'string') finishes += 1;
    if ((choice?.delta?.content ?? '') !== '') pieces += 1;
    usage = usageOf(event) ?? usage;
  }
  if (finishes !== 1) return broken(`${finishes} finish reasons`);
  if (pieces === 0) return broken('no content');
  if (asked.usage !== (usage !== null)) return broken(asked.usage ? 'no usage' : 'usage that was not asked for');
  // Rivals of the sandbox send a token an event: a piece that was lost or sent twice is seen here.
  if (usage !== null && usage.output !== pieces) return broken(`${pieces} pieces of ${usage.output}`);
  return { fault: null, usage };
};

/** Reads an answer of the chat wire to the end, as strictly as a client could. */
export const faultOfChat = (status: number, contentType: string, text: string, asked: ChatAsked): ChatReading => {
  if (status !== 200) return broken(`status ${status}: ${text.slice(0, 300)}`);
  const expected = asked.stream ? 'text/event-stream' : 'application/json';
  if (!contentType.startsWith(expected)) return broken(`content-type ${contentType}, not ${expected}`);
  return asked.stream ? readStream(text, asked) : readWhole(text);
};
