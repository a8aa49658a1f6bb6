import type { RunningVendor } from '../sandbox/index.ts';

/** The key that everybody knows: for the sandbox alone, on loopback alone. */
export const demoKey = 'sk-archipel-demo';

/** Environment name under which the sandbox's credential is handed to the configuration. */
export const sandboxCredentialName = 'ARCHIPEL_SANDBOX_CREDENTIAL';

const modelsOf = (vendors: readonly RunningVendor[]): readonly string[] => [
  ...new Set(vendors.flatMap(({ models }) => models.map(({ name }) => name))),
];

const priceOf = (usdPerMTok: Readonly<Record<string, string>>): string => {
  const fields = Object.entries(usdPerMTok).map(([bucket, usd]) => `${bucket}PerMTok: "${usd}"`);
  return `{ ${fields.join(', ')} }`;
};

const providerLines = (vendor: RunningVendor): string => {
  const baseUrl = vendor.wire === 'openai' ? `${vendor.url}/v1` : vendor.url;
  const holds = vendor.wire === 'anthropic' ? ', holdsConversations: true' : '';
  return `  ${vendor.name}: { wire: ${vendor.wire}, vendor: ${vendor.name}, account: main, baseUrl: "${baseUrl}", host: ${vendor.host}, jurisdiction: ${vendor.host}${holds}, credentials: { apiKey: "\${env:${sandboxCredentialName}}" } }`;
};

const deploymentLines = (vendors: readonly RunningVendor[], model: string): readonly string[] =>
  vendors.flatMap((vendor) =>
    vendor.models
      .filter(({ name }) => name === model)
      .map(
        ({ usdPerMTok, contextTokens, outputTokensMax }) =>
          `      - { provider: ${vendor.name}, model: ${model}, lab: ${vendor.name}, price: ${priceOf(usdPerMTok)}, capabilities: { contextTokens: ${contextTokens}${outputTokensMax > 0 ? `, maxOutputTokens: ${outputTokensMax}` : ''} } }`,
      ),
  );

const modelLines = (vendors: readonly RunningVendor[], dimensions: number): readonly string[] =>
  modelsOf(vendors).flatMap((model) => [
    `  ${model}:`,
    ...(model.startsWith('embed') ? [`    space: { model: ${model}, dimensions: ${dimensions} }`] : []),
    '    deployments:',
    ...deploymentLines(vendors, model),
  ]);

/** A model that jobs serve by themselves, with every vendor's small one behind it. */
const ownModelLines = (vendors: readonly RunningVendor[]): readonly string[] => [
  '  own-small:',
  '    deployments:',
  ...deploymentLines(vendors, 'chat-small'),
];

/**
 * The sandbox's configuration as a file would say it, so that it takes the same way as everybody's: three vendors on two hosts, three contracts,
 * caps that two vendors of one host break together.
 * @param demoKeyHash SHA-256 of the demo key in hexadecimal.
 */
export const sandboxConfiguration = (
  vendors: readonly RunningVendor[],
  dimensions: number,
  demoKeyHash: string,
): string => `version: 1
timeZone: UTC
providers:
${vendors.map(providerLines).join('\n')}
models:
${modelLines(vendors, dimensions).join('\n')}
${ownModelLines(vendors).join('\n')}
contracts:
  - { id: aurora-pool, vendor: aurora, covers: [ { provider: aurora } ], kind: pool, usd: "120000", period: [2026-01-01, 2036-01-01], fulfil: monthly, shortfall: { rate: "1.0" }, discount: "0.1" }
  - { id: borealis-reserved, vendor: borealis, covers: [ { provider: borealis } ], kind: floor, unit: usdPerMinute, quantity: "0.05", period: [2026-01-01, 2036-01-01] }
  - { id: north-slot, vendor: aurora, covers: [ { site: north-1 } ], kind: slot, accelerator: GB200, count: 8, period: [2026-01-01, 2036-01-01] }
policy:
  objective: cost
  concentration: { vendor: 0.45, host: 0.60, basis: spend, window: month }
teams:
  demo: { budget: { usd: "500", window: month, hard: true } }
keys:
  - { name: demo, hash: "sha256:${demoKeyHash}", team: demo }
sites:
  north-1: { executor: local, vendor: aurora, region: north, host: north, jurisdiction: north, accelerators: [ { kind: GB200, count: 8 } ], price: { GB200: { hourUsd: "16.00" } } }
  south-1: { executor: local, vendor: borealis, region: south, host: south, jurisdiction: south, accelerators: [ { kind: GB200, count: 8 } ], price: { GB200: { hourUsd: "18.00" } } }
jobs: { leaseSeconds: 10, lookMs: 200, pieceSeconds: 5, refusedSeconds: 2, restartSeconds: 2 }
`;
