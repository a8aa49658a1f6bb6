/**
 * The rooms of src/, lowest level first. A room imports rooms of lower levels only; rooms on one level do not know each other.
 * This table is the only place where the order is written down for machines.
 */
export const levels: readonly (readonly string[])[] = [
  ['kernel'],
  ['vocabulary', 'egress'],
  ['config', 'access', 'wire', 'market', 'contracts'],
  ['providers', 'router', 'ledger', 'planner', 'placement', 'agents'],
  ['drills', 'gateway'],
  ['store', 'http', 'exports', 'telemetry'],
  ['app'],
  ['cli'],
];

/** Stands beside the levels: it judges the rest, so it shares nothing with it but the kernel, and only `app` starts it. */
export const sandboxRoom = 'sandbox';

/** Every room there may be. */
export const rooms: readonly string[] = [...levels.flat(), sandboxRoom];

/** Rooms without I/O: clock, random, network and disk come in as arguments. */
export const pureRooms: readonly string[] = [
  'kernel',
  'vocabulary',
  'access',
  'wire',
  'market',
  'contracts',
  'router',
  'ledger',
  'drills',
];

/** Rooms that a room may import, itself apart. */
export const lowerRooms = (room: string): readonly string[] => {
  if (room === sandboxRoom) return ['kernel'];
  const level = levels.findIndex((names) => names.includes(room));
  if (level < 0) throw new RangeError(`no such room: ${room}`);
  const lower = levels.slice(0, level).flat();
  return room === 'app' ? [...lower, sandboxRoom] : lower;
};
