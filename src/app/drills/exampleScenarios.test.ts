import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfigurationFile } from '../../config/index.ts';
import { scenarioOf, scenarioSchema } from '../../drills/index.ts';

const folder = join(import.meta.dirname, '../../../examples/drills');

const files = readdirSync(folder);

const aws = {
  target: { provider: 'bedrock', model: 'm' },
  group: 'bedrock',
  vendor: 'aws',
  hosts: { aws: 1 },
  dependsOn: [],
  jurisdiction: 'US',
  lab: null,
};

test('there is a scenario for each shape of outage that is known', () => {
  expect(files).toEqual([
    'jurisdiction-barred.yaml',
    'price-doubled.yaml',
    'rate-limits-halved.yaml',
    'region-dns-15h.yaml',
    'vendor-api-4h.yaml',
  ]);
});

test.each(files)('%s can be replayed', async (file) => {
  const reading = await readConfigurationFile(join(folder, file), {
    schema: scenarioSchema,
    check: () => ({ faults: [], warnings: [] }),
  });
  if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
  const asked = [{ kind: 'host', name: 'aws' }] as const;
  const scenario = scenarioOf(reading.value.value, asked, [aws]);
  expect(scenario).toMatchObject({ ok: true, value: { name: reading.value.value.name } });
  if (scenario.ok)
    for (const { of, fromMs, untilMs } of scenario.value.events) {
      expect(of).toEqual(asked);
      expect(untilMs).toBeGreaterThan(fromMs);
    }
});
