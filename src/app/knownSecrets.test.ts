import { expect, test } from 'vitest';
import { issueServiceAccount } from '../../test/rigs/serviceAccount.ts';
import { knownSecrets } from './knownSecrets.ts';
import { scrubSecrets } from './scrubSecrets.ts';
import { testConfiguration, testFile } from './testConfiguration.fixture.ts';

test('of a key that is a document, the part that signs is known by itself, and scrubbed in whatever form it stands there', () => {
  const { document } = issueServiceAccount();
  const { private_key: signing } = JSON.parse(document) as { private_key: string };
  const provider = {
    wire: 'openai',
    vendor: 'aurora',
    baseUrl: 'https://aurora.example',
    credentials: { serviceAccount: '${env:ACCOUNT}' },
  };
  const env = { ACCOUNT: document };
  const { configuration } = testConfiguration(testFile({ providers: { a: provider } }), env);
  const secrets = knownSecrets({ configuration, dataDir: '/nowhere', env });
  expect(secrets).toContain(signing);
  const half = signing.slice(signing.length >> 1);
  for (const form of [signing, JSON.stringify(signing), encodeURIComponent(signing), half])
    expect(scrubSecrets(`before ${form} after`, secrets)).toMatch(/^before \W*(\[secret\]\W*)+ after$/);
});

test('what begins like a document and is none is known as it is', () => {
  const { configuration } = testConfiguration(testFile(), { A_KEY: '{ not JSON' });
  expect(knownSecrets({ configuration, dataDir: '/nowhere', env: { A_KEY: '{ not JSON' } })).toEqual(['{ not JSON']);
});
