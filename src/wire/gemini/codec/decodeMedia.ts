import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../../vocabulary/index.ts';
import { mediaTypeOf } from '../../codec/mediaTypeOf.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { fileTypeOf } from '../fileTypeOf.ts';
import { ownWire } from './sealOf.ts';

type Media = ImagePart | FilePart | AudioPart;

const membersOfBlob = new Set(['mimeType', 'data', 'displayName']);
const membersOfFile = new Set(['mimeType', 'fileUri', 'displayName']);

/** Reads a part with `inlineData` or `fileData`. Videos are no word of any other wire. */
export const decodeMedia = (part: ObjectReader): readonly Media[] => {
  const blob = part.nested('inlineData');
  if (blob !== null) return decodeBlob(blob);
  const file = part.nested('fileData');
  return file === null ? [] : decodeFile(file);
};

const decodeBlob = (blob: ObjectReader): readonly Media[] => {
  blob.nativeOthers(membersOfBlob, 'inlineData');
  const mediaType = mediaTypeOf(blob.requiredText('mimeType'));
  const source = { type: 'base64' as const, mediaType, data: standardBase64(blob.givenText('data')) };
  return mediaOf(blob, mediaType, source);
};

/** Clients of this vendor write base64 in either alphabet. */
const standardBase64 = (data: string): string => {
  if (!/[-_]/.test(data)) return data;
  const standard = data.replaceAll('-', '+').replaceAll('_', '/');
  return standard.padEnd(Math.ceil(standard.length / 4) * 4, '=');
};

const decodeFile = (file: ObjectReader): readonly Media[] => {
  file.nativeOthers(membersOfFile, 'fileData');
  const uri = file.requiredText('fileUri');
  const source: MediaSource = isOutside(uri) ? { type: 'url', url: uri } : { type: 'stored', wire: ownWire, id: uri };
  return mediaOf(file, fileTypeOf(uri, file.text('mimeType')), source);
};

/** Files of the vendor's stores (`gs:`, its own host) can be had by nobody else. */
const isOutside = (uri: string): boolean =>
  /^https?:/i.test(uri) && !/^https?:\/\/([\w-]+\.)*googleapis\.com(:\d+)?\//i.test(uri);

const mediaOf = (holder: ObjectReader, mediaType: string, source: MediaSource): readonly Media[] => {
  const kind: string = mediaType.split('/', 1)[0] ?? '';
  switch (kind) {
    case 'image':
      return [{ type: 'image', source }];
    case 'audio':
      return [{ type: 'audio', source }];
    case 'video':
      holder.notes.native(`${holder.path}.video`);
      return [];
    default:
      return [{ type: 'file', source, name: holder.text('displayName') }];
  }
};
