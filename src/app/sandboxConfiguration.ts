import { sandboxAccessKeyId, sandboxCredential, type RunningVendor } from '../sandbox/index.ts';

/** The key that everybody knows: for the sandbox alone, on loopback alone. */
export const demoKey = 'sk-archipel-demo';

const credentialName = 'ARCHIPEL_SANDBOX_CREDENTIAL';
const accessKeyName = 'ARCHIPEL_SANDBOX_ACCESS_KEY';

/** The environment in which the sandbox's configuration finds what its vendors want to be shown. */
export const sandboxSecrets: Readonly<Record<string, string>> = {
  [credentialName]: sandboxCredential,
  [accessKeyName]: sandboxAccessKeyId,
};

type SoldModel = RunningVendor['models'][number];

const modelsOf = (vendors: readonly RunningVendor[]): readonly string[] => [
  ...new Set(vendors.flatMap(({ models }) => models.map(({ name }) => name))),
];

const priceOf = (usdPerMTok: Readonly<Record<string, string>>): string => {
  const fields = Object.entries(usdPerMTok).map(([bucket, usd]) => `${bucket}PerMTok: "${usd}"`);
  return `{ ${fields.join(', ')} }`;
};

const keyOf = `credentials: { apiKey: "\${env:${credentialName}}" }`;
const signingKeyOf = `credentials: { accessKeyId: "\${env:${accessKeyName}}", secretAccessKey: "\${env:${credentialName}}" }`;

/** What of a provider follows from its wire: the path under which it answers, and what it wants to be shown. */
const wordsOfWire = ({ wire, host }: RunningVendor): { readonly path: string; readonly members: string } => {
  switch (wire) {
    case 'openai':
      return { path: '/v1', members: keyOf };
    case 'anthropic':
      return { path: '', members: `holdsConversations: true, ${keyOf}` };
    case 'bedrock':
      return { path: '', members: `region: ${host}, ${signingKeyOf}` };
  }
};

const providerLines = (vendor: RunningVendor): string => {
  const { path, members } = wordsOfWire(vendor);
  return `  ${vendor.name}: { wire: ${vendor.wire}, vendor: ${vendor.name}, account: main, baseUrl: "${vendor.url}${path}", host: ${vendor.host}, jurisdiction: ${vendor.host}, ${members} }`;
};

/** Said where the vendor calls it otherwise, too: without it nobody knows that the vectors compare. */
const spaceOf = (model: string, dimensions: number): string => `space: { model: ${model}, dimensions: ${dimensions} }`;

/** Those of the other wires write on at the last letter of an answer that has begun. */
const capabilitiesOf = ({ wire }: RunningVendor, { contextTokens, outputTokensMax }: SoldModel): string => {
  const ofChats =
    outputTokensMax > 0
      ? `, maxOutputTokens: ${outputTokensMax}${wire === 'openai' ? '' : ', supported: [ prefill ]'}`
      : '';
  return `{ contextTokens: ${contextTokens}${ofChats} }`;
};

const deploymentLines = (vendors: readonly RunningVendor[], model: string, dimensions: number): readonly string[] =>
  vendors.flatMap((vendor) =>
    vendor.models
      .filter(({ name }) => name === model)
      .map(
        (sold) =>
          `      - { provider: ${vendor.name}, model: "${sold.id}", lab: ${vendor.name}${sold.id === model ? '' : `, ${spaceOf(model, dimensions)}`}, price: ${priceOf(sold.usdPerMTok)}, capabilities: ${capabilitiesOf(vendor, sold)} }`,
      ),
  );

const modelLines = (vendors: readonly RunningVendor[], dimensions: number): readonly string[] =>
  modelsOf(vendors).flatMap((model) => [
    `  ${model}:`,
    ...(model.startsWith('embed') ? [`    ${spaceOf(model, dimensions)}`] : []),
    '    deployments:',
    ...deploymentLines(vendors, model, dimensions),
  ]);

/** A model that jobs serve by themselves, with every vendor's small one behind it. */
const ownModelLines = (vendors: readonly RunningVendor[], dimensions: number): readonly string[] => [
  '  own-small:',
  '    deployments:',
  ...deploymentLines(vendors, 'chat-small', dimensions),
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
${ownModelLines(vendors, dimensions).join('\n')}
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
