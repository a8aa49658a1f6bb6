import type { ConfigurationPath, PathFault } from './ConfigurationFault.ts';
import type { CheckFindings } from './readConfiguration.ts';

/** Gathers what checks across sections find. */
export class Findings implements CheckFindings {
  readonly faults: PathFault[] = [];
  readonly warnings: PathFault[] = [];

  /** Something that keeps the configuration from being used. */
  fault(path: ConfigurationPath, what: string, mend: string): void {
    this.faults.push({ path, what, mend });
  }

  /** Something that was probably not meant. */
  warn(path: ConfigurationPath, what: string, mend: string): void {
    this.warnings.push({ path, what, mend });
  }
}
