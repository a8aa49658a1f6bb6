import type { Codec } from '../../codec/Codec.ts';
import { callIdRule } from './callIdRule.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { decodeRequest } from './decodeRequest.ts';
import { encodeAnswer } from './encodeAnswer.ts';
import { encodeRequest } from './encodeRequest.ts';
import { ResponseDecoder } from './ResponseDecoder.ts';
import { ResponseEncoder } from './ResponseEncoder.ts';

/** The words of responses, for standing in for another wire or being stood in for. */
export const responsesCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  decodeStream: () => new ResponseDecoder(),
  encodeStream: (frame) => new ResponseEncoder(frame),
  callIds: callIdRule,
};
