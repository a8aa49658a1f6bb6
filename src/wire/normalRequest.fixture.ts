// What of a request two wires must agree on.
import type {
  AnswerContent,
  FilePart,
  GenerateRequest,
  JsonMembers,
  Message,
  ToolResultPart,
  UserPart,
} from '../vocabulary/index.ts';

type Part = UserPart | AnswerContent;

/** Where texts are cut, and with what blanks they are joined, is a matter of form. */
const squeezed = (texts: readonly string[]): string => texts.join('').replace(/\s+/g, '');

/** A text file is its name and its text. */
const textOfFile = ({ source, name }: FilePart): string | null =>
  source.type === 'base64' && source.mediaType === 'text/plain'
    ? (name === null ? '' : `${name}:`) + Buffer.from(source.data, 'base64').toString()
    : null;

const textOf = (part: Part): string => {
  if (part.type === 'text' || part.type === 'refusal') return part.text;
  return part.type === 'file' ? (textOfFile(part) ?? '') : '';
};

/** A result says in words that it is an error, and that its pictures stand elsewhere, where there is no other place for it. */
const normalResult = ({ callId, content, isError }: ToolResultPart): readonly [id: string, words: string] => [
  callId,
  squeezed([isError ? 'Error:' : '', ...content.map(textOf)]).replace(
    /Theimagesandfilesofthisresultareinthenextmessageoftheuser\.$/,
    '',
  ),
];

/** Pictures and files, those of results among them: one wire takes none there and moves them to the user's words, with a line that says whose they are. */
const mediaOf = (part: Part, dropped: ReadonlySet<string>): readonly unknown[] => {
  if (part.type === 'tool-result') return part.content.flatMap((inner) => mediaOf(inner, dropped));
  if (part.type === 'image') return [[part.source, dropped.has('detail') ? null : (part.detail ?? 'auto')]];
  const isMedia = part.type === 'audio' || (part.type === 'file' && textOfFile(part) === null);
  return isMedia ? [part.source] : [];
};

/**
 * A turn: all messages of one role in a row. Its words, its pictures and files, its calls, its results. Marks for the cache and thinking are left
 * out only where they were dropped.
 */
const normalTurn = (parts: readonly Part[], dropped: ReadonlySet<string>): unknown => ({
  words: squeezed(parts.map(textOf)).replaceAll(/Fromtheresultofthetoolcall[^:]*:/g, ''),
  marks: dropped.has('cache_control') ? 0 : parts.filter((part) => 'cache' in part && part.cache !== undefined).length,
  media: parts.flatMap((part) => mediaOf(part, dropped)),
  thinking: parts.filter(({ type }) => !dropped.has('thinking') && type.endsWith('thinking')),
  calls: parts.flatMap((part) =>
    part.type === 'tool-call' ? [[part.id, part.name, JSON.parse(part.arguments) as unknown]] : [],
  ),
  results: parts.flatMap((part) => (part.type === 'tool-result' ? [normalResult(part)] : [])),
});

/** `(start)` stands for a beginning that is not the user's. */
const turnsOf = (messages: readonly Message[], dropped: ReadonlySet<string>): readonly unknown[] => {
  const turns: { role: string; parts: Part[] }[] = [];
  for (const { role, content } of messages) {
    const last = turns.at(-1);
    const said: Part[] = content.filter((part) => part.type !== 'text' || part.text.trim() !== '');
    if (role === 'system' || said.length === 0) continue;
    if (last?.role === role) last.parts.push(...said);
    else turns.push({ role, parts: said });
  }
  const isMade = dropped.has('first_message') && squeezed(turns[0]?.parts.map(textOf) ?? []) === '(start)';
  return turns.slice(isMade ? 1 : 0).map(({ role, parts }) => [role, normalTurn(parts, dropped)]);
};

/** A form that cannot be enforced is asked for in words after the system's own. */
const formInWords = /AnswerwithoneJSONobjectandnothingelse.*$/s;

const systemOf = (messages: readonly Message[], dropped: ReadonlySet<string>): string => {
  const words = squeezed(messages.flatMap(({ role, content }) => (role === 'system' ? content.map(textOf) : [])));
  return dropped.has('response_format') ? words.replace(formInWords, '') : words;
};

/** Objects are closed, since one wire knows no others; a description of the form is one of its schema. */
const closed = (schema: JsonMembers, description: string | null): unknown => ({
  additionalProperties: false,
  ...(description === null ? {} : { description }),
  ...schema,
});

const formOf = ({ outputFormat: form }: GenerateRequest): unknown =>
  form.type === 'json-schema' ? closed(form.schema, form.description) : form.type;

/** Nothing said of a choice is `auto`; several calls at once are forbidden or not; without tools all this means nothing. */
const toolingOf = (
  { tools, toolChoice, parallelToolCalls }: GenerateRequest,
  dropped: ReadonlySet<string>,
): unknown => ({
  tools: tools.map(({ name, description, parameters, strict }) => [
    name,
    description,
    parameters,
    dropped.has('strict') ? null : strict === true,
  ]),
  choice: toolChoice ?? { type: 'auto' },
  serial: toolChoice?.type === 'none' || dropped.has('parallel_tool_calls') ? null : parallelToolCalls === false,
});

/** As the model sees fit is what it does unasked. Whether the client is shown it goes by what it asked itself, so that a target may be asked for more. */
const thinkingOf = ({ reasoning }: GenerateRequest, asked: GenerateRequest): unknown => {
  if (reasoning === null || (reasoning.mode === 'adaptive' && reasoning.effort === null)) return null;
  return [reasoning.mode !== 'off', asked.reasoning?.show === true && reasoning.show];
};

/**
 * The form in which a request must be the same after it was written on another wire and read there. Left out: what `dropped` names; a bound, if the caller
 * set none; tools, if the caller offered none (those of earlier calls may have been named); a schema's name; how hard to think, which each wire says on a
 * scale of its own.
 * @param asked The request as the client made it, which is the other of the two where this one came back.
 */
export const normalRequest = (request: GenerateRequest, asked: GenerateRequest, told: readonly string[]): unknown => {
  const dropped = new Set(told);
  const unless = (name: string, value: unknown): unknown => (dropped.has(name) ? null : value);
  return {
    model: request.model,
    stream: request.stream,
    system: systemOf(request.messages, dropped),
    turns: turnsOf(request.messages, dropped),
    tooling: asked.tools.length === 0 ? null : toolingOf(request, dropped),
    form: unless('response_format', formOf(request)),
    bound: asked.outputTokensMax === null ? null : unless('max_tokens', request.outputTokensMax),
    temperature: unless('temperature', request.temperature),
    topP: unless('top_p', request.topP === 1 ? null : request.topP),
    topK: unless('top_k', request.topK),
    stop: request.stopSequences.filter((stop) => !dropped.has('stop') || stop.trim() !== ''),
    thinks: unless('reasoning', thinkingOf(request, asked)),
    endUser: unless('user', request.endUser),
    natives: request.natives,
  };
};
