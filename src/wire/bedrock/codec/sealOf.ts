import type { Seal } from '../../../vocabulary/index.ts';
import { ownWire as messagesWire } from '../../anthropic/codec/sealOf.ts';
import { isClaude } from '../modelTraits.ts';

const ownWire = 'bedrock';

/**
 * Wraps what a model sealed. Claude's seals are those of the Messages API: "`signature` values are compatible across platforms (Claude APIs, Amazon Bedrock, and
 * Vertex AI). Values generated on one platform will be compatible with another" (platform.claude.com/docs, "Extended thinking").
 */
export const sealOf =
  (model: string) =>
  (value: string): Seal => ({ wire: isClaude(model) ? messagesWire : ownWire, value });

/** Whether a seal means something to a model. */
export const isOwnOf =
  (model: string) =>
  ({ wire }: Seal): boolean =>
    wire === (isClaude(model) ? messagesWire : ownWire);

/**
 * Thinking that nobody but its maker reads is bytes here, and a text on the Messages API: the same seal is both.
 * @returns null where the bytes are no text, which Claude's always are.
 */
export const sealedText = (redactedContent: string, model: string): string | null => {
  if (!isClaude(model)) return redactedContent;
  const text = Buffer.from(redactedContent, 'base64').toString('utf8');
  return sealedBytes(text, model) === redactedContent ? text : null;
};

/** The other way round. */
export const sealedBytes = (value: string, model: string): string =>
  isClaude(model) ? Buffer.from(value, 'utf8').toString('base64') : value;
