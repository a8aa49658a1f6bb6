import { isJsonObject, type JsonObject } from '../../json/JsonObject.ts';

/** Deepest place that is written to; a model's arguments are no deeper. */
const stepsMax = 64;

/** A step of a path: the name of a member, or the position in a list. */
type Step = string | number;

type Holder = Record<string, unknown> | unknown[];

/**
 * Puts the arguments of a call together from pieces, each of which says by a JSON path where it belongs: `{jsonPath: "$.a[0].b", stringValue: "x"}`.
 * Texts grow from piece to piece. Source: @google/genai 3.3.0, `PartialArg`, and recorded streams.
 */
export class PartialArguments {
  /** Without a prototype: a member may be called as what every object inherits. */
  readonly #root: Record<string, unknown>;
  /** What goes on with the next piece of the same path. */
  #growing: string | null = null;

  /** @param start Arguments that came whole before the pieces. */
  constructor(start: JsonObject) {
    this.#root = Object.assign(bare(), start);
  }

  /** Takes a piece. @returns whether it could be placed. */
  take(piece: JsonObject): boolean {
    const { jsonPath } = piece;
    const steps = typeof jsonPath === 'string' ? stepsOf(jsonPath) : null;
    if (steps === null) return false;
    const isPlaced = this.#place(steps, valueOf(piece), this.#growing === jsonPath);
    this.#growing = piece['willContinue'] === true && typeof jsonPath === 'string' ? jsonPath : null;
    return isPlaced;
  }

  /** JSON text of the arguments so far. */
  get text(): string {
    return JSON.stringify(this.#root);
  }

  #place(steps: readonly Step[], value: unknown, goesOn: boolean): boolean {
    let holder: Holder = this.#root;
    for (const [at, step] of steps.entries()) {
      if (!isPlaceIn(holder, step)) return false;
      const next = steps[at + 1];
      if (next === undefined) {
        const before = memberOf(holder, step);
        setMember(
          holder,
          step,
          goesOn && typeof before === 'string' && typeof value === 'string' ? before + value : value,
        );
        return true;
      }
      const inner: Holder | null = holderIn(holder, step, next);
      if (inner === null) return false;
      holder = inner;
    }
    return false;
  }
}

const bare = (): Record<string, unknown> => ({ __proto__: null });

/** Lists grow by one: a position far off would make one of any size. */
const isPlaceIn = (holder: Holder, step: Step): boolean =>
  Array.isArray(holder) ? typeof step === 'number' && step <= holder.length : typeof step === 'string';

const memberOf = (holder: Holder, step: Step): unknown => {
  if (Array.isArray(holder)) return holder[Number(step)];
  return Object.hasOwn(holder, step) ? holder[String(step)] : undefined;
};

/** What came whole has a prototype, which a plain assignment to `__proto__` would reach. */
const setMember = (holder: Holder, step: Step, value: unknown): void => {
  Object.defineProperty(holder, step, { value, writable: true, enumerable: true, configurable: true });
};

/** What stands at a step and holds the next one, made where there is nothing; null where something else stands there. */
const holderIn = (holder: Holder, step: Step, next: Step): Holder | null => {
  const inner = memberOf(holder, step);
  if (inner === undefined) {
    const made: Holder = typeof next === 'number' ? [] : bare();
    setMember(holder, step, made);
    return made;
  }
  return isHolder(inner) ? inner : null;
};

const isHolder = (value: unknown): value is Holder => Array.isArray(value) || isJsonObject(value);

const valueOf = (piece: JsonObject): unknown => {
  for (const name of ['stringValue', 'numberValue', 'boolValue']) if (piece[name] !== undefined) return piece[name];
  return null;
};

const step = /\.([^.[\]]+)|\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

/** The steps of a path (RFC 9535, as far as a path to one place goes), or null where it is none. */
const stepsOf = (path: string): readonly Step[] | null => {
  if (!path.startsWith('$')) return null;
  const steps: Step[] = [];
  for (step.lastIndex = 1; step.lastIndex < path.length;) {
    const found = step.exec(path);
    if (found === null || steps.length === stepsMax) return null;
    const [, name, position, single, double] = found;
    if (position === undefined) steps.push(name ?? (single ?? double ?? '').replace(/\\(.)/g, '$1'));
    else steps.push(Number(position));
  }
  return steps.length === 0 ? null : steps;
};
