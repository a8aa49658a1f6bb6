import { createHash } from 'node:crypto';
import { canaryOf } from './canaries/canaryOf.ts';

/** SHA-256 of a key as the file has it. */
export const hashOf = (key: string): string => `sha256:${createHash('sha256').update(key).digest('hex')}`;

/** Name of the environment variable that holds a vendor's key in tests, and the key. */
export const vendorKeyName = 'ARCHIPEL_TEST_VENDOR_KEY';
export const vendorKey = canaryOf('vendor credential');

/** A provider of a file for tests: an endpoint on loopback with the vendor's key. */
export const providerOf = (
  wire: 'openai' | 'anthropic' | 'responses' | 'gemini' | 'bedrock',
  url: string,
  vendor: string,
): object => ({
  wire,
  vendor,
  account: 'main',
  baseUrl: wire === 'openai' || wire === 'responses' ? `${url}/v1` : url,
  credentials: { apiKey: `\${env:${vendorKeyName}}` },
  host: vendor,
  jurisdiction: 'EU',
});

/** A configuration file, as text; JSON is YAML. What is not given is a team without a budget and prices that refuse what has none. */
export const configurationOf = (parts: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify({ version: 1, timeZone: 'UTC', teams: { research: {} }, policy: { unpriced: 'refuse' }, ...parts }, null, 2)}\n`;
