import { expect, test } from 'vitest';
import { defaultBaseUrl } from './defaultBaseUrl.ts';

test('an address is that of the profile, in the region where each has one', () => {
  const aws = { vendor: 'aws', wire: 'bedrock' };
  expect(defaultBaseUrl({ vendor: 'anthropic', wire: 'anthropic', region: null })).toBe('https://api.anthropic.com');
  expect(defaultBaseUrl({ ...aws, region: 'eu-west-3' })).toBe('https://bedrock-runtime.eu-west-3.amazonaws.com');
  expect(defaultBaseUrl({ ...aws, region: null })).toBeNull();
  expect(defaultBaseUrl({ ...aws, region: 'a.example/' })).toBeNull();
  expect(defaultBaseUrl({ vendor: 'nobody', wire: 'bedrock', region: 'eu-west-3' })).toBeNull();
});
