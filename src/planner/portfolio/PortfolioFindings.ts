import { Findings, mendByName, type ConfigurationPath } from '../../config/index.ts';

/** Most names that a message lists. */
const namesShownMax = 20;

/** Gathers what is wrong in a portfolio beyond its form. */
export class PortfolioFindings extends Findings {
  /** Whether a name is known; else a fault that suggests the nearest one. */
  isKnown(path: ConfigurationPath, written: string, noun: string, names: Iterable<string>): boolean {
    const known = [...names];
    if (known.includes(written)) return true;
    const choose = `choose one of ${known.slice(0, namesShownMax).join(', ')}`;
    this.fault(
      path,
      `no ${noun} has this name`,
      mendByName(written, known, known.length === 0 ? `define the ${noun}` : choose),
    );
    return false;
  }

  /** Whether things of a list have names of their own; else a fault at each that has an earlier one's. */
  areDistinct(names: readonly string[], pathOf: (index: number) => ConfigurationPath, noun: string): void {
    const first = new Set<string>();
    for (const [index, name] of names.entries()) {
      if (first.has(name))
        this.fault(pathOf(index), `two ${noun}s have one name`, `give each ${noun} a name of its own`);
      first.add(name);
    }
  }

  /** Amounts in another currency than the file's would be added up with them. */
  ownCurrency(path: ConfigurationPath, written: string | null, currency: string): void {
    if (written === null || written === currency) return;
    this.fault(
      [...path, 'currency'],
      'two currencies in one portfolio',
      `write every amount in ${currency}, or change "currency" at the top and every amount with it`,
    );
  }
}
