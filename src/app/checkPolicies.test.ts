import { describe, expect, test } from 'vitest';
import { Findings } from '../config/index.ts';
import { checkPolicies } from './checkPolicies.ts';
import { hashOfNobody, testConfiguration, testFile } from './testConfiguration.fixture.ts';

const endpoint = (more: object) => ({
  wire: 'openai',
  vendor: 'aurora',
  baseUrl: 'https://aurora.example/v1',
  credentials: { apiKey: '${env:A_KEY}' },
  ...more,
});

const providers = { us: endpoint({ jurisdiction: 'US' }), eu: endpoint({ jurisdiction: 'EU' }) };
const deployment = (provider: string, more: object = {}) => ({ provider, model: 'large', ...more });
const models = {
  wide: { deployments: [deployment('us'), deployment('eu')] },
  narrow: { deployments: [deployment('us')] },
};
const inEu = { residency: { jurisdictions: ['EU'] } };
const key = (more: object) => ({ name: 'demo', hash: hashOfNobody('a'), team: 'research', ...more });

/** What is warned of, as "path: what". @throws Error with the faults */
const found = (sections: Readonly<Record<string, unknown>>): readonly string[] => {
  const findings = new Findings();
  const { configuration } = testConfiguration(testFile({ providers, models, ...sections }));
  checkPolicies(findings, configuration);
  return findings.warnings.map(({ path, what }) => `${path.join('.')}: ${what}`);
};

const noneOfNarrow =
  'its policies leave no deployment of narrow (narrow: us/large falls under the law of US, and the policy allows EU only)';

describe('restrictions that leave nobody', () => {
  test('are told at the widest level at which they do, once', () => {
    expect(found({})).toEqual([]);
    expect(found({ policy: inEu, teams: { research: { policy: inEu } }, keys: [key({ policy: inEu })] })).toEqual([
      `models.narrow: ${noneOfNarrow}`,
    ]);
    expect(found({ teams: { research: { policy: inEu } }, keys: [key({ policy: inEu })] })).toEqual([
      `teams.research.policy: ${noneOfNarrow}`,
    ]);
    expect(found({ keys: [key({ policy: inEu })] })).toEqual([`keys.0.policy: ${noneOfNarrow}`]);
    const teams = { research: { organisation: 'acme', policy: inEu } };
    const acme = { organisations: { default: {}, acme: { policy: inEu } }, teams, keys: [key({ policy: inEu })] };
    expect(found(acme)).toEqual([`organisations.acme.policy: ${noneOfNarrow}`]);
  });

  test('are told of the models only that the key may ask', () => {
    expect(found({ keys: [key({ policy: inEu, models: ['wide'] })] })).toEqual([]);
  });

  test('are found where two levels have nothing in common', () => {
    const policy = { residency: { jurisdictions: ['US'] } };
    const [told] = found({ teams: { research: { policy: inEu } }, keys: [key({ policy, models: ['wide'] })] }).slice(1);
    expect(told).toMatch(/^keys\.0\.policy: its policies leave no deployment of wide .*allows none at all/);
    const above = { organisations: { default: { policy: inEu } }, teams: { research: { policy } } };
    expect(found(above)[1]).toMatch(/^teams\.research\.policy: its policies leave no deployment of wide/);
  });
});

describe('portions of the traffic', () => {
  const portions = (...deployments: readonly object[]) =>
    found({
      models: { chat: { deployments: deployments.map((more, index) => deployment(index === 0 ? 'us' : 'eu', more)) } },
    });

  test('are weights or canaries, and no more than the whole', () => {
    expect(portions({ weight: 3 }, { canary: '0.05' })).toEqual([]);
    expect(() => portions({ weight: 3, canary: '0.05' }, {})).toThrow('both a weight and a canary');
    expect(() => portions({ canary: '0.7' }, { canary: '0.4' })).toThrow('canaries that add up to more than 1');
    expect(portions({ canary: '0.7' }, { canary: '0.3' })[0]).toMatch(/every deployment is a canary/);
  });
});

test('the worth of a second is warned of where no objective looks at it', () => {
  const said = { usdPerSecond: '0.01' };
  expect(found({ policy: said })).toEqual([
    'policy.usdPerSecond: a second counts under the objective balanced only, which nobody has',
  ]);
  expect(found({ policy: said, keys: [key({ policy: { objective: 'balanced' } })] })).toEqual([]);
});
