import type { UpstreamWire, Wire } from '../wire/index.ts';
import type { Deployment } from './Snapshot.ts';

/** The wire on which a deployment is called for clients of a wire: theirs where it speaks that one, too. */
export const spokenWire = ({ wire, alsoSpeaks }: Pick<Deployment, 'wire' | 'alsoSpeaks'>, client: Wire): UpstreamWire =>
  alsoSpeaks.includes(client) ? client : wire;
