import { wires } from '../matchRoute.ts';
import type { Operation } from '../../vocabulary/index.ts';
import type { UpstreamWire } from '../wire.ts';

/** Stands for a model in the paths of wires that name it there. */
const mark = 'model-mark';
const served: readonly Operation[] = ['generate', 'embed', 'countTokens'];
const version = /^v\d/;

/** How the last segments of a path read on which requests for models go, in lower case. */
interface Ending {
  /** The first of them, of which only the end is said: ":generatecontent". Empty where there is none. */
  readonly afterModel: string;
  readonly segments: readonly string[];
}

/** What a path ends in, without the version before it and without the model that it names: vendors put both behind prefixes of their own. */
const endingOf = (path: string): Ending => {
  const segments = path.split('?', 1)[0]?.toLowerCase().split('/').slice(1) ?? [];
  const at = segments.findLastIndex((segment) => segment.startsWith(mark));
  if (at >= 0) return { afterModel: segments[at]?.slice(mark.length) ?? '', segments: segments.slice(at + 1) };
  return { afterModel: '', segments: version.test(segments[0] ?? '') ? segments.slice(1) : segments };
};

/** Where vectors are asked for in other words than a client's, the path has other uses, too (`invoke`, `:predict`): its end tells nothing. */
const isToldByPath = ({ codec }: UpstreamWire, operation: Operation): boolean =>
  operation !== 'embed' || codec.embeddingTarget === undefined;

const endingsWhere = (isTold: boolean): readonly Ending[] =>
  [...wires.values()].flatMap((wire) =>
    served
      .filter((operation) => isToldByPath(wire, operation) === isTold)
      .flatMap((operation) =>
        [false, true].flatMap((stream) => {
          const path = wire.upstreamPath(operation, { model: mark, stream });
          return path === null ? [] : [endingOf(path)];
        }),
      ),
  );

const servedEndings = endingsWhere(true);
const sharedEndings = endingsWhere(false);

const endsInOne = (path: readonly string[], endings: readonly Ending[]): boolean => {
  const lower = path.map((segment) => segment.toLowerCase());
  return endings.some(({ afterModel, segments }) => {
    const from = lower.length - segments.length;
    if (from < 0 || segments.some((segment, index) => segment !== lower[from + index])) return false;
    return afterModel === '' || (lower[from - 1]?.endsWith(afterModel) ?? false);
  });
};

/**
 * Whether a path at a vendor is one that the wires here serve, and that has models, prices and policy of its own therefore: whatever stands before it, in
 * capitals or not, since some vendors take them for the same.
 * @param path Its segments, decoded.
 */
export const isServedPath = (path: readonly string[]): boolean => endsInOne(path, servedEndings);

/** Whether a path is one that models of text can be called by as well as what is not served here: who opens it must mean it. @param path Its segments, decoded. */
export const isSharedPath = (path: readonly string[]): boolean => endsInOne(path, sharedEndings);
