import type { ConfigurationFault } from '../config/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import { addMonths } from './portfolio/calendarMonths.ts';
import { floatOf } from './portfolio/floatOf.ts';
import { outlookOf } from './portfolio/outlookOf.ts';
import type { Portfolio } from './portfolio/Portfolio.ts';
import type { ReadText } from './portfolio/readPortfolio.ts';
import { timelineOf } from './portfolio/timelineOf.ts';
import type { DemandScenario } from './scenarios/DemandScenario.ts';
import { drawScenarios, scenarioOf, stratifiedRecipes } from './scenarios/drawScenarios.ts';
import type { Outlook } from './scenarios/Outlook.ts';
import { readScenarioCsv } from './scenarios/readScenarioCsv.ts';
import { representativeScenarios, representativesMax } from './scenarios/representativeScenarios.ts';

/** Futures that a plan was not made for, to judge it by. */
export interface FreshScenarios {
  readonly sample: readonly DemandScenario[];
  /** Many more in batches of seeds of their own, to be looked at one by one: what is known of them sharpens what the sample tells. */
  readonly batches: () => Iterable<Iterable<DemandScenario>>;
}

export interface PlanScenarios {
  readonly scenarios: readonly DemandScenario[];
  /** Null where the futures are somebody's own: nobody can draw more of them. */
  readonly fresh: FreshScenarios | null;
  /** In sentences, for whoever reads the plan. */
  readonly assumptions: readonly string[];
}

const sampleCount = 1_000;
const batchCount = 12;
const batchSize = 2_500;
/** Fewest futures that can be chosen to stand for all. */
const representativesMin = 2;
/** Keeps seeds of fresh futures apart from that of the plan's own. */
const sampleSalt = 0x9e37_79b9;
const batchSalt = 0x85eb_ca6b;

const saltedSeed = (seed: number, salt: number): number => (seed ^ salt) >>> 0;

/** A path of the file that cannot be read. */
const unreadable = (path: string): ConfigurationFault => ({
  file: path,
  line: 1,
  column: 1,
  what: 'this CSV of scenarios cannot be read',
  mend: 'check its name and permissions; paths begin where the program runs',
});

const ownScenarios = (
  portfolio: Portfolio,
  path: string,
  readText: ReadText,
): Result<PlanScenarios, readonly ConfigurationFault[]> => {
  let text: string;
  try {
    text = readText(path);
  } catch {
    return failure([unreadable(path)]);
  }
  const { from, months } = timelineOf(portfolio);
  const monthNames = Array.from({ length: months }, (_, month) => addMonths(from, month).slice(0, 7));
  const pathNames = portfolio.prices.map(({ name }) => name);
  const reading = readScenarioCsv(text, path, [...portfolio.classes.keys()], monthNames, pathNames);
  if (!reading.ok) return reading;
  return success({
    scenarios: reading.value,
    fresh: null,
    assumptions: [
      `The futures are those of ${path}: no others can be drawn, so the plan is judged by the same futures that it was made for.`,
    ],
  });
};

const drawn = (portfolio: Portfolio, outlook: Outlook, seed: number): readonly DemandScenario[] => {
  const { count } = portfolio.scenarios;
  if (count < representativesMin || count > representativesMax) return drawScenarios(outlook, { count, seed });
  return representativeScenarios(outlook, { count, seed, tailShare: 1 - floatOf(portfolio.policy.risk.beta) });
};

function* batch(outlook: Outlook, seed: number): Generator<DemandScenario> {
  for (const recipe of stratifiedRecipes(outlook, { count: batchSize, seed })) yield scenarioOf(outlook, recipe);
}

function* batches(outlook: Outlook, seed: number): Generator<Iterable<DemandScenario>> {
  for (let at = 0; at < batchCount; at += 1) yield batch(outlook, saltedSeed(seed, batchSalt + at));
}

/** The futures that a portfolio is planned for, and those that the plan is judged by. The same seed gives the same ones. */
export const planScenarios = (
  portfolio: Portfolio,
  seed: number,
  readText: ReadText,
): Result<PlanScenarios, readonly ConfigurationFault[]> => {
  const { file } = portfolio.scenarios;
  if (file !== null) return ownScenarios(portfolio, file, readText);
  const outlook = outlookOf(portfolio);
  return success({
    scenarios: drawn(portfolio, outlook, seed),
    fresh: {
      sample: drawScenarios(outlook, { count: sampleCount, seed: saltedSeed(seed, sampleSalt) }),
      batches: () => batches(outlook, seed),
    },
    assumptions: [],
  });
};
