import { failure, success, type Result } from '../kernel/index.ts';
import type { SupplyTarget } from './Supply.ts';

/** What can be lost: everything of one vendor, provider of the file, host, jurisdiction or lab. */
export const lossKinds = ['vendor', 'provider', 'host', 'jurisdiction', 'lab'] as const;

export type LossKind = (typeof lossKinds)[number];

export interface Loss {
  readonly kind: LossKind;
  readonly name: string;
}

/** What a loss is asked about. */
export type Losable = Pick<
  SupplyTarget,
  'target' | 'group' | 'vendor' | 'hosts' | 'dependsOn' | 'jurisdiction' | 'lab'
>;

/** Names under which a target is lost. A host counts however small its share: nobody knows which part of the target stands without it. */
export const namesOf = (target: Losable, kind: LossKind): readonly string[] => {
  switch (kind) {
    case 'vendor':
      return [target.vendor];
    case 'provider':
      return target.group === target.target.provider ? [target.group] : [target.group, target.target.provider];
    case 'host':
      return [...Object.keys(target.hosts).filter((host) => target.hosts[host] !== 0), ...target.dependsOn];
    case 'jurisdiction':
      return target.jurisdiction === null ? [] : [target.jurisdiction];
    case 'lab':
      return target.lab === null ? [] : [target.lab];
  }
};

/** Whether a target is gone with a loss. */
export const isLost = (target: Losable, { kind, name }: Loss): boolean => namesOf(target, kind).includes(name);

/** As it is written: "aurora" for a vendor, "host:north" for the rest. */
export const lossText = ({ kind, name }: Loss): string => (kind === 'vendor' ? name : `${kind}:${name}`);

const isKind = (word: string): word is LossKind => lossKinds.some((kind) => kind === word);

/**
 * Reads losses as they are written, "aurora" or "host:north". A bare name is a vendor, else the first kind that has one of that name.
 * @returns what is wrong, in words, where nothing of that name is there to be lost.
 */
export const readLosses = (
  written: readonly string[],
  targets: readonly Losable[],
): Result<readonly Loss[], string> => {
  const losses: Loss[] = [];
  for (const word of written) {
    const colon = word.indexOf(':');
    const kind = colon < 0 ? '' : word.slice(0, colon);
    const name = isKind(kind) ? word.slice(colon + 1) : word;
    const kinds = isKind(kind) ? [kind] : lossKinds;
    const found = kinds.find((one) => targets.some((target) => namesOf(target, one).includes(name)));
    if (found === undefined) return failure(unknownLoss(word, isKind(kind) ? kind : null, targets));
    losses.push({ kind: found, name });
  }
  return losses.length === 0 ? failure('Nothing is lost: name a vendor, or host:NAME.') : success(losses);
};

const unknownLoss = (word: string, kind: LossKind | null, targets: readonly Losable[]): string => {
  const names = (one: LossKind): string =>
    [...new Set(targets.flatMap((target) => namesOf(target, one)))].toSorted().join(', ');
  const known = (kind === null ? lossKinds : [kind]).flatMap((one) =>
    names(one) === '' ? [] : [`${one}: ${names(one)}`],
  );
  return `There is no ${word.slice(0, 100)} to lose. Known are ${known.join('; ')}.`;
};
