import { isMap, isScalar, isSeq, parseDocument, stringify, type Document, type Pair, type YAMLSeq } from 'yaml';
import { assert, failure, parseRatio, success } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import { decimalText } from '../portfolio/floatOf.ts';
import type { SavedDecision, SavedPlan } from './SavedPlan.ts';

export interface SignedPortfolio {
  /** The portfolio with the contracts added; everything else is as it was, to the byte. */
  readonly text: string;
  /** Ids of the contracts that were added. */
  readonly added: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** A number as a plain decimal of 15 figures, in which a Float64 keeps any decimal. */
const plainDecimal = (value: number): string => {
  const decimals = Math.min(30, Math.max(0, 14 - Math.floor(Math.log10(Math.abs(value)))));
  const text = value.toFixed(value === 0 ? 0 : decimals);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
};

const shareDecimals = 1_000_000_000n;

/** Shares of the steps of a pool, whose sum is 1 to the last digit: what rounding leaves is the last one's. Empty where they are even. */
const rampOf = ({ steps }: SavedDecision): readonly string[] => {
  const amounts = steps.map(({ usd }) => parseRatio(usd));
  const common = amounts.reduce((product, { denominator }) => product * denominator, 1n);
  const whole = amounts.map(({ numerator, denominator }) => (numerator * common) / denominator);
  const total = whole.reduce((sum, one) => sum + one, 0n);
  if (total === 0n || whole.every((one) => one === whole[0])) return [];
  const shares = whole.map((one) => (one * shareDecimals) / total);
  const rest = shareDecimals - shares.reduce((sum, one) => sum + one, 0n);
  return shares.map((share, index) =>
    decimalText({ numerator: index === shares.length - 1 ? share + rest : share, denominator: shareDecimals }),
  );
};

/** Months from one true-up to the next tell when a vendor trues up. */
const fulfilOf = ({ steps, months }: SavedDecision): 'annual' | 'total' | 'monthly' => {
  const stepMonths = months / Math.max(1, steps.length);
  if (stepMonths === 1) return 'monthly';
  return stepMonths === 12 && steps.length > 1 ? 'annual' : 'total';
};

/** Id of the contract that a decision becomes when it is signed. */
export const contractId = ({ offer, start, months, source }: SavedDecision): string =>
  `${offer}-${start}-${months}m${source === undefined ? '' : `-${source}`}`.slice(0, 128);

const given = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

/** A contract in the words of the file. Its terms are the plan's, the rest is its offer's. */
const contractOf = (decision: SavedDecision, offer: Fields): Fields => {
  const { vendor, kind, start, until } = decision;
  const frame = { id: contractId(decision), vendor, kind };
  const period = [start, until];
  if (kind === 'pool') {
    const ramp = rampOf(decision);
    return given({
      ...frame,
      covers: offer['covers'],
      amount: decision.usd,
      period,
      fulfil: fulfilOf(decision),
      ramp: ramp.length === 0 ? undefined : ramp,
      discount: plainDecimal(decision.discount ?? 0),
      shortfall: offer['shortfall'],
      rollover: offer['rollover'],
      carryForward: offer['carryForward'],
    });
  }
  const quantity = Number(decision.quantity);
  return given({
    ...frame,
    covers: decision.source === undefined ? offer['covers'] : [decision.source],
    unit: offer['unit'],
    quantity: decision.quantity,
    period,
    // The plan's fee has discounts in it, so that the contract costs what was planned.
    fee: decision.feePerMonth === null ? offer['fee'] : { perMonth: plainDecimal(decision.feePerMonth / quantity) },
    usableShare: offer['usableShare'],
    countsTowardsPool: offer['countsTowardsPool'],
  });
};

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};

const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

const offerOf = (offers: readonly Fields[], { offer, vendor, kind }: SavedDecision): Fields | undefined =>
  offers.find(
    (one) =>
      (one['name'] ?? `${String(one['vendor'])}-${String(one['kind'])}`) === offer &&
      one['vendor'] === vendor &&
      one['kind'] === kind,
  );

/** One contract on one line. */
const flowText = (contract: Fields): string =>
  stringify(contract, { collectionStyle: 'flow', lineWidth: 0, defaultKeyType: 'PLAIN' }).trim();

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
};

/** Puts whole lines after the line that a place is in. */
const linesAfter = (text: string, at: number, lines: readonly string[]): string => {
  const end = lineEnd(text, at);
  return `${text.slice(0, end)}\n${lines.join('\n')}${text.slice(end)}`;
};

const contractsPair = (document: Document): Pair | undefined => {
  const { contents } = document;
  return isMap(contents) ? contents.items.find(({ key }) => isScalar(key) && key.value === 'contracts') : undefined;
};

/** Indentation of the items of a block list: what stands before the first dash. */
const indentOf = (text: string, start: number): string => {
  const dash = text.lastIndexOf('-', start);
  return text.slice(text.lastIndexOf('\n', dash) + 1, dash);
};

const appended = (text: string, entries: readonly string[]): string =>
  `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}\ncontracts: # signed as planned\n${entries.map((entry) => `  - ${entry}`).join('\n')}\n`;

const intoList = (text: string, list: YAMLSeq, entries: readonly string[]): string => {
  const [from = 0, until = 0] = list.range ?? [];
  const last = list.items.at(-1);
  if (last === undefined) {
    const without = text.slice(0, from).trimEnd() + text.slice(until);
    return linesAfter(
      without,
      from,
      entries.map((entry) => `  - ${entry}`),
    );
  }
  if (list.flow === true) return `${text.slice(0, until - 1).trimEnd()}, ${entries.join(', ')}${text.slice(until - 1)}`;
  const end = text.slice(0, until).trimEnd().length;
  const indent = indentOf(text, from + 1);
  return linesAfter(
    text,
    end,
    entries.map((entry) => `${indent}- ${entry}`),
  );
};

const withContracts = (text: string, document: Document, entries: readonly string[]): string => {
  const pair = contractsPair(document);
  if (pair === undefined) return appended(text, entries);
  if (isSeq(pair.value)) return intoList(text, pair.value, entries);
  const at = isScalar(pair.key) ? (pair.key.range?.[1] ?? 0) : 0;
  return linesAfter(
    text,
    at,
    entries.map((entry) => `  - ${entry}`),
  );
};

/**
 * Turns decisions that were signed into contracts of the portfolio, so that the next plan keeps them. Only lines are added: comments and all else stay.
 * The failing half says what cannot be signed and how to mend it.
 */
export const signedFrom = (
  portfolioText: string,
  plan: Pick<SavedPlan, 'currency'>,
  chosen: readonly SavedDecision[],
): Result<SignedPortfolio, string> => {
  const document = parseDocument(portfolioText);
  if (document.errors.length > 0) return failure('the portfolio is no YAML: mend what "archipel plan check" names');
  const whole = fieldsOf(document.toJS());
  if ((whole['currency'] ?? 'USD') !== plan.currency)
    return failure(`the plan is in ${plan.currency}, the portfolio is not: sign it in the portfolio it was made from`);
  const before = listOf(whole['contracts']);
  const contracts: Fields[] = [];
  for (const decision of chosen) {
    const offer = offerOf(listOf(whole['offers']), decision);
    if (offer === undefined)
      return failure(
        `the portfolio has no offer "${decision.offer}" of ${decision.vendor}: sign it in the portfolio that the plan was made from`,
      );
    const id = contractId(decision);
    if ([...before, ...contracts].some((one) => one['id'] === id))
      return failure(`there is a contract "${id}" already: what is signed once is not signed again`);
    contracts.push(contractOf(decision, offer));
  }
  if (contracts.length === 0) return success({ text: portfolioText, added: [] });
  const text = withContracts(portfolioText, document, contracts.map(flowText));
  const after = listOf(fieldsOf(parseDocument(text).toJS())['contracts']);
  assert(after.length === before.length + contracts.length, 'what was signed stands among the contracts');
  return success({ text, added: contracts.map(({ id }) => String(id)) });
};
