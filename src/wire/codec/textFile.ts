import { utf8Bytes } from '../utf8.ts';

/** The base64 of a text, as a file of text is kept. */
export const base64OfText = (text: string): string => Buffer.from(utf8Bytes(text)).toString('base64');

/** The text in a file of text. */
export const textOfBase64 = (data: string): string => Buffer.from(data, 'base64').toString('utf8');

/** A file of text as words beside others: its name, if it has one, and the text. */
export const wordsOfFile = (data: string, name: string | null): string =>
  name === null ? textOfBase64(data) : `${name}:\n${textOfBase64(data)}`;
