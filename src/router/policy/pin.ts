import { targetName, type TargetRef } from '../../vocabulary/index.ts';

/** Where a request asks to go: a provider of the file, or one of its models. */
export interface Pin {
  readonly provider: string;
  /** The vendor's name; null: any. */
  readonly model: string | null;
}

/** Reads "provider" or "provider/model"; null where it is neither. */
export const readPin = (written: string): Pin | null => {
  const [provider = '', ...rest] = written.trim().split('/');
  const model = rest.length === 0 ? null : rest.join('/');
  return provider === '' || model === '' ? null : { provider, model };
};

export const pinText = ({ provider, model }: Pin): string => (model === null ? provider : `${provider}/${model}`);

/** Whether a target is one that the pin means. The name of a list means all of its members. */
export const isPinned = ({ provider, model }: Pin, target: TargetRef): boolean =>
  (target.provider === provider || target.provider.startsWith(`${provider}.`)) &&
  (model === null || model === target.model);

/** What can be pinned of these targets: providers, and each with its models. */
export const pinnable = (targets: readonly TargetRef[]): readonly string[] => [
  ...new Set(targets.flatMap((target) => [target.provider, targetName(target)])),
];
