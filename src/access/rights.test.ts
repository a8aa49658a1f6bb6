import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSubset, noRights, rights, rightsOf, roles } from './rights.ts';

const someRights = fc.subarray([...rights]).map((chosen) => new Set(chosen));

describe('rights', () => {
  test('an owner may all, a viewer only read, an admin all but make operators', () => {
    expect([...rightsOf('owner')]).toEqual([...rights]);
    expect([...rightsOf('viewer')].every((right) => right.endsWith(':read'))).toBe(true);
    expect(rights.filter((right) => !rightsOf('admin').has(right))).toEqual(['operators:write']);
  });

  test('jobs are seen by all operators, and submitted or priced only by those who run the house', () => {
    const ofJobs = ['jobs:read', 'jobs:write', 'offers:write'] as const;
    const held = roles.map((role) => ofJobs.filter((right) => rightsOf(role).has(right)));
    expect(held).toEqual([[...ofJobs], [...ofJobs], ['jobs:read']]);
  });

  test('a key without a role has no rights', () => {
    expect(rightsOf(null)).toBe(noRights);
    expect(noRights.size).toBe(0);
  });

  test('no role but the owner can grant a role that holds more than itself', () => {
    for (const maker of roles) {
      for (const made of roles) {
        const grantable = isSubset(rightsOf(made), rightsOf(maker));
        expect(grantable).toBe(roles.indexOf(made) >= roles.indexOf(maker));
      }
    }
  });

  test('isSubset is the order of sets', () => {
    fc.assert(
      fc.property(someRights, someRights, (granted, held) => {
        expect(isSubset(granted, held)).toBe([...granted].every((right) => held.has(right)));
        expect(isSubset(granted, granted)).toBe(true);
        expect(isSubset(noRights, held)).toBe(true);
        expect(isSubset(granted, held) && isSubset(held, granted)).toBe(
          granted.size === held.size && granted.isSubsetOf(held),
        );
      }),
    );
  });
});
