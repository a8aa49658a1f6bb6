import { brotliCompressSync, createGzip, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, answerStream, ScriptedUpstream, type Script } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatEvents, vendorError } from '../../test/rigs/vendorAnswers.ts';
import { TestGateway } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

/** A vendor that encodes what nobody asked it to encode, and a dearer one that does not. */
const openTwo = async (script: Script, attempts = 2) => {
  const odd = await ScriptedUpstream.open(script);
  const plain = await ScriptedUpstream.open(answer(200, chatAnswer('from the plain one')));
  const gateway = new TestGateway({
    targets: [
      { provider: 'odd', upstream: odd, inputPerMTok: '1', outputPerMTok: '1' },
      { provider: 'plain', upstream: plain, inputPerMTok: '2', outputPerMTok: '1' },
    ],
    limits: { attempts },
  });
  opened.push(odd, plain, gateway);
  return { odd, plain, gateway };
};

const gzipped = (body: object, status = 200): Script =>
  answer(status, gzipSync(JSON.stringify(body)), { 'content-encoding': 'gzip' });

const wholeStream = [
  chatEvents.role,
  chatEvents.text('from the odd one'),
  chatEvents.finish,
  chatEvents.usage(10, 3),
  chatEvents.done,
];

describe('an encoded answer that nobody asked for [A36]', () => {
  it('is read as what it says', async () => {
    const { odd, gateway } = await openTwo(gzipped(chatAnswer('from the odd one')));
    const reply = await gateway.ask();
    expect(reply.status).toBe(200);
    expect(reply.text).toContain('from the odd one');
    expect(odd.calls[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('is streamed on event by event', async () => {
    const { gateway } = await openTwo(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      for (const event of wholeStream) {
        await new Promise<void>((done) => gzip.write(event, () => gzip.flush(done)));
      }
      gzip.end();
    });
    const reply = await gateway.ask({ stream: true });
    expect(reply.text).toContain('from the odd one');
    expect(reply.text).toMatch(/\[DONE\]\n\n$/);
  });

  it('that is cut in its coding is a truncation, told in the stream', async () => {
    const cut = gzipSync(wholeStream.slice(0, 3).join(''));
    const { gateway } = await openTwo(answerStream(cut.subarray(0, -8), 'end', { 'content-encoding': 'gzip' }));
    const reply = await gateway.ask({ stream: true });
    expect(reply.text).not.toContain('[DONE]');
    expect(reply.text).toMatch(/data: \{"error":/);
  });

  it('of a refusal says why', async () => {
    const limited = vendorError('Rate limit reached', 'rate_limit_error', 'rate_limit_exceeded');
    const { gateway } = await openTwo(gzipped(limited, 429));
    expect((await gateway.ask()).text).toContain('from the plain one');
    expect(gateway.journal.finals[0]).toMatchObject({
      outcome: { failure: { class: 'quota', status: 429, message: expect.stringContaining('Rate limit reached') } },
    });
  });

  const zeros = Buffer.alloc(67_108_864);
  const twice = gzipSync(gzipSync(JSON.stringify(chatAnswer('twice'))));

  it.each([
    ['in a coding that nobody knows', answer(200, 'x', { 'content-encoding': 'compress' }), /^encoded_answer$/],
    ['in two codings', answer(200, twice, { 'content-encoding': 'gzip, gzip' }), /^encoded_answer$/],
    ['that is not encoded so', answer(200, chatAnswer('plain'), { 'content-encoding': 'br' }), /^encoded_answer$/],
    [
      'that is a gzip bomb',
      answer(200, gzipSync(zeros), { 'content-encoding': 'gzip' }),
      /^answer_(expands|too_large)$/,
    ],
    [
      'that is a brotli bomb',
      answer(200, brotliCompressSync(zeros), { 'content-encoding': 'br' }),
      /^answer_(expands|too_large)$/,
    ],
  ])('%s fails over', async (_what, script, cause) => {
    const { gateway } = await openTwo(script);
    const reply = await gateway.ask();
    expect(reply.text).toContain('from the plain one');
    expect(gateway.journal.finals[0]).toMatchObject({
      outcome: { failure: { class: 'protocol', cause: expect.stringMatching(cause) } },
    });
  });

  it('that is a bomb in a stream fails over, too', async () => {
    const bomb = gzipSync(Buffer.from(': nothing\n\n'.repeat(3_000_000)));
    const { gateway, plain } = await openTwo(answerStream(bomb, 'end', { 'content-encoding': 'gzip' }));
    plain.always(answerStream(wholeStream.join('')));
    const reply = await gateway.ask({ stream: true });
    expect(reply.text).toMatch(/\[DONE\]\n\n$/);
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { failure: { class: 'protocol' } } });
  });

  it('that is too large once it is decoded fails, though it came small', async () => {
    const large = gzipped(chatAnswer('x'.repeat(40_000_000)));
    const { gateway } = await openTwo(large, 1);
    expect((await gateway.ask()).status).toBe(502);
  });
});

describe('a redirect [A13]', () => {
  it.each([301, 302, 303, 307, 308])('%i is never followed: another target serves', async (status) => {
    const elsewhere = await ScriptedUpstream.open(answer(200, chatAnswer('from elsewhere')));
    opened.push(elsewhere);
    const { gateway } = await openTwo(answer(status, '', { location: `${elsewhere.url}/v1/chat/completions` }));
    const reply = await gateway.ask();
    expect(reply.text).toContain('from the plain one');
    expect(elsewhere.calls).toEqual([]);
  });
});
