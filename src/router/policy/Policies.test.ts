import { expect, test } from 'vitest';
import { routePolicySchema } from '../../vocabulary/index.ts';
import { Policies } from './Policies.ts';

const level = (written: object) => routePolicySchema.parse(written);

test('policies are those of file, model, team and key of a request, and resolved once', () => {
  const policies = new Policies({
    file: level({ tags: ['audited'] }),
    models: new Map([['chat', level({ objective: 'latency' })]]),
    teams: new Map([['research', level({ objective: 'balanced', residency: { jurisdictions: ['EU'] } })]]),
  });
  const key = level({ objective: 'cost' });
  const said = (model: string, team: string, policy = level({})) => {
    const { objective, jurisdictions, tags } = policies.of(model, { team, policy });
    return [objective, jurisdictions, tags];
  };
  expect(said('chat', 'sales')).toEqual(['latency', null, ['audited']]);
  expect(said('other', 'sales')).toEqual(['cost', null, ['audited']]);
  expect(said('chat', 'research')).toEqual(['balanced', ['EU'], ['audited']]);
  expect(said('chat', 'research', key)).toEqual(['cost', ['EU'], ['audited']]);
  for (const holder of [{ team: 'sales' }, { team: 'research' }, { team: 'research', policy: key }])
    expect(policies.of('chat', holder)).toBe(policies.of('chat', holder));
});
