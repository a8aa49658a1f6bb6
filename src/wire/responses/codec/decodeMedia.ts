import type { FilePart, ImagePart, MediaSource } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { cacheMarkOf } from '../../openai/codec/cacheMarkOf.ts';
import { decodeAddress, decodeFileData } from '../../openai/codec/decodeMedia.ts';
import { ownWire } from './sealOf.ts';

const storedIn = (part: ObjectReader): MediaSource | null => {
  const id = part.text('file_id');
  return id === null ? null : { type: 'stored', wire: ownWire, id };
};

export const decodeImage = (part: ObjectReader): ImagePart | null => {
  const source = storedIn(part) ?? decodeAddress(part.requiredText('image_url'), part, 'image_url');
  const detail = part.text('detail');
  return source === null
    ? null
    : { type: 'image', source, ...(detail === null ? {} : { detail }), ...cacheMarkOf(part) };
};

export const decodeFile = (part: ObjectReader): FilePart | null => {
  const name = part.text('filename');
  const source = storedIn(part) ?? decodeFileSource(part, name);
  return source === null ? null : { type: 'file', source, name, ...cacheMarkOf(part) };
};

const decodeFileSource = (part: ObjectReader, name: string | null): MediaSource | null => {
  const url = part.text('file_url');
  return url === null ? decodeFileData(part, name) : decodeAddress(url, part, 'file_url');
};
