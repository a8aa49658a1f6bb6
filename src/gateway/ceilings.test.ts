// Numbers that a request may name: each of them is refused before anything is held, written down or sent for it.
import { afterEach, describe, expect, it } from 'vitest';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, messageAnswer } from '../../test/rigs/vendorAnswers.ts';
import { requestCeilingsMax, type RequestCeilings } from '../wire/index.ts';
import type { GatewayLimits } from './Snapshot.ts';
import { TestGateway } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

type WireName = 'openai' | 'anthropic';

const open = async (target: WireName, limits: Partial<GatewayLimits> = {}) => {
  const upstream = await ScriptedUpstream.open(
    answer(200, target === 'openai' ? chatAnswer('hi') : messageAnswer('hi')),
  );
  const gateway = new TestGateway({ targets: [{ provider: 'a', upstream, wire: target }], limits });
  opened.push(upstream, gateway);
  return { upstream, gateway };
};

const tool = { openai: { type: 'function', function: { name: 'f' } }, anthropic: { name: 'f', input_schema: {} } };
const tools = (wire: WireName, count: number): unknown[] => Array.from({ length: count }, () => tool[wire]);

/** Members that no request may have, with the limit that says so. JSON has no words for some: those are written as they stand. */
const beyond: readonly (readonly [WireName, member: string, value: unknown, limit: keyof RequestCeilings])[] = [
  ...[1e9, 129, 0, -1, 1.5, '1', true, [1], '1e400'].map((value) => ['openai', 'n', value, 'choices'] as const),
  ...(['max_tokens', 'max_completion_tokens'] as const).flatMap((member) =>
    [1e12, 10_000_001, 0, -5, 0.5, '7', {}, '1e400'].map((value) => ['openai', member, value, 'outputTokens'] as const),
  ),
  ...[1e12, 10_000_001, -1, 0.5, '7', [], '1e400'].map(
    (value) => ['anthropic', 'max_tokens', value, 'outputTokens'] as const,
  ),
  ['openai', 'tools', tools('openai', 4_097), 'tools'],
  ['openai', 'tools', tools('openai', 100_000), 'tools'],
  ['openai', 'functions', tools('openai', 4_097), 'tools'],
  ['anthropic', 'tools', tools('anthropic', 4_097), 'tools'],
  ['anthropic', 'tools', tools('anthropic', 100_000), 'tools'],
];

describe.each(['openai', 'anthropic'] as const)('before a target of the %s wire', (target) => {
  it('each number beyond its ceiling, or that is none, is refused with its name and its limit, and nothing is held or sent [A33]', async () => {
    const { upstream, gateway } = await open(target);
    for (const [client, member, value, limit] of beyond) {
      const reply = await gateway.ask({ wire: client, body: { [member]: value }, rewrite: withoutQuotes });
      const told = `${client} ${member} ${JSON.stringify(value).slice(0, 20)}: ${reply.text.slice(0, 300)}`;
      expect([reply.status, reply.headers['x-archipel-error']], told).toEqual([400, 'bad_request']);
      expect(reply.text, told).toContain(`\`${member}\``);
      expect(reply.text, told).toContain(`(limits.${limit})`);
      expect(reply.json, told).toMatchObject(
        client === 'openai'
          ? { error: { param: member } }
          : { type: 'error', error: { type: 'invalid_request_error' } },
      );
    }
    expect(upstream.calls).toHaveLength(0);
    expect(gateway.journal.intents).toHaveLength(0);
  });

  it('what stands at its ceiling is served, and what stands above is once the operator has raised it', async () => {
    const { upstream, gateway } = await open(target, { ...requestCeilingsMax });
    for (const client of ['openai', 'anthropic'] as const) {
      const reply = await gateway.ask({
        wire: client,
        body: { tools: distinctTools(client, 4_097), max_tokens: 10_000_000 },
      });
      expect(reply.status, `${client}: ${reply.text.slice(0, 200)}`).toBe(200);
    }
    expect(upstream.calls).toHaveLength(2);
  });

  it('a lowered ceiling is told as it stands', async () => {
    const { gateway } = await open(target, { outputTokens: 100, tools: 1 });
    const long = await gateway.ask({ body: { max_tokens: 101 } });
    expect(long.text).toContain('`max_tokens` must be an integer from 1 to 100 (limits.outputTokens)');
    const many = await gateway.ask({ wire: 'anthropic', body: { tools: tools('anthropic', 2) } });
    expect(many.text).toContain('`tools` has 2 entries, and at most 1 are taken (limits.tools)');
  });
});

/** A number of JSON that no number of JavaScript is. */
const withoutQuotes = (text: string): string => text.replace('"1e400"', '1e400');

const distinctTools = (wire: WireName, count: number): unknown[] =>
  Array.from({ length: count }, (_, index) =>
    wire === 'openai'
      ? { type: 'function', function: { name: `f${index}` } }
      : { name: `f${index}`, input_schema: { type: 'object' } },
  );
