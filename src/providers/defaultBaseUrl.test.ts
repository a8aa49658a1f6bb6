import { expect, test } from 'vitest';
import { defaultBaseUrl } from './defaultBaseUrl.ts';

test('an address is that of the profile, in the region where each has one', () => {
  const aws = { vendor: 'aws', wire: 'bedrock', account: 'default' };
  const anthropic = { vendor: 'anthropic', wire: 'anthropic', account: 'default', region: null };
  expect(defaultBaseUrl(anthropic)).toBe('https://api.anthropic.com');
  expect(defaultBaseUrl({ ...aws, region: 'eu-west-3' })).toBe('https://bedrock-runtime.eu-west-3.amazonaws.com');
  expect(defaultBaseUrl({ ...aws, region: null })).toBeNull();
  expect(defaultBaseUrl({ ...aws, region: 'a.example/' })).toBeNull();
  expect(defaultBaseUrl({ ...aws, vendor: 'nobody', region: 'eu-west-3' })).toBeNull();
});

test.each([
  [
    'us-central1',
    'our-project',
    'https://us-central1-aiplatform.googleapis.com/v1/projects/our-project/locations/us-central1',
  ],
  ['global', 'our-project', 'https://aiplatform.googleapis.com/v1/projects/our-project/locations/global'],
  ['eu', 'a.example:ours', 'https://aiplatform.eu.rep.googleapis.com/v1/projects/a.example:ours/locations/eu'],
  ['constructor', 'ours', 'https://constructor-aiplatform.googleapis.com/v1/projects/ours/locations/constructor'],
  ['us-central1', 'default', null],
  ['us-central1', '../other', null],
  ['a.example/', 'our-project', null],
  [null, 'our-project', null],
])('where it names region (%s) and account (%s), both must be names', (region, account, expected) => {
  for (const wire of ['vertex', 'vertex-anthropic'])
    expect(defaultBaseUrl({ vendor: 'google', wire, region, account })).toBe(expected);
});
