import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { GenerateRequest, Reasoning } from '../../../vocabulary/index.ts';
import type { CodecTarget } from '../../codec/Codec.ts';
import { text, thinker, tool, user } from '../../codec/requests.fixture.ts';
import { anthropicWire } from '../anthropicWire.ts';
import { encodeRequest } from './encodeRequest.ts';
import { refusalsOf } from './refusalsOf.fixture.ts';
import { requests as sayable, wildRequests, write } from './requests.fixture.ts';

const thinking = (mode: Reasoning['mode'], more: Partial<Reasoning> = {}): Partial<GenerateRequest> => ({
  reasoning: { mode, budgetTokens: null, effort: null, show: false, ...more },
});

describe('encodeRequest', () => {
  it.each([
    ['what this wire can say', sayable],
    ['histories of every kind', wildRequests],
  ])('writes of %s what the vendor takes and the wire reads', (_, requests) => {
    fc.assert(
      fc.property(requests, (request) => {
        const written = encodeRequest(request, thinker);
        if (!written.ok) throw new Error(written.fault.message);
        expect(refusalsOf(JSON.parse(Buffer.from(written.value.body).toString()))).toEqual([]);
        expect(anthropicWire.readRequest(written.value.body, 'generate')).toMatchObject({
          ok: true,
          value: { model: 'm', stream: request.stream },
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it('would be told by these rules of a body that breaks them', () => {
    const body = { max_tokens: 9, messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a b' }] }] };
    expect(refusalsOf(body)).toEqual([
      'the first message is the user’s',
      'ids are unique',
      'calls and results are pairs',
      'calls have tools',
    ]);
  });

  it.each<[Partial<GenerateRequest>, Partial<CodecTarget>, number, string[]]>([
    [{}, {}, 4_096, []],
    [{}, { outputTokensMax: 8_000 }, 8_000, []],
    [{ outputTokensMax: 100 }, { outputTokensMax: 8_000 }, 100, []],
    [{ outputTokensMax: 9_000 }, { outputTokensMax: 8_000 }, 8_000, ['max_tokens']],
  ])('bounds the output of %j for %j by %d (case 45)', (more, about, bound, dropped) => {
    expect(write(more, about)).toMatchObject({ body: { max_tokens: bound }, dropped });
  });

  it.each<[Partial<GenerateRequest>, string[], object, string[]]>([
    [{ temperature: 0.16 }, [], { temperature: 0.16 }, []],
    [{ temperature: 1.5 }, [], { temperature: 1 }, ['temperature']],
    [{ temperature: 0.16 }, ['temperature'], {}, ['temperature']],
    [{ temperature: 0.5, topP: 0.9 }, [], { temperature: 0.5 }, ['top_p']],
    [{ temperature: 0.5, topP: 0.9 }, ['temperature'], { top_p: 0.9 }, ['temperature']],
    [{ temperature: 0.5, topP: 1 }, [], { temperature: 0.5 }, []],
    [{ topP: 0.9, topK: 3 }, [], { top_p: 0.9, top_k: 3 }, []],
    [{ topK: 3 }, ['top_k'], {}, ['top_k']],
    [{ temperature: 0.5, topK: 3, ...thinking('adaptive') }, [], {}, ['temperature', 'top_k']],
    [{ temperature: 1, topP: 1, ...thinking('adaptive') }, [], {}, []],
    [{ stopSequences: ['\n', 'END'] }, [], { stop_sequences: ['END'] }, ['stop']],
    [{ endUser: 'u' }, [], { metadata: { user_id: 'u' } }, []],
    [{ endUser: 'u'.repeat(300) }, [], {}, ['user']],
    [{ stream: true }, [], { stream: true }, []],
  ])('writes %j for a target without %j as %j', (more, unsupported, members, dropped) => {
    const { body, ...told } = write(more, { unsupported });
    const { model: _m, max_tokens: _t, messages: _s, thinking: _r, ...rest } = body;
    expect(rest).toEqual(members);
    expect(told.dropped).toEqual(dropped);
  });

  it('keeps the last four places that are marked for the cache', () => {
    const marked = (words: string) => ({ ...text(words), cache: { lifetime: null } });
    const { body, dropped } = write({
      tools: [{ ...tool, cache: { lifetime: '1h' } }],
      messages: [{ role: 'system', content: [marked('s')] }, user(marked('a'), marked('b'), marked('c'))],
    });
    expect(body['tools']).toEqual([{ name: 'f', input_schema: { type: 'object', properties: {} } }]);
    expect(JSON.stringify(body).split('"cache_control":{"type":"ephemeral"}')).toHaveLength(5);
    expect(dropped).toEqual(['cache_control']);
    const few = write({ tools: [{ ...tool, cache: { lifetime: '1h' } }] });
    expect(few).toMatchObject({ body: { tools: [{ cache_control: { type: 'ephemeral', ttl: '1h' } }] }, dropped: [] });
  });
});
