import type { FilePart, ImagePart, InputPart, MediaSource, TextPart } from '../../../vocabulary/index.ts';
import { shown } from '../../codec/checkToolName.ts';
import { mediaTypeOf } from '../../codec/mediaTypeOf.ts';
import { textOfBase64 } from '../../codec/textFile.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { withCacheMark } from './cacheMarkOf.ts';
import { isOwn } from './sealOf.ts';

/** Blocks as `content`: one text without a mark is written short. */
export const contentOf = (blocks: readonly JsonObject[]): string | readonly JsonObject[] => {
  const [only] = blocks;
  const isPlain = blocks.length === 1 && only?.['type'] === 'text' && only['cache_control'] === undefined;
  return isPlain ? String(only['text']) : blocks;
};

/** Writes what goes to a model. */
export const encodePart = (part: InputPart, notes: WritingNotes): JsonObject => {
  switch (part.type) {
    case 'text':
      return encodeText(part);
    case 'image':
      return encodeImage(part, notes);
    case 'file':
      return encodeFile(part, notes);
    case 'audio':
      return cannotTake('audio', notes);
  }
};

export const encodeText = ({ text, cache }: TextPart): JsonObject => withCacheMark({ type: 'text', text }, cache);

/** "media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'". */
const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

const encodeImage = ({ source, detail, cache }: ImagePart, notes: WritingNotes): JsonObject => {
  if (detail !== undefined && detail !== 'auto') notes.drop('detail');
  const written = source.type === 'base64' ? imageSource(source, notes) : outsideSource(source, notes);
  return withCacheMark({ type: 'image', source: written }, cache);
};

const imageSource = (source: MediaSource & { type: 'base64' }, notes: WritingNotes): JsonObject => {
  const mediaType = mediaTypeOf(source.mediaType);
  if (!imageTypes.has(mediaType)) return cannotTake(`images of the type ${shown(mediaType)}`, notes);
  return { type: 'base64', media_type: mediaType, data: source.data };
};

const encodeFile = ({ source, name, cache }: FilePart, notes: WritingNotes): JsonObject => {
  const title = name === null || name === '' ? {} : { title: name };
  const written = source.type === 'base64' ? documentSource(source, notes) : outsideSource(source, notes);
  return withCacheMark({ type: 'document', source: written, ...title }, cache);
};

const documentSource = (source: MediaSource & { type: 'base64' }, notes: WritingNotes): JsonObject => {
  const mediaType = mediaTypeOf(source.mediaType);
  if (mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data: source.data };
  // Any kind of text is taken as plain text.
  if (!mediaType.startsWith('text/')) return cannotTake(`files of the type ${shown(mediaType)}`, notes);
  return { type: 'text', media_type: 'text/plain', data: textOfBase64(source.data) };
};

const outsideSource = (source: Exclude<MediaSource, { type: 'base64' }>, notes: WritingNotes): JsonObject => {
  if (source.type === 'stored') {
    return isOwn(source)
      ? { type: 'file', file_id: source.id }
      : cannotTake(`what is stored with another vendor (${source.wire}): send its data or an address`, notes);
  }
  // "Only HTTPS URLs are supported."
  return /^https:/i.test(source.url)
    ? { type: 'url', url: source.url }
    : cannotTake('addresses of media that do not begin with https:', notes);
};

const cannotTake = (what: string, notes: WritingNotes): JsonObject =>
  notes.refuse('messages', `This target cannot take ${what}`, {});
