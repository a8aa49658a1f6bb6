import { mediaTypeOf } from '../codec/mediaTypeOf.ts';

/** Kinds of media by the endings of files. */
const typesByEnding: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'image/*': 'png jpg jpeg webp heic heif gif',
    'video/*': 'mp4 mpeg mpg mov avi flv webm wmv 3gp',
    'audio/*': 'wav mp3 aiff aac ogg flac',
    'application/pdf': 'pdf',
  }).flatMap(([type, endings]) => endings.split(' ').map((ending) => [ending, type] as const)),
);

/** The page of a film, which the vendor alone watches, whatever is said of its type. */
const isFilm = (uri: string): boolean => /^https?:\/\/(www\.|m\.)?(youtube\.com|youtu\.be)\//i.test(uri);

/** Behind the last dot of a path; "" without one. */
const endingOf = (uri: string): string => {
  const [path = ''] = uri.split(/[?#]/, 1);
  const dot = path.lastIndexOf('.');
  return dot === -1 ? '' : path.slice(dot + 1).toLowerCase();
};

/**
 * The media type of a file by its address: as it is told, else as its ending says; "" where nobody knows.
 * @param told `mimeType`; null or "" where it is absent.
 */
export const fileTypeOf = (uri: string, told: string | null): string => {
  if (isFilm(uri)) return 'video/*';
  if (told !== null && told !== '') return mediaTypeOf(told);
  return typesByEnding.get(endingOf(uri)) ?? '';
};
