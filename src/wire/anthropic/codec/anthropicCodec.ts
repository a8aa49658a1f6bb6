import type { Codec } from '../../codec/Codec.ts';
import { callIdRule } from './callIdRule.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { decodeRequest } from './decodeRequest.ts';
import { encodeAnswer } from './encodeAnswer.ts';
import { encodeRequest } from './encodeRequest.ts';
import { MessageDecoder } from './MessageDecoder.ts';
import { MessageEncoder } from './MessageEncoder.ts';

/** The words of the Messages API, both ways. */
export const anthropicCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  decodeStream: () => new MessageDecoder(),
  encodeStream: (frame) => new MessageEncoder(frame),
  callIds: callIdRule,
};
