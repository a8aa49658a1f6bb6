import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examplePrincipal } from '../../../test/rigs/examplePrincipal.ts';
import type { Principal } from '../../access/index.ts';
import { matchRoute, sessionHeaders } from '../../wire/index.ts';
import { conversationKey } from './conversationKey.ts';
import { areSeveralTenants, type CacheIsolation } from './tenantOf.ts';
import { vendorCacheKey } from './vendorCacheKey.ts';

interface Recorded {
  readonly recording: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

interface Asking {
  readonly isolation?: CacheIsolation;
  readonly principal?: Partial<Principal>;
  readonly headers?: Readonly<Record<string, string>>;
}

const folder = new URL('../../../test/fixtures/clients/', import.meta.url);
const recordings = readdirSync(folder).flatMap((file): Recorded[] =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
);

const keyOf = (
  { method, path, headers, body }: Pick<Recorded, 'method' | 'path' | 'headers' | 'body'>,
  asking: Asking = {},
): string => {
  const match = matchRoute(method, path.split('?')[0] ?? '', headers, '');
  if (match.kind !== 'route') throw new Error(`no route ${path}`);
  const bytes = Buffer.from(JSON.stringify(body));
  const read = match.wire.readRequest(bytes, match.route.operation, undefined, match.words);
  if (!read.ok) throw new Error(read.fault.message);
  const principal = { ...examplePrincipal, ...asking.principal };
  const exchange = { principal, headers: asking.headers ?? headers, body: bytes, wire: match.wire };
  return conversationKey(exchange, read.value, { cacheIsolation: asking.isolation ?? 'team' });
};

const turnsOf = ({ body }: Recorded): readonly unknown[] => {
  const turns = body?.['messages'] ?? body?.['input'] ?? body?.['contents'];
  return Array.isArray(turns) ? turns : [turns];
};

/** Text of what a turn says, whatever marks it. */
const saidIn = (turn: unknown): string => JSON.stringify(turn).replaceAll(/,"cache_control":\{[^}]*\}/g, '');

/** Each request of a recording with the one that goes on from it. */
const goingOn = recordings.flatMap((first) =>
  recordings
    .filter(
      (next) =>
        next.recording.split('/')[0] === first.recording.split('/')[0] &&
        next.path === first.path &&
        JSON.stringify(next.body?.['tools']) === JSON.stringify(first.body?.['tools']) &&
        turnsOf(next).length > turnsOf(first).length &&
        saidIn(turnsOf(next)[0]) === saidIn(turnsOf(first)[0]),
    )
    .map((next) => [`${first.recording} and ${next.recording}`, first, next] as const),
);

describe('conversationKey', () => {
  it('has turns of many clients to go by', () => {
    expect(new Set(goingOn.map(([, { recording }]) => recording.split('/')[0])).size).toBeGreaterThan(14);
  });

  it.each(goingOn)('is one for %s, with the headers of their client and without', (_, first, next) => {
    expect(keyOf(next)).toBe(keyOf(first));
    expect(keyOf(next, { headers: {} })).toBe(keyOf(first, { headers: {} }));
  });

  const [claudeCode, cline] = ['claude-code/01-request.json', 'cline/01-request.json'].map((name) => {
    const found = recordings.find(({ recording }) => recording === name);
    if (found === undefined) throw new Error(`no recording ${name}`);
    return found;
  });

  it.each(sessionHeaders.map(({ name }) => name))('is another for another session by %s', (name) => {
    const keyIn = (session: string) => keyOf(cline!, { headers: { [name]: session } });
    expect(keyIn('one')).toBe(keyIn('one'));
    expect(keyIn('one')).not.toBe(keyIn('two'));
  });

  it('is another for helpers of the same session, who are told something else', () => {
    const { body } = claudeCode!;
    expect(keyOf({ ...claudeCode!, body: { ...body, tools: [] } })).not.toBe(keyOf(claudeCode!));
  });

  it('is another where the conversation begins otherwise, and the same where only the billing line does', () => {
    const { body } = claudeCode!;
    const asked = (more: object): string => keyOf({ ...claudeCode!, body: { ...body, ...more } }, { headers: {} });
    const [billing, ...system] = [body?.['system']].flat();
    expect(JSON.stringify(billing)).toContain('x-anthropic-billing-header');
    const billed = { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.400.abcdef; cc_entrypoint=cli;' };
    expect(asked({ system: [billed, ...system] })).toBe(asked({}));
    expect(asked({ system: [billing] })).not.toBe(asked({}));
    expect(asked({ messages: [{ role: 'user', content: 'Hello' }] })).not.toBe(asked({}));
    expect(asked({ model: 'other', max_tokens: 7 })).toBe(asked({}));
  });

  const chat = (...texts: readonly string[]) => ({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: {},
    body: {
      model: 'm',
      messages: texts.map((content, index) => ({ role: ['system', 'user', 'assistant'][index % 3], content })),
    },
  });
  const name = fc.string({ maxLength: 8 });

  it('is never one for two tenants, whatever both say, and one within a tenant', () => {
    fc.assert(
      fc.property(
        name,
        name,
        name,
        name,
        fc.constantFrom('team', 'key', 'none'),
        (one, other, text, more, isolation) => {
          const keyFor = (principal: Partial<Principal>, session: string, ...texts: readonly string[]): string =>
            keyOf(chat(text, ...texts), { isolation, principal, headers: { 'x-session-id': session } });
          for (const session of ['', more]) {
            const first = keyFor({ team: one, key: other }, session, text);
            expect(keyFor({ team: one, key: other }, session, text, more, text)).toBe(first);
            expect(keyFor({ team: `${one}.`, key: other }, session, text) === first).toBe(isolation === 'none');
            expect(keyFor({ team: one, key: `${other}.` }, session, text) === first).toBe(isolation !== 'key');
            expect(keyFor({ organisation: 'else', team: one, key: other }, session, text)).not.toBe(first);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('looks at what is long by its ends and its length alone', () => {
    const long = 'word '.repeat(100_000);
    expect(keyOf(chat(long, 'one'))).not.toBe(keyOf(chat(long, 'two')));
    expect(keyOf(chat(long, 'one'))).not.toBe(keyOf(chat(`${long}word `, 'one')));
    expect(keyOf(chat(long, 'one', 'so', 'on'))).toBe(keyOf(chat(long, 'one')));
  });
});

describe('vendorCacheKey', () => {
  const keyFor = (team: string, cacheIsolation: CacheIsolation, chosen: string | undefined = 'app') =>
    vendorCacheKey(chosen, { ...examplePrincipal, team }, { cacheIsolation, hasSeveralTenants: true });

  it('gives each tenant its own name for what both call alike, of no more letters than vendors take', () => {
    expect(keyFor('one', 'team')).toMatch(/^[0-9a-f]{32}$/);
    expect(keyFor('one', 'team')).toBe(keyFor('one', 'team'));
    expect(keyFor('one', 'team')).not.toBe(keyFor('two', 'team'));
    expect(keyFor('one', 'team')).not.toBe(keyFor('one', 'team', 'other'));
  });

  it('keeps organisations apart where all of one share', () => {
    const snapshot = { cacheIsolation: 'none', hasSeveralTenants: true } as const;
    const [one, other] = ['one', 'other'].map((organisation) =>
      vendorCacheKey('app', { ...examplePrincipal, organisation }, snapshot),
    );
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(other).not.toBe(one);
    expect(keyFor('one', 'none')).toBe(keyFor('two', 'none'));
    const principals = ['one', 'other'].map((organisation) => ({ ...examplePrincipal, organisation }));
    expect(areSeveralTenants(principals, 'none')).toBe(true);
  });

  it("leaves the client's where there is none, or nobody else is there", () => {
    expect(vendorCacheKey(undefined, examplePrincipal, { cacheIsolation: 'team', hasSeveralTenants: true })).toBeNull();
    expect(vendorCacheKey('app', examplePrincipal, { cacheIsolation: 'team', hasSeveralTenants: false })).toBeNull();
    const teams = ['one', 'two', 'two'].map((team, index) => ({ ...examplePrincipal, team, key: `${index}` }));
    expect([areSeveralTenants(teams, 'team'), areSeveralTenants(teams.slice(1), 'team')]).toEqual([true, false]);
    expect([areSeveralTenants(teams.slice(1), 'key'), areSeveralTenants(teams, 'none')]).toEqual([true, false]);
  });
});
