import type { AudioPart, FilePart, ImagePart, InputPart, MediaSource, TextPart } from '../../../vocabulary/index.ts';
import { shown } from '../../codec/checkToolName.ts';
import { mediaTypeOf } from '../../codec/mediaTypeOf.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { cachePoint } from './cachePoint.ts';
import type { DocumentNames } from './DocumentNames.ts';

/** Writes what goes to a model, with the point up to which it is cached after it. */
export const encodePart = (part: InputPart, names: DocumentNames, notes: WritingNotes): readonly JsonObject[] => {
  switch (part.type) {
    case 'text':
      return encodeText(part, notes);
    case 'image':
      return [encodeImage(part, notes), ...cachePoint(part.cache, 'prompt', notes)];
    case 'file':
      return [encodeFile(part, names, notes), ...cachePoint(part.cache, 'prompt', notes)];
    case 'audio':
      return [encodeAudio(part, notes), ...cachePoint(part.cache, 'prompt', notes)];
  }
};

export const encodeText = ({ text, cache }: TextPart, notes: WritingNotes): readonly JsonObject[] => [
  { text },
  ...cachePoint(cache, 'prompt', notes),
];

type Formats = Readonly<Record<string, string>>;

/** `ImageBlock.format` */
const imageFormats: Formats = { 'image/png': 'png', 'image/jpeg': 'jpeg', 'image/gif': 'gif', 'image/webp': 'webp' };

/** `DocumentBlock.format` */
const documentFormats: Formats = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/markdown': 'md',
  'text/plain': 'txt',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
};

/** `AudioBlock.format` */
const audioFormats: Formats = { 'audio/wav': 'wav', 'audio/mpeg': 'mp3' };

const encodeImage = ({ source, detail }: ImagePart, notes: WritingNotes): JsonObject => {
  if (detail !== undefined && detail !== 'auto') notes.drop('detail');
  return { image: inline(source, 'images', imageFormats, notes) };
};

const encodeFile = ({ source, name }: FilePart, names: DocumentNames, notes: WritingNotes): JsonObject => {
  const { format, ...rest } = inline(source, 'files', documentFormats, notes);
  return { document: { format, name: names.next(name), ...rest } };
};

const encodeAudio = ({ source }: AudioPart, notes: WritingNotes): JsonObject => ({
  audio: inline(source, 'audio', audioFormats, notes),
});

/** What stands in the request itself: the vendor fetches nothing. */
const inline = (source: MediaSource, kind: string, formats: Formats, notes: WritingNotes): JsonObject => {
  if (source.type !== 'base64') return cannotTake(`${kind} by address or by name: send the data`, notes);
  const mediaType = mediaTypeOf(source.mediaType);
  const known = Object.hasOwn(formats, mediaType) ? formats[mediaType] : undefined;
  // Any other kind of text is taken as plain text.
  const format = known ?? (mediaType.startsWith('text/') ? formats['text/plain'] : undefined);
  if (format === undefined) return cannotTake(`${kind} of the type ${shown(mediaType)}`, notes);
  return { format, source: { bytes: source.data } };
};

const cannotTake = (what: string, notes: WritingNotes): JsonObject =>
  notes.refuse('messages', `This target cannot take ${what}`, {});
