import { createHash } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const length = 9;

/**
 * An id of a tool call, made of what is known of it: the same each time a conversation is sent. Nine letters and digits are the narrowest
 * rule among the vendors of this wire (Mistral) and fit all others; 62^9 of them do not meet by chance within a conversation.
 */
export const toolCallId = (...seed: readonly (string | number)[]): string => {
  const digest = createHash('sha256').update(JSON.stringify(seed)).digest();
  let rest = digest.readBigUInt64BE(0);
  let id = '';
  for (let digit = 0; digit < length; digit++) {
    id += alphabet[Number(rest % 62n)];
    rest /= 62n;
  }
  return id;
};
