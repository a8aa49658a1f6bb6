import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../../vocabulary/index.ts';
import { isDataUri, readDataUri } from '../../codec/dataUri.ts';
import { mediaTypeOf } from '../../codec/mediaTypeOf.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { cacheMarkOf } from './cacheMarkOf.ts';

/** `image_url` is an object; some clients send the address alone. */
export const decodeImage = (part: ObjectReader): ImagePart | null => {
  const bare = part.value('image_url');
  const holder = typeof bare === 'string' ? null : part.requiredNested('image_url');
  const url = typeof bare === 'string' ? bare : (holder?.requiredText('url') ?? '');
  const source = decodeAddress(url, part, holder === null ? 'image_url' : 'image_url.url');
  const detail = holder?.text('detail') ?? null;
  return source === null
    ? null
    : { type: 'image', source, ...(detail === null ? {} : { detail }), ...cacheMarkOf(part) };
};

/** The source that an address means: data, or a page. @param name The member that holds it. */
export const decodeAddress = (url: string, part: ObjectReader, name: string): MediaSource | null => {
  if (isDataUri(url)) {
    return readDataUri(url) ?? part.refuse(name, 'must be a data URI with a media type and base64 data', null);
  }
  if (/^https?:\/\//i.test(url)) return { type: 'url', url };
  return part.refuse(name, 'must be a data URI or an address that begins with https://', null);
};

export const decodeAudio = (part: ObjectReader): AudioPart => {
  const audio = part.requiredNested('input_audio');
  const format = audio.requiredText('format').toLowerCase();
  const source: MediaSource = {
    type: 'base64',
    mediaType: mediaTypeOf(`audio/${format}`),
    data: audio.requiredText('data'),
  };
  return { type: 'audio', source, ...cacheMarkOf(part) };
};

export const decodeFile = (part: ObjectReader): FilePart | null => {
  const file = part.requiredNested('file');
  const name = file.text('filename');
  const source = decodeFileSource(file, name);
  return source === null ? null : { type: 'file', source, name, ...cacheMarkOf(part) };
};

const decodeFileSource = (file: ObjectReader, name: string | null): MediaSource | null => {
  const id = file.text('file_id');
  return id === null ? decodeFileData(file, name) : { type: 'stored', wire: 'openai', id };
};

/** The source in `file_data`. */
export const decodeFileData = (file: ObjectReader, name: string | null): MediaSource | null => {
  const data = file.requiredText('file_data');
  if (isDataUri(data)) {
    return readDataUri(data) ?? file.refuse('file_data', 'must be a data URI with a media type and base64 data', null);
  }
  // The SDK's own docs call it "the base64 encoded file data": without a URI the name tells what it is.
  if (name !== null && /\.pdf$/i.test(name)) return { type: 'base64', mediaType: 'application/pdf', data };
  return file.refuse('file_data', 'must be a data URI, or base64 of a file whose name ends in .pdf', null);
};
