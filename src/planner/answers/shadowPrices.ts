import type { Frontier, FrontierPoint, ShadowPrice } from './PlanAnswers.ts';

type PriceFigures = Pick<ShadowPrice, 'estimate' | 'range'>;

/** From a looser point to a stricter one, a plan never gets cheaper: what the bounds leave, cut off there. */
const stricterCosts = (loose: FrontierPoint, strict: FrontierPoint): PriceFigures => ({
  estimate: strict.upperBound - loose.upperBound,
  range: {
    low: Math.max(0, strict.lowerBound - loose.upperBound),
    high: Math.max(0, strict.upperBound - loose.lowerBound),
  },
});

/** Minus a figure, without the zero that has a sign. */
const minus = (figure: number): number => 0 - figure;

const looserSaves = (strict: FrontierPoint, loose: FrontierPoint): PriceFigures => {
  const { estimate, range } = stricterCosts(loose, strict);
  return { estimate: minus(estimate), range: { low: minus(range.high), high: minus(range.low) } };
};

/**
 * What steps away from the policy's own level cost or save. Outage cover is told up to a level ("90 % cover costs ..."), caps are told away
 * from theirs ("45 -> 50 % saves ..."). Levels without a plan have no price.
 */
export const shadowPrices = ({ along, current, points }: Frontier): readonly ShadowPrice[] => {
  const at = points.findIndex(({ level }) => level === current);
  const own = points[at];
  if (own === undefined || own.decision === null) return [];
  return points.flatMap((point, index): ShadowPrice[] => {
    if (index === at || point.decision === null) return [];
    const isLooser = index < at;
    if (along === 'outageCover' && isLooser)
      return [{ along, from: point.level, to: current, ...stricterCosts(point, own) }];
    const figures = isLooser ? looserSaves(own, point) : stricterCosts(own, point);
    return [{ along, from: current, to: point.level, ...figures }];
  });
};

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

/** @param money Writes an amount of the problem's money. */
export const shadowPriceText = (
  { along, from, to, estimate, range }: ShadowPrice,
  money: (amount: number) => string,
): string => {
  const size = Math.abs(estimate);
  const verb = estimate < 0 ? 'saves' : 'costs';
  const bounds = [Math.abs(range.low), Math.abs(range.high)].toSorted((one, other) => one - other);
  const between = bounds.every(Number.isFinite)
    ? `(proven: between ${bounds.map(money).join(' and ')})`
    : '(nothing proven)';
  const step =
    along === 'cap'
      ? `a cap of ${percent(to)} instead of ${percent(from)}`
      : `cover of ${percent(to)} instead of ${percent(from)}`;
  return `${step} ${verb} ${money(size)} ${between}`;
};
