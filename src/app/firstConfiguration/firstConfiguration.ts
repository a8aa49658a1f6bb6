import { nearestName } from '../../config/index.ts';
import { failure, success, type Clock, type Result } from '../../kernel/index.ts';
import { bucketPrice, type PriceBook } from '../../market/index.ts';
import {
  engineUrls,
  ownEndpointWire,
  providerProfiles,
  regionMark,
  type ProviderProfile,
} from '../../providers/index.ts';
import { targetModelField } from '../../vocabulary/index.ts';

/** What is asked before a first file can be written. */
export interface FirstAnswers {
  /** Names of vendors that are known, or `name=URL` for an endpoint of one's own. */
  readonly providers: readonly string[];
  /** `name=model,model` for a name of one's own, or a vendor's name of a model; `provider/model` where several could be meant. */
  readonly models: readonly string[];
  readonly listen: { readonly host: string; readonly port: number };
  readonly adminPort: number;
  readonly dataDir: string;
  /** Most that all together may spend in a month, in US dollars, as written. */
  readonly budgetUsd: string;
  /** SHA-256 of the first client's key. */
  readonly keyHash: string;
}

/** A first file. */
export interface FirstConfiguration {
  readonly text: string;
  /** Variables of the environment that it refers to. */
  readonly environment: readonly string[];
  readonly models: readonly string[];
  readonly keyName: string;
  readonly team: string;
}

/** Who has the first key, and for whom it spends. */
const keyName = 'first';
const team = 'everybody';

/** Models that are named to whoever has to choose. */
const shownMax = 12;

/** Vendors whose address is the same for everybody, or a matter of the region. */
const addressedProfiles = providerProfiles.filter(({ baseUrl }) => baseUrl !== null);

/** Names of the vendors that a first file knows by themselves. */
export const knownVendors = (): readonly string[] => [...new Set(addressedProfiles.map(({ vendor }) => vendor))];

type Chosen =
  | { readonly kind: 'vendor'; readonly name: string; readonly profile: ProviderProfile }
  | { readonly kind: 'own'; readonly name: string; readonly url: string };

const chosenOf = (written: string): Result<Chosen, string> => {
  const at = written.indexOf('=');
  if (at > 0) {
    const [name, url] = [written.slice(0, at), written.slice(at + 1)];
    if (!URL.canParse(url)) return failure(`${name} is no address: write it as ${name}=http://127.0.0.1:8000/v1`);
    return success({ kind: 'own', name, url });
  }
  const engine = Object.hasOwn(engineUrls, written) ? engineUrls[written] : undefined;
  // A dot in a provider's name would name a member of a list.
  if (engine !== undefined) return success({ kind: 'own', name: written.replace('.', ''), url: engine });
  const profile = addressedProfiles.find(({ vendor }) => vendor === written);
  if (profile) return success({ kind: 'vendor', name: written, profile });
  const near = nearestName(written, knownVendors());
  const meant = near === null ? `known are ${knownVendors().join(', ')}` : `did you mean ${near}?`;
  return failure(`no vendor ${written} is known (${meant}); an endpoint of your own is written name=URL`);
};

interface Target {
  readonly provider: string;
  readonly model: string;
  /** Whether the market knows no price because it is one's own. */
  readonly own: boolean;
}

const isPriced = (book: PriceBook, vendor: string, model: string, nowMs: number): boolean => {
  const entry = book.find({ vendor, model, region: null, atMs: nowMs });
  return entry !== null && bucketPrice(entry, 'input') !== null;
};

/** Whether a model answers in words, and calls tools: what a first file is usually for. */
const isConversational = (book: PriceBook, vendor: string, model: string, nowMs: number): boolean => {
  const entry = book.find({ vendor, model, region: null, atMs: nowMs });
  return entry?.toolCall === true && entry.perMillion.output !== undefined && targetModelField.safeParse(model).success;
};

/** Some of what vendors sell, for whoever has to choose. */
export const modelsToChoose = (book: PriceBook, vendors: readonly string[], nowMs: number): readonly string[] =>
  vendors.flatMap((vendor) =>
    book
      .modelsOf(vendor)
      .filter((model) => isConversational(book, vendor, model, nowMs))
      .toReversed()
      .slice(0, Math.ceil(shownMax / vendors.length)),
  );

const targetsOf = (
  written: string,
  chosen: readonly Chosen[],
  book: PriceBook,
  nowMs: number,
): Result<readonly Target[], string> => {
  const named = chosen.find(({ name }) => written.startsWith(`${name}/`));
  const model = named ? written.slice(named.name.length + 1) : written;
  const asked = named ? [named] : chosen;
  const sellers = asked.filter((one) => one.kind === 'vendor' && isPriced(book, one.name, model, nowMs));
  if (sellers.length > 0) return success(sellers.map(({ name }) => ({ provider: name, model, own: false })));
  const own = asked.filter(({ kind }) => kind === 'own');
  if (own.length === 1 && own[0]) return success([{ provider: own[0].name, model, own: true }]);
  const vendors = asked.filter(({ kind }) => kind === 'vendor').map(({ name }) => name);
  const near = nearestName(
    model,
    vendors.flatMap((vendor) => book.modelsOf(vendor)),
  );
  const meant =
    near === null
      ? `some of what they sell: ${modelsToChoose(book, vendors, nowMs).join(', ')}`
      : `did you mean ${near}?`;
  const where = own.length > 1 ? `say whose it is, as ${own[0]?.name}/${model}` : meant;
  return failure(`the price of ${model} is known at none of ${asked.map(({ name }) => name).join(', ')}; ${where}`);
};

interface NamedModel {
  readonly name: string;
  readonly targets: readonly Target[];
}

const modelOf = (
  written: string,
  chosen: readonly Chosen[],
  book: PriceBook,
  nowMs: number,
): Result<NamedModel, string> => {
  const at = written.indexOf('=');
  const members = (at > 0 ? written.slice(at + 1) : written).split(',').filter((member) => member !== '');
  const targets: Target[] = [];
  for (const member of members) {
    const found = targetsOf(member, chosen, book, nowMs);
    if (!found.ok) return found;
    targets.push(...found.value);
  }
  const [first] = targets;
  if (first === undefined) return failure(`${written} names no model: write name=model`);
  return success({ name: at > 0 ? written.slice(0, at) : first.model, targets });
};

const quoted = (text: string): string => JSON.stringify(text);

/** Where an address is a matter of the region, that stands in its place. */
const addressLine = ({ baseUrl }: ProviderProfile): string =>
  baseUrl?.includes(regionMark) === true ? 'region: us-east-1 # the one that you use' : `baseUrl: ${baseUrl}`;

const providerLines = (chosen: Chosen): string => {
  if (chosen.kind === 'own')
    return `  ${chosen.name}: # a machine of your own; add credentials: { apiKey: "\${env:NAME}" } where it asks for a key
    wire: ${ownEndpointWire}
    vendor: self
    host: self
    baseUrl: ${quoted(chosen.url)}`;
  return `  ${chosen.name}:
    wire: ${chosen.profile.wire}
    vendor: ${chosen.profile.vendor}
    ${addressLine(chosen.profile)}
    credentials: { apiKey: "\${env:${chosen.profile.keyVariable}}" }`;
};

const targetLine = ({ provider, model, own }: Target): string =>
  own
    ? `      # What it costs you a million tokens; 0 counts it as free.\n      - { provider: ${provider}, model: ${quoted(model)}, price: { inputPerMTok: "0", outputPerMTok: "0" } }`
    : `      - { provider: ${provider}, model: ${quoted(model)} }`;

const textOf = (answers: FirstAnswers, chosen: readonly Chosen[], models: readonly NamedModel[]): string => {
  const { listen, adminPort, dataDir, budgetUsd, keyHash } = answers;
  return `# Written by "archipel init". Every key: docs/reference/archipel.schema.json, or examples/reference.yaml.
version: 1
timeZone: UTC # where the windows of budgets begin
listen: { host: ${quoted(listen.host)}, port: ${listen.port} }
admin: { listen: { host: 127.0.0.1, port: ${adminPort} } }
dataDir: ${quoted(dataDir)}

# Secrets stand in the environment, or in files as \${file:/path}; never here.
providers:
${chosen.map(providerLines).join('\n')}

# What clients ask for, and who serves it: the cheapest that is well, then the next.
models:
${models.map(({ name, targets }) => `  ${quoted(name)}:\n    deployments:\n${targets.map(targetLine).join('\n')}`).join('\n')}

policy:
  unpriced: refuse # what has no price is never free

teams:
  ${team}: { budget: { usd: ${quoted(budgetUsd)}, window: month, hard: true } }

keys:
  # Only its hash is here. "archipel keys create" makes more, with budgets of their own.
  - { name: ${keyName}, hash: "sha256:${keyHash}", team: ${team} }
`;
};

/** Makes a first file of a few answers, or says which of them fits nowhere. */
export const firstConfiguration = (
  answers: FirstAnswers,
  book: PriceBook,
  clock: Pick<Clock, 'nowMs'>,
): Result<FirstConfiguration, string> => {
  const chosen: Chosen[] = [];
  for (const written of answers.providers) {
    const found = chosenOf(written);
    if (!found.ok) return found;
    if (!chosen.some(({ name }) => name === found.value.name)) chosen.push(found.value);
  }
  const models: NamedModel[] = [];
  for (const written of answers.models) {
    const found = modelOf(written, chosen, book, clock.nowMs());
    if (!found.ok) return found;
    if (models.some(({ name }) => name === found.value.name))
      return failure(`two models are called ${found.value.name}`);
    models.push(found.value);
  }
  return success({
    text: textOf(answers, chosen, models),
    environment: [...new Set(chosen.flatMap((one) => (one.kind === 'vendor' ? [one.profile.keyVariable] : [])))],
    models: models.map(({ name }) => name),
    keyName,
    team,
  });
};
