import { expect, test } from 'vitest';
import { examplePrincipal } from '../../../test/rigs/examplePrincipal.ts';
import { PriceBook } from '../../market/index.ts';
import { routePolicySchema, targetName } from '../../vocabulary/index.ts';
import { buildSnapshot } from '../buildSnapshot.ts';
import { priceOf, testConfiguration, testFile } from '../testConfiguration.fixture.ts';
import { supplyOf } from './supplyOf.ts';

const residency = { jurisdictions: ['EU'] };
const endpoint = {
  wire: 'openai',
  vendor: 'aurora',
  baseUrl: 'https://aurora.example/v1',
  credentials: { apiKey: '${env:A_KEY}' },
  passthrough: [{ path: '/images/**', methods: ['POST'], usdPerRequest: '0.19', model: 'chat' }],
};

const { configuration, secrets } = testConfiguration(
  testFile({
    providers: { a: endpoint },
    models: { chat: { deployments: [{ provider: 'a', model: 'large', price: priceOf('2', '8'), tags: ['fast'] }] } },
    organisations: { default: {}, acme: { policy: { tags: ['ours'] } } },
    teams: { research: {}, law: { policy: { residency } }, moved: { organisation: 'acme' } },
  }),
);
const careful = { ...examplePrincipal, key: 'careful', policy: routePolicySchema.parse({ tags: ['fast'] }) };
const keys = new Map([
  ['one', careful],
  ['other', { ...examplePrincipal, key: 'demo' }],
]);
const snapshot = buildSnapshot({
  configuration,
  secrets,
  keys,
  areKeysKnown: true,
  book: new PriceBook([]),
  nowMs: 0,
  sandbox: false,
  served: [],
});
const supply = supplyOf(snapshot, configuration, () => null);

test('what is handed on as it is counts as a model, and neither takes the requests of the other', () => {
  const takers = (operation: 'generate' | 'passthrough') =>
    (supply.models.get('chat') ?? [])
      .filter((target) => target.serves('openai', operation))
      .map(({ target }) => targetName(target));
  expect(takers('generate')).toEqual(['a/large']);
  expect(takers('passthrough')).toEqual(['a/images/**']);
});

test('organisations, teams and keys are looked up by the names that records have', () => {
  const { policies } = supply;
  expect([policies.organisations, policies.teams, policies.keys]).toEqual([['acme'], ['law'], ['careful']]);
  expect([policies.hasKey('demo'), policies.hasKey('gone')]).toEqual([true, false]);
  expect([policies.hasTeam('research'), policies.hasTeam('gone')]).toEqual([true, false]);
  const said = (team: string | null, key: string | null, organisation: string | null = null) => {
    const { jurisdictions, tags } = policies.of('chat', { organisation, team, key });
    return [jurisdictions, tags];
  };
  expect(said('law', 'careful')).toEqual([['EU'], ['fast']]);
  expect(said('research', 'gone')).toEqual([null, []]);
  expect(said('gone', 'careful', 'acme')).toEqual([null, ['fast', 'ours']]);
  expect(said('moved', null, 'default'), 'a team is of the organisation of now').toEqual([null, ['ours']]);
  expect(said('law', 'careful', 'acme')).toEqual([['EU'], ['fast']]);
  expect(said(null, null)).toEqual([null, []]);
  expect(supply.models.get('chat')?.[0]).toMatchObject({ tags: ['fast'], weight: null, canary: null });
});
