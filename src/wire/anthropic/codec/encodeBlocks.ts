import type {
  AnswerContent,
  AudioPart,
  FilePart,
  ImagePart,
  MediaSource,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../../vocabulary/index.ts';
import { isJsonObject, parseJson } from '../../json/JsonObject.ts';
import { isOwn } from './ownSeal.ts';
import type { RequestWriting, Written } from './RequestWriting.ts';

/** Writes the id of a call as this request says it. */
export type IdMap = (id: string) => string;

/** "text content blocks must contain non-whitespace text" */
export const isBlank = (part: { readonly type: string; readonly text?: string }): boolean =>
  part.text !== undefined && part.type !== 'thinking' && part.text.trim() === '';

export const textBlock = (writing: RequestWriting, { text, cache }: TextPart): Written =>
  writing.mark({ type: 'text', text }, cache);

/** Blocks as `content`: one text without a mark is written short. */
export const contentOf = (blocks: readonly Written[]): string | readonly Written[] => {
  const [only] = blocks;
  const isPlain = blocks.length === 1 && only?.['type'] === 'text' && only['cache_control'] === undefined;
  return isPlain ? String(only['text']) : blocks;
};

export const inputBlock = (writing: RequestWriting, part: TextPart | ImagePart | FilePart | AudioPart): Written => {
  switch (part.type) {
    case 'text':
      return textBlock(writing, part);
    case 'image':
      return imageBlock(writing, part);
    case 'file':
      return fileBlock(writing, part);
    case 'audio':
      return writing.refuse(cannot('audio'), {});
  }
};

/** "media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'". */
const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

const imageBlock = (writing: RequestWriting, { source, detail, cache }: ImagePart): Written => {
  if (detail !== undefined && detail !== 'auto') writing.drop('detail');
  if (source.type !== 'base64') return writing.mark({ type: 'image', source: outsideSource(writing, source) }, cache);
  const mediaType = source.mediaType.toLowerCase().replace('image/jpg', 'image/jpeg');
  if (!imageTypes.has(mediaType)) return writing.refuse(cannot(`images of the type ${shown(mediaType)}`), {});
  return writing.mark({ type: 'image', source: { type: 'base64', media_type: mediaType, data: source.data } }, cache);
};

const fileBlock = (writing: RequestWriting, { source, name, cache }: FilePart): Written => {
  const title = name === null || name === '' ? {} : { title: name };
  const written = source.type === 'base64' ? documentSource(writing, source) : outsideSource(writing, source);
  return writing.mark({ type: 'document', source: written, ...title }, cache);
};

const documentSource = (writing: RequestWriting, source: MediaSource & { type: 'base64' }): Written => {
  const mediaType = source.mediaType.toLowerCase().split(';')[0] ?? '';
  if (mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data: source.data };
  // Any kind of text is taken as plain text.
  if (!mediaType.startsWith('text/')) return writing.refuse(cannot(`files of the type ${shown(mediaType)}`), {});
  return { type: 'text', media_type: 'text/plain', data: Buffer.from(source.data, 'base64').toString('utf8') };
};

const outsideSource = (writing: RequestWriting, source: Exclude<MediaSource, { type: 'base64' }>): Written => {
  if (source.type === 'stored') {
    return isOwn(source)
      ? { type: 'file', file_id: source.id }
      : writing.refuse(cannot('files that are stored at another vendor'), {});
  }
  // "Only HTTPS URLs are supported."
  return /^https:/i.test(source.url)
    ? { type: 'url', url: source.url }
    : writing.refuse(cannot('addresses of media that do not begin with https:'), {});
};

/** A block of a former answer, or null where it may not be sent: thinking that this wire did not seal would be refused. */
export const answerBlock = (writing: RequestWriting, part: AnswerContent, mapId: IdMap): Written | null => {
  switch (part.type) {
    case 'text':
      return textBlock(writing, part);
    case 'refusal':
      return { type: 'text', text: part.text };
    case 'thinking':
      return part.seal !== null && isOwn(part.seal)
        ? { type: 'thinking', thinking: part.text, signature: part.seal.value }
        : null;
    case 'redacted-thinking':
      return isOwn(part.seal) ? { type: 'redacted_thinking', data: part.seal.value } : null;
    case 'tool-call':
      return toolUseBlock(writing, part, mapId);
  }
};

/** Names of tools as the vendor takes them: "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'". */
const toolNamePattern = /^[a-zA-Z0-9_-]{1,128}$/;

export const checkedToolName = (writing: RequestWriting, name: string, parameter: string): string =>
  toolNamePattern.test(name)
    ? name
    : writing.refuse(
        {
          code: 'bad_request',
          message: `The name of a tool, ${shown(name)}, must be 1 to 128 letters, digits, "_" or "-" for this target.`,
          parameter,
        },
        name,
      );

const toolUseBlock = (writing: RequestWriting, call: ToolCallPart, mapId: IdMap): Written => {
  const input = parseJson(call.arguments.trim() === '' ? '{}' : call.arguments);
  if (!isJsonObject(input)) {
    const message = `The arguments of the call ${shown(call.id)} must be the JSON text of an object.`;
    return writing.refuse({ code: 'bad_request', message, parameter: 'messages' }, {});
  }
  const name = checkedToolName(writing, call.name, 'messages');
  return writing.mark({ type: 'tool_use', id: mapId(call.id), name, input }, call.cache);
};

/** The result of a call, and the media that the vendor refuses inside of one that tells an error: they follow it in the message. */
export const toolResultBlocks = (
  writing: RequestWriting,
  { callId, content, isError, cache }: ToolResultPart,
  mapId: IdMap,
): { readonly result: Written; readonly beside: readonly Written[] } => {
  const said = content.filter((part) => !isBlank(part));
  const inside = said.filter((part) => !isError || part.type === 'text').map((part) => inputBlock(writing, part));
  const beside = said.filter((part) => isError && part.type !== 'text').map((part) => inputBlock(writing, part));
  const result = {
    type: 'tool_result',
    tool_use_id: mapId(callId),
    ...(inside.length === 0 ? {} : { content: contentOf(inside) }),
    ...(isError ? { is_error: true } : {}),
  };
  return { result: writing.mark(result, cache), beside };
};

const cannot = (what: string) => ({
  code: 'unsupported_feature' as const,
  message: `This target cannot take ${what}.`,
  parameter: 'messages',
});

/** Longest piece of a client's own words in a message to it. */
const shownLengthMax = 80;

const shown = (words: string): string => JSON.stringify(words.slice(0, shownLengthMax));
