import { failure, success, type Result } from '../kernel/index.ts';
import { isPinned, pinnable, pinText, readPin, type EffectivePolicy, type Pin } from '../router/index.ts';
import type { Exchange } from './Exchange.ts';
import { headerText } from './headerText.ts';
import type { Refusal } from './Refusal.ts';
import type { LogicalModel, Snapshot } from './Snapshot.ts';

const pinHeader = 'x-archipel-pin';
const tagsHeader = 'x-archipel-tags';
/** What a client says of where its request is to go: in these headers, which stay here. */
export const demandHeaders = [pinHeader, tagsHeader] as const;
/** Most tags of one request, and most names that a client is told. */
const namesMax = 20;

/** What a request may ask of whoever serves it, beside what it needs of a model. */
export interface Demands {
  /** With the tags that the request demands. */
  readonly policy: EffectivePolicy;
  /** Null where it leaves the choice to us. */
  readonly pin: Pin | null;
  /** Tags that the request itself demands. */
  readonly tags: readonly string[];
}

const noTags: readonly string[] = [];

/** What policy and headers demand of the deployments of a model. */
export const demandsOf = (
  { policies }: Snapshot,
  { principal, headers }: Pick<Exchange, 'principal' | 'headers'>,
  model: LogicalModel,
): Result<Demands, Refusal> => {
  const policy = policies.of(model.name, principal);
  const pinned = headerText(headers, pinHeader);
  const tagged = headerText(headers, tagsHeader);
  if (pinned === '' && tagged === '') return success({ policy, pin: null, tags: noTags });
  const pin = pinned === '' ? success(null) : pinOf(pinned, policy, model);
  if (!pin.ok) return pin;
  const tags = tagsOf(tagged, model);
  if (!tags.ok) return tags;
  const all = tags.value.length === 0 ? policy : { ...policy, tags: [...new Set([...policy.tags, ...tags.value])] };
  return success({ policy: all, pin: pin.value, tags: tags.value });
};

const listed = (names: readonly string[]): string => {
  const rest = names.length > namesMax ? ` and ${names.length - namesMax} more` : '';
  return `${names.slice(0, namesMax).join(', ')}${rest}`;
};

const pinOf = (written: string, { mayPin }: EffectivePolicy, model: LogicalModel): Result<Pin, Refusal> => {
  if (!mayPin) {
    const message = `A policy keeps this key from choosing its own target. Send the request without ${pinHeader}, or have the operator say pins: allow in the policy of the key.`;
    return failure({ code: 'key_forbidden_pin', message, parameter: pinHeader });
  }
  const targets = model.deployments.map(({ target }) => target);
  const pin = readPin(written);
  if (pin !== null && targets.some((target) => isPinned(pin, target))) return success(pin);
  const message = `${pinHeader} names no target of the model ${JSON.stringify(model.name)}. It can name ${listed(pinnable(targets))}.`;
  return failure({ code: 'bad_request', message, parameter: pinHeader });
};

const tagsOf = (written: string, model: LogicalModel): Result<readonly string[], Refusal> => {
  const tags = written
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  if (tags.length > namesMax) {
    const message = `${tagsHeader} has more than ${namesMax} tags. Leave those out that say the same.`;
    return failure({ code: 'bad_request', message, parameter: tagsHeader });
  }
  const known = new Set(model.deployments.flatMap((deployment) => deployment.tags));
  if (tags.every((tag) => known.has(tag))) return success(tags);
  const there = known.size === 0 ? 'It has none.' : `They are ${listed([...known])}.`;
  const message = `${tagsHeader} demands a tag that no target of the model ${JSON.stringify(model.name)} has. ${there}`;
  return failure({ code: 'bad_request', message, parameter: tagsHeader });
};

/** Why a pin keeps a request away from a target, or null. */
export const pinRefusal = ({ pin }: Demands, deployment: LogicalModel['deployments'][number]): string | null =>
  pin === null || isPinned(pin, deployment.target) ? null : `the request is pinned to ${pinText(pin)}`;
