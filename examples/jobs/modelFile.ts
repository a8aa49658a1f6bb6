// Models and checkpoints as files: JSON, numbers in base64 so that they come back to the last bit.
import { readFileSync } from 'node:fs';
import { type Knowledge, type Training, weightCount } from './characterModel.ts';

const toText = (numbers: Float64Array): string =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');

export const modelText = ({ vocabulary, weights }: Knowledge): string =>
  JSON.stringify({ vocabulary: vocabulary.join(''), weights: toText(weights) });

export const checkpointText = ({ vocabulary, weights, seed, step, means, squares }: Training): string =>
  JSON.stringify({
    seed,
    step,
    vocabulary: vocabulary.join(''),
    weights: toText(weights),
    means: toText(means),
    squares: toText(squares),
  });

/** Members of a file of ours. @throws Error that names the file, where one is missing or of another form */
const membersOf = (path: string) => {
  const file: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const members = new Map<string, unknown>(Object.entries(typeof file === 'object' && file !== null ? file : {}));
  const refuse = (name: string): never => {
    throw new Error(`${path}: "${name}" is not what a file of this model holds`);
  };
  const text = (name: string): string => {
    const member = members.get(name);
    return typeof member === 'string' ? member : refuse(name);
  };
  const whole = (name: string): number => {
    const member = members.get(name);
    return typeof member === 'number' && Number.isSafeInteger(member) ? member : refuse(name);
  };
  const vocabulary = Array.from(text('vocabulary'));
  const numbers = (name: string): Float64Array => {
    const bytes = Buffer.from(text(name), 'base64');
    const read = new Float64Array(weightCount(vocabulary.length));
    if (bytes.byteLength !== read.byteLength) refuse(name);
    new Uint8Array(read.buffer).set(bytes);
    return read;
  };
  return { vocabulary, numbers, whole };
};

/** @throws Error where there is no such file, or it is not one of ours */
export const readModel = (path: string): Knowledge => {
  const { vocabulary, numbers } = membersOf(path);
  return { vocabulary, weights: numbers('weights') };
};

/** @throws Error where there is no such file, or it is not one of ours */
export const readCheckpoint = (path: string): Training => {
  const { vocabulary, numbers, whole } = membersOf(path);
  const [weights, means, squares] = [numbers('weights'), numbers('means'), numbers('squares')];
  return { vocabulary, weights, means, squares, seed: whole('seed'), step: whole('step') };
};
