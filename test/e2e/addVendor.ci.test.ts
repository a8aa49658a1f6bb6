// docs/add-a-vendor.md, step by step, with a vendor that nobody has heard of: no code is touched.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { configurationOf, hashOf } from '../rigs/configurationOf.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, ScriptedUpstream } from '../rigs/ScriptedUpstream.ts';
import { removeFolder, runArchipel, startServer, temporaryFolder } from '../rigs/startServer.ts';
import { chatAnswer } from '../rigs/vendorAnswers.ts';

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/add-a-vendor.md'), 'utf8');
const end = endAfterEach();

const blockOf = (kind: string): string => {
  const [, block] = new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\`$`, 'm').exec(guide) ?? [];
  if (block === undefined) throw new Error(`the guide has no block of ${kind}`);
  return block;
};

const vendorKey = canaryOf('vendor credential');
const clientKey = 'sk-of-a-client';

test('an unknown vendor serves after the steps of the guide, for clients of any wire', async () => {
  const vendor = await ScriptedUpstream.open(answer(200, chatAnswer('Hello from Lumen', [10, 3])));
  end(() => vendor[Symbol.asyncDispose]());
  const folder = temporaryFolder();
  end(() => removeFolder(folder));

  // Step 1, but for the address: its name leads nowhere.
  const added: Record<string, unknown> = parse(blockOf('yaml').replace('https://api.lumen.example', vendor.url));
  const rest = { keys: [{ name: 'laptop', hash: hashOf(clientKey), team: 'research' }] };
  const configuration = stringify({ ...JSON.parse(configurationOf(rest)), ...added });
  const file = join(folder, 'archipel.yaml');
  writeFileSync(file, configuration);

  // Step 2.
  const env = { LUMEN_API_KEY: vendorKey };
  const checked = await runArchipel(['check', file], { env });
  expect([checked.code, checked.stderr]).toEqual([0, '']);
  vendor.next(answer(200, { object: 'list', data: [] }));
  vendor.next(answer(401, { error: { message: 'no key' } }));
  const examined = await runArchipel(['doctor', '--config', file, '--data-dir', folder], { env });
  expect(examined.stdout).toContain('the key is valid');

  // Step 3.
  const server = await startServer({ configuration, env });
  end(() => removeServer(server));
  const ask = async (path: string, body: object) => {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'chat-lumen', messages: [{ role: 'user', content: 'Hello' }], ...body }),
    });
    return { response, text: await response.text() };
  };
  const chat = await ask('/v1/chat/completions', {});
  expect(chat.response.headers.get('x-archipel-target')).toBe('lumen/lumen-2');
  expect(chat.text).toContain('Hello from Lumen');
  const message = await ask('/v1/messages', { max_tokens: 100 });
  expect(message.text).toContain('Hello from Lumen');
  const { headers, body } = await vendor.call(vendor.calls.length);
  expect(headers['authorization']).toBe(`Bearer ${vendorKey}`);
  expect(JSON.parse(body.toString())).toMatchObject({ model: 'lumen-2' });
  const why = await runArchipel([
    'why',
    chat.response.headers.get('x-archipel-request-id') ?? '',
    '--json',
    '--data-dir',
    server.dataDir,
  ]);
  // 10 tokens in at $0.50 and 3 out at $1.50 a million.
  expect(why.stdout).toContain('9500');
});
