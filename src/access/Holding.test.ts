import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grantOfKey, holdingOf, isWithin, type Holding } from './Holding.ts';
import { rights, rightsOf, roles } from './rights.ts';

const teams = fc.option(fc.uniqueArray(fc.constantFrom('research', 'sales', 'far'), { maxLength: 3 }), { nil: null });

const someHolding: fc.Arbitrary<Holding> = fc.record({
  rights: fc.subarray([...rights]).map((chosen) => new Set(chosen)),
  teams: teams.map((names) => (names === null ? null : new Set(names))),
});

describe('what somebody holds', () => {
  test('is what the role holds where it is not limited to teams', () => {
    for (const role of [...roles, null]) expect(holdingOf(role, null)).toEqual({ rights: rightsOf(role), teams: null });
  });

  test('is no more than keys, and no more than the role has of that, where it is limited to teams', () => {
    const held = (role: (typeof roles)[number]): readonly string[] => [...holdingOf(role, ['research']).rights];
    expect(roles.map(held)).toEqual([['keys:read', 'keys:write'], ['keys:read', 'keys:write'], ['keys:read']]);
    expect(holdingOf('owner', []).teams?.size).toBe(0);
  });
});

describe('what is handed on', () => {
  test('is part of what is held exactly where each right and each team is [A3]', () => {
    fc.assert(
      fc.property(someHolding, someHolding, (granted, held) => {
        const hasRights = [...granted.rights].every((right) => held.rights.has(right));
        const everyTeam = ['research', 'sales', 'far', 'one that is yet to come'];
        const reach = ({ teams: named }: Holding) => everyTeam.filter((team) => named === null || named.has(team));
        const hasTeams = reach(granted).every((team) => reach(held).includes(team));
        expect(isWithin(granted, held)).toBe(hasRights && hasTeams);
      }),
    );
  });

  test('never grows on its way from hand to hand', () => {
    fc.assert(
      fc.property(someHolding, someHolding, someHolding, (first, second, third) => {
        if (isWithin(first, second) && isWithin(second, third)) expect(isWithin(first, third)).toBe(true);
        expect(isWithin(first, first)).toBe(true);
      }),
    );
  });

  test('with a key is one team, and nothing of the control plane', () => {
    const key = grantOfKey('research');
    expect([...key.rights]).toEqual([]);
    expect(isWithin(key, holdingOf('viewer', ['research']))).toBe(true);
    expect(isWithin(key, holdingOf('owner', ['sales']))).toBe(false);
  });
});
