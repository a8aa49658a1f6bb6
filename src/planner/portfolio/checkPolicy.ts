import { floatOf, isOne, isPositive } from './floatOf.ts';
import { lossesOf } from './lossesOf.ts';
import type { PortfolioFindings } from './PortfolioFindings.ts';
import type { WrittenPortfolio } from './schema.ts';
import { waysOf, type Way } from './waysOf.ts';

type CapKind = 'vendor' | 'host' | 'jurisdiction' | 'lab';

/** What ways say of themselves for a cap; null where they say nothing. Hosts may be unknown: they count at their worst case. */
const labelOf = (way: Way, kind: CapKind): string | null => (kind === 'host' ? '' : way[kind]);

const checkCap = (
  findings: PortfolioFindings,
  portfolio: WrittenPortfolio,
  ways: readonly Way[],
  kind: CapKind,
): void => {
  const share = portfolio.policy.concentration[kind];
  if (share === null) return;
  const path = ['policy', 'concentration', kind];
  for (const way of ways.filter((candidate) => candidate.own)) {
    const isMachine = kind === 'lab' && portfolio.classes.get(way.class)?.unit === 'gpuHour';
    if (labelOf(way, kind) === null && !isMachine)
      findings.fault(
        ['sources', way.source],
        `nobody says its ${kind}, and the policy caps it`,
        kind === 'lab' ? 'write lab: ...' : `write jurisdiction: ... here or at the vendor ${way.vendor}`,
      );
  }
  if (kind !== 'vendor') return;
  const vendors = new Set(ways.map(({ vendor }) => vendor)).size;
  if (vendors * floatOf(share) < 1)
    findings.fault(
      path,
      `${vendors} vendors cannot all stay below this share: together they are 1`,
      `write at least ${Math.ceil(100 / vendors) / 100}, or add a source of another vendor`,
    );
};

const checkLosses = (findings: PortfolioFindings, portfolio: WrittenPortfolio, ways: readonly Way[]): void => {
  const { resilience } = portfolio.policy;
  if (resilience === null) return;
  for (const [name, { servedShareUnderOutage }] of portfolio.classes) {
    if (!isPositive(servedShareUnderOutage ?? resilience.servedShare)) continue;
    const serving = ways.filter((way) => way.class === name);
    const fatal = lossesOf(portfolio, ways).find(({ gone }) => serving.every((way) => isOne(gone(way))));
    if (fatal === undefined || serving.length === 0) continue;
    findings.fault(
      ['classes', name],
      `nothing of it is left if the ${fatal.kind} ${fatal.name} is lost, and the policy asks for some`,
      `add a source that stands elsewhere, or write servedShareUnderOutage: 0`,
    );
  }
};

/** Says of the policy whether any plan can keep to it, as far as that shows at first sight. */
export const checkPolicy = (findings: PortfolioFindings, portfolio: WrittenPortfolio): void => {
  const ways = waysOf(portfolio);
  for (const kind of ['vendor', 'host', 'jurisdiction', 'lab'] as const) checkCap(findings, portfolio, ways, kind);
  checkLosses(findings, portfolio, ways);
};
