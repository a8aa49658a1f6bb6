import { describe, expect, it } from 'vitest';

import type { GenerateRequest, Message, Reasoning } from '../../../vocabulary/index.ts';
import type { CodecTarget } from '../../codec/Codec.ts';
import { call, calls, result, said, text, tool, user } from '../../codec/requests.fixture.ts';
import { write } from './requests.fixture.ts';

const thinking = (mode: Reasoning['mode'], more: Partial<Reasoning> = {}): Partial<GenerateRequest> => ({
  reasoning: { mode, budgetTokens: null, effort: null, show: false, ...more },
});

describe('encodeReasoning', () => {
  it.each<[Partial<GenerateRequest>, Partial<CodecTarget>, object, string[]]>([
    [
      thinking('on', { effort: 'high' }),
      { outputTokensMax: 64_000 },
      { thinking: { type: 'enabled', budget_tokens: 16_384 } },
      [],
    ],
    [
      thinking('on', { effort: 'max' }),
      { outputTokensMax: 64_000 },
      { thinking: { type: 'enabled', budget_tokens: 32_000 } },
      [],
    ],
    [thinking('on'), { outputTokensMax: 64_000 }, { thinking: { type: 'enabled', budget_tokens: 8_192 } }, []],
    [
      thinking('on', { budgetTokens: 3_000, show: true }),
      {},
      { thinking: { type: 'enabled', budget_tokens: 3_000, display: 'summarized' } },
      [],
    ],
    [
      thinking('on', { budgetTokens: 9_000 }),
      {},
      { thinking: { type: 'enabled', budget_tokens: 2_048 } },
      ['reasoning'],
    ],
    [thinking('on', { budgetTokens: 5 }), {}, { thinking: { type: 'enabled', budget_tokens: 1_024 } }, ['reasoning']],
    [{ ...thinking('on', { effort: 'low' }), outputTokensMax: 2_000 }, {}, {}, ['reasoning']],
    [thinking('on', { effort: 'high' }), { reasoning: false }, {}, ['reasoning']],
    [thinking('on', { effort: 'high' }), { unsupported: ['thinking'] }, {}, ['reasoning']],
    [
      thinking('on', { effort: 'minimal' }),
      { unsupported: ['thinking.enabled'] },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      [],
    ],
    [
      thinking('adaptive', { show: true }),
      { unsupported: ['thinking.adaptive'], outputTokensMax: 64_000 },
      { thinking: { type: 'enabled', budget_tokens: 8_192, display: 'summarized' } },
      [],
    ],
    [
      thinking('adaptive', { effort: 'xhigh', show: true }),
      {},
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'xhigh' } },
      [],
    ],
    [thinking('adaptive', { effort: 'tea' }), {}, { thinking: { type: 'adaptive' } }, ['reasoning']],
    [thinking('off'), {}, { thinking: { type: 'disabled' } }, []],
    [thinking('off'), { reasoning: false }, {}, []],
    [{ ...thinking('adaptive'), tools: [tool], toolChoice: { type: 'required' } }, {}, {}, ['reasoning']],
    [{ ...thinking('adaptive'), messages: [user(text('hi')), said('So')] }, {}, {}, ['reasoning']],
    [{ ...thinking('on'), messages: [user(text('go')), calls('a'), user(result('a'))] }, {}, {}, ['reasoning']],
    [
      { ...thinking('adaptive'), messages: [user(text('go')), calls('a'), user(result('a'))] },
      {},
      { thinking: { type: 'adaptive' } },
      [],
    ],
  ])('tells how hard to think, %j for %j, as %j', (more, about, members, dropped) => {
    const { body, ...told } = write(more, about);
    expect({ thinking: body['thinking'], output_config: body['output_config'] }).toEqual({
      thinking: undefined,
      output_config: undefined,
      ...members,
    });
    expect(told.dropped).toEqual(dropped);
  });

  it('keeps thinking on where the calls begin with it', () => {
    const seal = { wire: 'anthropic', value: 's' };
    const content = [{ type: 'thinking' as const, text: 'x', seal }, call('a')];
    const messages: Message[] = [user(text('go')), { role: 'assistant', content }, user(result('a'))];
    expect(write({ ...thinking('on'), messages }).body['thinking']).toMatchObject({ type: 'enabled' });
  });
});
