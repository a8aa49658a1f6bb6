import { describe, expect, it } from 'vitest';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, responseAnswer } from '../../test/rigs/vendorAnswers.ts';
import { routePolicySchema } from '../vocabulary/index.ts';
import { TestGateway, type TestGatewayOptions, type TestTarget } from './openTestGateway.fixture.ts';

const end = endAfterEach();

/** Targets called a, b, c, each dearer than the one before. */
const open = async (
  differs: readonly Partial<TestTarget>[],
  options: Omit<TestGatewayOptions, 'targets'> = {},
): Promise<{ readonly gateway: TestGateway; readonly upstreams: readonly ScriptedUpstream[] }> => {
  const upstreams: ScriptedUpstream[] = [];
  const targets: TestTarget[] = [];
  for (const [index, more] of differs.entries()) {
    const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('Hello')));
    end(() => upstream[Symbol.asyncDispose]());
    upstreams.push(upstream);
    targets.push({ provider: 'abc'.charAt(index), upstream, inputPerMTok: String(1 + index), ...more });
  }
  const gateway = new TestGateway({ ...options, targets });
  end(() => gateway[Symbol.asyncDispose]());
  return { gateway, upstreams };
};

type Asking = Parameters<TestGateway['ask']>[0];

const askFor = async (gateway: TestGateway, asking: Asking = {}) => {
  const reply = await gateway.ask(asking);
  const decision = gateway.journal.requests.at(-1)?.decisions[0];
  return {
    status: reply.status,
    target: reply.headers['x-archipel-target'],
    code: reply.headers['x-archipel-error'],
    text: reply.text,
    rules: decision?.rules,
    reasons: decision?.candidates.map(({ reason }) => reason),
  };
};

const pinnedTo = (pin: string): Asking => ({ headers: { 'x-archipel-pin': pin } });

describe('a pin', () => {
  it('takes a request where it says, and its header stays here', async () => {
    const { gateway, upstreams } = await open([{}, {}]);
    expect(await askFor(gateway)).toMatchObject({ target: 'a/vendor-model', rules: undefined });
    for (const pin of ['b', 'b/vendor-model'])
      expect(await askFor(gateway, pinnedTo(pin))).toMatchObject({
        target: 'b/vendor-model',
        rules: [`pinned to ${pin}`],
        reasons: [`the request is pinned to ${pin}`, undefined],
      });
    expect(JSON.stringify(upstreams[1]!.calls.map(({ rawHeaders }) => rawHeaders))).not.toMatch(/x-archipel/i);
  });

  it('that names nothing is refused with what can be named', async () => {
    const { gateway, upstreams } = await open([{}, {}]);
    for (const pin of ['d', 'b/another', '/'])
      expect(await askFor(gateway, pinnedTo(pin))).toMatchObject({
        status: 400,
        code: 'bad_request',
        text: expect.stringContaining('It can name a, a/vendor-model, b, b/vendor-model.'),
      });
    expect(upstreams.every(({ calls }) => calls.length === 0)).toBe(true);
  });

  it('that cannot be served is no reason to go elsewhere: the client is told of it', async () => {
    const { gateway } = await open([{}, { jurisdiction: 'US' }], {
      policy: { residency: { jurisdictions: ['EU'] } },
    });
    expect(await askFor(gateway, pinnedTo('b'))).toMatchObject({
      status: 503,
      code: 'no_eligible_target',
      text: expect.stringContaining('The request is pinned to b.'),
    });
  });

  it('is refused to whom the policy does not allow it, the narrowest that says it', async () => {
    const { gateway } = await open([{}, {}], { policy: { pins: 'refuse' } });
    expect(await askFor(gateway, pinnedTo('b'))).toMatchObject({ status: 403, code: 'key_forbidden_pin' });
    const policy = routePolicySchema.parse({ pins: 'allow' });
    expect(await askFor(gateway, { ...pinnedTo('b'), principal: { policy } })).toMatchObject({
      target: 'b/vendor-model',
    });
  });

  it('gives way to a conversation that is held elsewhere', async () => {
    const both = { wire: 'responses', holdsConversations: true };
    const { gateway, upstreams } = await open([both, both]);
    for (const upstream of upstreams) upstream.always(answer(200, responseAnswer('Hello')));
    const first = await gateway.ask({ wire: 'responses', body: { store: true } });
    expect(first.headers['x-archipel-target']).toBe('a/vendor-model');
    const body = { previous_response_id: first.json['id'] };
    expect(await askFor(gateway, { wire: 'responses', body, ...pinnedTo('b') })).toMatchObject({
      target: 'a/vendor-model',
      rules: ['not pinned to b: the conversation is held elsewhere'],
    });
  });
});

describe('a policy', () => {
  const eu = { jurisdiction: 'EU', data: { retentionDays: 0, training: false } };

  it('keeps a request away from whom it forbids, however cheap, and the decision says why', async () => {
    const policy = { residency: { jurisdictions: ['EU'] }, data: { retentionDays: 0, training: false } };
    const { gateway } = await open([{ jurisdiction: 'US' }, { jurisdiction: 'EU' }, eu], { policy });
    expect(await askFor(gateway)).toMatchObject({
      target: 'c/vendor-model',
      reasons: [
        'falls under the law of US, and the policy allows EU only',
        'does not say how long it keeps requests, and the policy allows 0',
        undefined,
      ],
    });
  });

  it('that leaves nobody is told in the words of the client, without a time to come back', async () => {
    const { gateway } = await open([{ jurisdiction: 'US' }], { policy: { residency: { jurisdictions: ['EU'] } } });
    const reply = await gateway.ask();
    expect(reply.status).toBe(503);
    expect(reply.headers).toMatchObject({ 'x-archipel-error': 'no_eligible_target' });
    expect(reply.headers['retry-after']).toBeUndefined();
    expect(reply.text).toContain('a/vendor-model: falls under the law of US, and the policy allows EU only.');
  });

  it('of a key adds to that of the file', async () => {
    const { gateway } = await open([{ tags: ['fast'] }, { tags: ['fast', 'audited'] }], { policy: { tags: ['fast'] } });
    const policy = routePolicySchema.parse({ tags: ['audited'] });
    expect(await askFor(gateway, { principal: { policy } })).toMatchObject({
      target: 'b/vendor-model',
      reasons: ['lacks the tag audited', undefined],
    });
  });

  it('holds on paths that are handed on as they are', async () => {
    const upstream = await ScriptedUpstream.open();
    end(() => upstream[Symbol.asyncDispose]());
    const files = { path: '/files', methods: ['GET'], usdPerRequest: '0', jurisdiction: 'US' } as const;
    const gateway = new TestGateway({
      targets: [{ provider: 'a', upstream }],
      passed: [{ provider: 'a', upstream, ...files }],
      policy: { residency: { jurisdictions: ['EU'] } },
    });
    end(() => gateway[Symbol.asyncDispose]());
    const reply = await gateway.pass({ to: 'a/files' });
    expect(reply.headers['x-archipel-error']).toBe('no_eligible_target');
    expect(upstream.calls).toEqual([]);
  });
});

describe('tags', () => {
  const tagged = (tags: string): Asking => ({ headers: { 'x-archipel-tags': tags } });

  it('that a request demands keep it to those that have all of them', async () => {
    const { gateway } = await open([{}, { tags: ['fast'] }, { tags: ['fast', 'audited'] }]);
    expect(await askFor(gateway, tagged('fast'))).toMatchObject({ target: 'b/vendor-model' });
    expect(await askFor(gateway, tagged('audited, fast'))).toMatchObject({
      target: 'c/vendor-model',
      rules: ['demands the tags audited, fast'],
      reasons: ['lacks the tag audited and fast', 'lacks the tag audited', undefined],
    });
  });

  it('that nobody has are refused with those that there are', async () => {
    const { gateway } = await open([{}, { tags: ['fast'] }]);
    expect(await askFor(gateway, tagged('fast,slow'))).toMatchObject({
      status: 400,
      code: 'bad_request',
      text: expect.stringContaining('They are fast.'),
    });
  });
});
