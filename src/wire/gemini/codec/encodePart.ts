import type { InputPart, MediaSource } from '../../../vocabulary/index.ts';
import { mediaTypeOf } from '../../codec/mediaTypeOf.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { isOwn } from './sealOf.ts';

/** Writes what goes to a model. */
export const encodePart = (part: InputPart, notes: WritingNotes): JsonObject => {
  if (part.cache !== undefined) notes.drop('cache_control');
  if (part.type === 'text') return { text: part.text };
  if (part.type === 'image' && part.detail !== undefined && part.detail !== 'auto') notes.drop('detail');
  return encodeMedia(part.source, part, notes);
};

type Media = Exclude<InputPart, { type: 'text' }>;

const encodeMedia = (source: MediaSource, part: Media, notes: WritingNotes): JsonObject => {
  if (source.type === 'base64') {
    const name = part.type === 'file' && part.name !== null ? { displayName: part.name } : {};
    return { inlineData: { mimeType: mediaTypeOf(source.mediaType), data: source.data, ...name } };
  }
  if (source.type === 'stored' && !isOwn(source)) {
    const message = `What is stored with another vendor (${source.wire}) cannot be read here: send its data or an address`;
    return notes.refuse('messages', message, {});
  }
  const uri = source.type === 'url' ? source.url : source.id;
  return { fileData: { mimeType: typeOfUri(uri) ?? usualTypes[part.type], fileUri: uri } };
};

/** The media type is required, and an address need not tell it: then it is what most of a kind are, and the vendor looks for itself. */
const usualTypes: Readonly<Record<Media['type'], string>> = {
  image: 'image/jpeg',
  file: 'application/pdf',
  audio: 'audio/mpeg',
};

const typeOfEnding: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['mp3', 'audio/mpeg'],
  ['wav', 'audio/wav'],
]);

/** The kind of what an address leads to, as far as its ending tells. */
const typeOfUri = (uri: string): string | null => {
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(uri)?.[1]?.toLowerCase() ?? '';
  return typeOfEnding.get(ending) ?? null;
};
