// A language model of characters, small enough to read at one sitting: it guesses the next character of a text from the eight before it.
// Embedding of each, one hidden layer, softmax; Adam. All in Float64 and in a fixed order, so that the same steps give the same bits.

const contextLength = 8;
const embeddingSize = 16;
const hiddenSize = 128;
const inputSize = contextLength * embeddingSize;

/** Below it one character is as good as certain, and figures overflow. */
const temperatureMin = 0.01;

const batchSize = 256;
const learningRate = 0.008;
const meanDecay = 0.9;
const squareDecay = 0.99;
const tiny = 1e-8;

/** What the model knows: all that is needed to guess. */
export interface Knowledge {
  /** The characters that it can say, each once. */
  readonly vocabulary: readonly string[];
  readonly weights: Float64Array;
}

/** What training goes on from. */
export interface Training extends Knowledge {
  readonly seed: number;
  /** Steps that are done. */
  step: number;
  /** Running means of the gradient and of its square, as Adam keeps them. */
  readonly means: Float64Array;
  readonly squares: Float64Array;
}

/** One vector cut into the layers, which are views of it. */
const layersOf = (all: Float64Array, vocabularySize: number) => {
  let from = 0;
  const next = (length: number): Float64Array => all.subarray(from, (from += length));
  return {
    embedding: next(vocabularySize * embeddingSize),
    hidden: next(hiddenSize * inputSize),
    hiddenBias: next(hiddenSize),
    output: next(vocabularySize * hiddenSize),
    outputBias: next(vocabularySize),
  };
};

/** Weights of a model that can say so many characters. */
export const weightCount = (vocabularySize: number): number =>
  vocabularySize * embeddingSize + hiddenSize * (inputSize + 1) + vocabularySize * (hiddenSize + 1);

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
const chanceOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A number that stands for a text: FNV-1a. */
export const seedOf = (text: string): number => {
  let seed = 0x811c9dc5;
  for (const byte of Buffer.from(text)) seed = Math.imul(seed ^ byte, 0x01000193);
  return seed;
};

/** Characters as places in the vocabulary; one that is not there is taken for a space. */
const placesOf = (text: Iterable<string>, vocabulary: readonly string[]): Int32Array => {
  const places = new Map(vocabulary.map((character, place) => [character, place]));
  const space = places.get(' ') ?? 0;
  return Int32Array.from([...text], (character) => places.get(character) ?? space);
};

/** Looks from eight characters to the next. Its arrays are its own: what one look leaves there, the next one overwrites. */
class Look {
  readonly #layers: ReturnType<typeof layersOf>;
  readonly input = new Float64Array(inputSize);
  readonly hidden = new Float64Array(hiddenSize);
  /** How likely each character is to come next. */
  readonly chances: Float64Array;

  constructor({ vocabulary, weights }: Knowledge) {
    this.#layers = layersOf(weights, vocabulary.length);
    this.chances = new Float64Array(vocabulary.length);
  }

  /** Fills `chances` for what follows the eight places that end before `end`. `temperature`: below 1 bolder, above 1 wilder. */
  at(places: Int32Array, end: number, temperature = 1): void {
    const { embedding, hidden, hiddenBias, output, outputBias } = this.#layers;
    for (let slot = 0; slot < contextLength; slot++) {
      const row = (places[end - contextLength + slot] ?? 0) * embeddingSize;
      for (let i = 0; i < embeddingSize; i++) this.input[slot * embeddingSize + i] = embedding[row + i] ?? 0;
    }
    for (let j = 0; j < hiddenSize; j++) this.hidden[j] = Math.tanh(dot(hidden, j, this.input, hiddenBias));
    let highest = -Infinity;
    for (let k = 0; k < this.chances.length; k++) {
      const score = dot(output, k, this.hidden, outputBias) / temperature;
      this.chances[k] = score;
      highest = Math.max(highest, score);
    }
    let sum = 0;
    for (const [k, score] of this.chances.entries()) sum += this.chances[k] = Math.exp(score - highest);
    for (const [k, weight] of this.chances.entries()) this.chances[k] = weight / sum;
  }

  likeliest(): number {
    return this.chances.indexOf(Math.max(...this.chances));
  }

  /** @param share from 0 up to 1 */
  drawn(share: number): number {
    let left = share;
    const place = this.chances.findIndex((chance) => (left -= chance) < 0);
    // Rounding may leave a crumb behind the last.
    return place < 0 ? this.likeliest() : place;
  }
}

/** Row of a matrix times a vector, and its bias. */
const dot = (matrix: Float64Array, row: number, vector: Float64Array, bias: Float64Array): number => {
  let sum = bias[row] ?? 0;
  for (let i = 0, at = row * vector.length; i < vector.length; i++, at++) sum += (matrix[at] ?? 0) * (vector[i] ?? 0);
  return sum;
};

/** A model that knows nothing yet of a text. */
export const beginTraining = (text: string, seed: number): Training => {
  const vocabulary = [...new Set(` ${text}`)].toSorted();
  const count = weightCount(vocabulary.length);
  const chance = chanceOf(seed);
  // Small and of both signs, so that no two hidden units begin, and therefore stay, the same.
  const weights = Float64Array.from({ length: count }, () => (chance() * 2 - 1) / Math.sqrt(inputSize));
  return { vocabulary, weights, seed, step: 0, means: new Float64Array(count), squares: new Float64Array(count) };
};

/** Adds to `gradient` what one example says, and gives its loss. `target`: the place of what did come next. */
const learnFrom = (
  look: Look,
  layers: ReturnType<typeof layersOf>,
  gradient: ReturnType<typeof layersOf>,
  places: Int32Array,
  target: number,
): number => {
  look.at(places, target);
  const { chances, hidden, input } = look;
  const wanted = places[target] ?? 0;
  const loss = -Math.log(chances[wanted] ?? 0);
  const hiddenError = new Float64Array(hiddenSize);
  for (let k = 0; k < chances.length; k++) {
    const error = (chances[k] ?? 0) - (k === wanted ? 1 : 0);
    gradient.outputBias[k] = (gradient.outputBias[k] ?? 0) + error;
    for (let j = 0, at = k * hiddenSize; j < hiddenSize; j++, at++) {
      gradient.output[at] = (gradient.output[at] ?? 0) + error * (hidden[j] ?? 0);
      hiddenError[j] = (hiddenError[j] ?? 0) + error * (layers.output[at] ?? 0);
    }
  }
  const inputError = new Float64Array(inputSize);
  for (let j = 0; j < hiddenSize; j++) {
    const error = (hiddenError[j] ?? 0) * (1 - (hidden[j] ?? 0) ** 2);
    gradient.hiddenBias[j] = (gradient.hiddenBias[j] ?? 0) + error;
    for (let i = 0, at = j * inputSize; i < inputSize; i++, at++) {
      gradient.hidden[at] = (gradient.hidden[at] ?? 0) + error * (input[i] ?? 0);
      inputError[i] = (inputError[i] ?? 0) + error * (layers.hidden[at] ?? 0);
    }
  }
  for (let i = 0; i < inputSize; i++) {
    const place = places[target - contextLength + Math.floor(i / embeddingSize)] ?? 0;
    const at = place * embeddingSize + (i % embeddingSize);
    gradient.embedding[at] = (gradient.embedding[at] ?? 0) + (inputError[i] ?? 0);
  }
  return loss;
};

/**
 * Takes the next step, on a batch that seed and step decide, whoever takes it and whenever.
 * @returns the mean loss before it. Nats a character.
 */
export const takeStep = (training: Training, text: string): number => {
  const { vocabulary, weights, means, squares, seed } = training;
  const step = ++training.step;
  const chance = chanceOf(seedOf(`${seed} ${step}`));
  const places = placesOf(text, vocabulary);
  const sums = new Float64Array(weights.length);
  const [look, layers, gradient] = [
    new Look(training),
    layersOf(weights, vocabulary.length),
    layersOf(sums, vocabulary.length),
  ];
  let loss = 0;
  for (let example = 0; example < batchSize; example++) {
    const target = contextLength + Math.floor(chance() * (places.length - contextLength));
    loss += learnFrom(look, layers, gradient, places, target) / batchSize;
  }
  // Means begin at 0: early ones are too small by a known factor.
  const [meanShare, squareShare] = [1 - meanDecay ** step, 1 - squareDecay ** step];
  for (const [at, sum] of sums.entries()) {
    const slope = sum / batchSize;
    const mean = meanDecay * (means[at] ?? 0) + (1 - meanDecay) * slope;
    const square = squareDecay * (squares[at] ?? 0) + (1 - squareDecay) * slope * slope;
    [means[at], squares[at]] = [mean, square];
    weights[at] = (weights[at] ?? 0) - (learningRate * (mean / meanShare)) / (Math.sqrt(square / squareShare) + tiny);
  }
  return loss;
};

/** What a text goes on with, character by character, without end. The same for the same seed; temperature 0 takes the likeliest each time. */
export function* continueText(
  knowledge: Knowledge,
  text: string,
  seed: number,
  temperature: number,
): Generator<string> {
  const look = new Look(knowledge);
  const chance = chanceOf(seed);
  const places = placesOf(Array.from(text.padStart(contextLength)).slice(-contextLength), knowledge.vocabulary);
  for (;;) {
    look.at(places, contextLength, Math.max(temperature, temperatureMin));
    const place = temperature === 0 ? look.likeliest() : look.drawn(chance());
    yield knowledge.vocabulary[place] ?? ' ';
    places.copyWithin(0, 1);
    places[contextLength - 1] = place;
  }
}
