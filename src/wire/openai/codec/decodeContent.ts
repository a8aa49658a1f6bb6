import type { CacheMark, InputPart, MediaSource, RefusalPart } from '../../../vocabulary/index.ts';
import { isDataUri, readDataUri } from './dataUri.ts';
import type { ObjectReader } from './ObjectReader.ts';

/** A part of a message's `content`: what goes to a model, or a refusal that it gave. */
export type ContentPart = InputPart | RefusalPart;

/**
 * Reads `content`: a text or a list of parts. Empty texts say nothing and other wires refuse them, so they are left out. A kind of part that
 * is not known here makes the request one for this wire only.
 */
export const decodeContent = (message: ObjectReader): readonly ContentPart[] => {
  const content = message.value('content');
  if (content === undefined) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return message.refuse('content', 'must be a string or a list of parts', []);
  return message.objects('content').flatMap((part) => {
    const decoded = decodePart(part);
    return decoded === null ? [] : [decoded];
  });
};

const decodePart = (part: ObjectReader): ContentPart | null => {
  const type = part.requiredText('type');
  switch (type) {
    case 'text':
      return decodeText(part);
    case 'refusal':
      return { type, text: part.requiredText('refusal') };
    case 'image_url':
      return decodeImage(part);
    case 'input_audio':
      return decodeAudio(part);
    case 'file':
      return decodeFile(part);
    default:
      part.notes.native(part.at(type));
      return null;
  }
};

const decodeText = (part: ObjectReader): ContentPart | null => {
  const text = part.text('text') ?? part.refuse('text', 'is required and must be a string', '');
  return text === '' ? null : { type: 'text', text, ...cacheMarkOf(part) };
};

/** `image_url` is an object; some clients send the address alone. */
const decodeImage = (part: ObjectReader): ContentPart | null => {
  const bare = part.value('image_url');
  const holder = typeof bare === 'string' ? null : part.requiredNested('image_url');
  const url = typeof bare === 'string' ? bare : (holder?.requiredText('url') ?? '');
  const source = decodeAddress(url, part, holder === null ? 'image_url' : 'image_url.url');
  const detail = holder?.text('detail') ?? null;
  return source === null
    ? null
    : { type: 'image', source, ...(detail === null ? {} : { detail }), ...cacheMarkOf(part) };
};

const decodeAddress = (url: string, part: ObjectReader, name: string): MediaSource | null => {
  if (isDataUri(url)) {
    return readDataUri(url) ?? part.refuse(name, 'must be a data URI with a media type and base64 data', null);
  }
  if (/^https?:\/\//i.test(url)) return { type: 'url', url };
  return part.refuse(name, 'must be a data URI or an address that begins with https://', null);
};

const mediaTypeOfFormat: Readonly<Record<string, string>> = { mp3: 'audio/mpeg', wav: 'audio/wav' };

const decodeAudio = (part: ObjectReader): ContentPart => {
  const audio = part.requiredNested('input_audio');
  const format = audio.requiredText('format').toLowerCase();
  const mediaType = mediaTypeOfFormat[format] ?? `audio/${format}`;
  const source: MediaSource = { type: 'base64', mediaType, data: audio.requiredText('data') };
  return { type: 'audio', source, ...cacheMarkOf(part) };
};

const decodeFile = (part: ObjectReader): ContentPart | null => {
  const file = part.requiredNested('file');
  const name = file.text('filename');
  const source = decodeFileSource(file, name);
  return source === null ? null : { type: 'file', source, name, ...cacheMarkOf(part) };
};

const decodeFileSource = (file: ObjectReader, name: string | null): MediaSource | null => {
  const id = file.text('file_id');
  if (id !== null) return { type: 'stored', wire: 'openai', id };
  const data = file.requiredText('file_data');
  if (isDataUri(data)) {
    return readDataUri(data) ?? file.refuse('file_data', 'must be a data URI with a media type and base64 data', null);
  }
  // The SDK's own docs call it "the base64 encoded file data": without a URI the name tells what it is.
  if (name !== null && /\.pdf$/i.test(name)) return { type: 'base64', mediaType: 'application/pdf', data };
  return file.refuse('file_data', 'must be a data URI, or base64 of a file whose name ends in .pdf', null);
};

/**
 * A place to cache the prompt up to: `cache_control` as other vendors' SDKs put it on parts and tools, or OpenAI's own
 * `prompt_cache_breakpoint`, whose lifetimes (30 minutes, 12 hours) come closest to an hour.
 */
export const cacheMarkOf = (holder: ObjectReader): { readonly cache?: CacheMark } => {
  const control = holder.nested('cache_control');
  if (control !== null) {
    const ttl = control.text('ttl');
    return { cache: { lifetime: ttl === '5m' || ttl === '1h' ? ttl : null } };
  }
  const breakpoint = holder.nested('prompt_cache_breakpoint');
  return breakpoint === null ? {} : { cache: { lifetime: breakpoint.has('ttl') ? '1h' : null } };
};
