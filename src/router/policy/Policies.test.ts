import { expect, test } from 'vitest';
import { routePolicySchema } from '../../vocabulary/index.ts';
import { Policies } from './Policies.ts';

const level = (written: object) => routePolicySchema.parse(written);

test('policies are those of file, model, organisation, team and key of a request, and resolved once', () => {
  const policies = new Policies({
    file: level({ tags: ['audited'] }),
    models: new Map([['chat', level({ objective: 'latency' })]]),
    organisations: new Map([['acme', level({ objective: 'cost', tags: ['ours'], midStream: 'never' })]]),
    teams: new Map([['research', level({ objective: 'balanced', residency: { jurisdictions: ['EU'] } })]]),
  });
  const key = level({ objective: 'cost' });
  const said = (model: string, team: string, policy = level({}), organisation = 'default') => {
    const { objective, jurisdictions, tags } = policies.of(model, { organisation, team, policy });
    return [objective, jurisdictions, tags];
  };
  expect(said('chat', 'sales')).toEqual(['latency', null, ['audited']]);
  expect(said('other', 'sales')).toEqual(['cost', null, ['audited']]);
  expect(said('chat', 'research')).toEqual(['balanced', ['EU'], ['audited']]);
  expect(said('chat', 'research', key)).toEqual(['cost', ['EU'], ['audited']]);
  // An organisation comes before the model, and its teams before it; of what is forbidden all hold.
  expect(said('chat', 'sales', level({}), 'acme')).toEqual(['cost', null, ['audited', 'ours']]);
  expect(said('chat', 'research', level({}), 'acme')).toEqual(['balanced', ['EU'], ['audited', 'ours']]);
  const holders = ['default', 'acme'].flatMap((organisation) => [
    { organisation, team: 'sales' },
    { organisation, team: 'research' },
  ]);
  const found = holders.map((holder) => policies.of('chat', holder));
  expect(new Set(found).size).toBe(4);
  expect(found.map(({ midStream }) => midStream)).toEqual(['safe', 'safe', 'never', 'never']);
  // What one key says is heeded beside what each team says, also where a replay looks it up for several.
  expect(said('chat', 'sales', key)).toEqual(['cost', null, ['audited']]);
  expect(said('chat', 'research', key)).toEqual(['cost', ['EU'], ['audited']]);
  for (const holder of [...holders, { organisation: 'default', team: 'research', policy: key }])
    expect(policies.of('chat', holder)).toBe(policies.of('chat', holder));
});
