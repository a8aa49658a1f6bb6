import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { assemble, encodeAll, eventsOf, frame, streamed, withParsedArguments } from '../../codec/answers.fixture.ts';
import { thinker } from '../../codec/requests.fixture.ts';
import { answers, decodeChunks, decodeText, withoutSealIds } from './answers.fixture.ts';
import { decode, requests } from './requests.fixture.ts';
import { ResponseEncoder } from './ResponseEncoder.ts';
import { responsesCodec } from './responsesCodec.ts';
import { cutAt } from '../../recordings.fixture.ts';
import type { Answer } from '../../../vocabulary/index.ts';

const plain = (answer: Answer): unknown => {
  const { content, ...rest } = withoutSealIds(answer);
  return { ...rest, content: withParsedArguments(content) };
};

describe('the codec of responses', () => {
  it('reads requests as it wrote them', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const written = responsesCodec.encodeRequest(request, thinker);
        if (!written.ok) throw new Error(written.fault.message);
        expect(decode(JSON.parse(Buffer.from(written.value.body).toString()))).toEqual(request);
        expect(written.value.dropped).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('reads whole answers as it wrote them', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const decoded = responsesCodec.decodeAnswer(responsesCodec.encodeAnswer(answer, frame));
        if (!decoded.ok) throw new Error(decoded.fault.message);
        expect(plain(decoded.value)).toEqual(plain(answer));
      }),
      { numRuns: 200 },
    );
  });

  it('reads streams as it wrote them, however they are cut', () => {
    fc.assert(
      fc.property(streamed(answers), fc.array(fc.nat(9_999), { maxLength: 8 }), ({ answer, parts }, cuts) => {
        const bytes = Buffer.from(encodeAll(new ResponseEncoder(frame), parts));
        const { parts: read, state } = decodeChunks(
          ...cutAt(
            bytes,
            cuts.map((cut) => cut % (bytes.length + 1)),
          ),
        );
        expect(plain(assemble(read))).toEqual(plain(answer));
        expect(state).toMatchObject({ complete: true, usage: answer.usage });
      }),
      { numRuns: 200 },
    );
  });

  it('tells the same at the end of a stream as in a whole answer, but for what is held there by id', () => {
    fc.assert(
      fc.property(streamed(answers), ({ answer, parts }) => {
        const last = eventsOf(encodeAll(new ResponseEncoder(frame), parts)).at(-1);
        const { response } = JSON.parse(last?.data ?? '') as { response: { output: { id: string }[] } };
        const whole: unknown = JSON.parse(Buffer.from(responsesCodec.encodeAnswer(answer, frame)).toString());
        expect(response).toEqual(whole);
        expect(new Set(response.output.map(({ id }) => id)).size).toBe(response.output.length);
      }),
      { numRuns: 100 },
    );
  });

  it('does not take a stream for whole that is cut before its end', () => {
    fc.assert(
      fc.property(streamed(answers), fc.nat(), ({ parts }, cut) => {
        const events = encodeAll(new ResponseEncoder(frame), parts).split(/(?<=\n\n)/);
        const { parts: read, state } = decodeText(events.slice(0, cut % (events.length - 1)).join(''));
        expect(state.complete).toBe(false);
        expect(read.some(({ type }) => type === 'answer-end' || type === 'finish')).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});
