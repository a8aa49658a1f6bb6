/** A file that has one of everything. */
export const fullPortfolio = `version: 1
currency: USD
horizon: { from: 2027-01-01, periods: 4, periodMonths: 12, segments: 4, signFrom: 2026-10-01 }
vendors:
  north: { host: north, jurisdiction: US, burst: { base: 0.2, pool: 0.3, reservation: 0.1 } }
  south: { host: [{ name: south, share: 0.75 }, { name: north, share: unknown }], jurisdiction: EU }
  east: { host: east, jurisdiction: EU, dependsOn: [north] }
classes:
  large:
    demand: { start: "1200000", growth: 0.5, seasonality: [1, 1, 1.1, 1, 1, 1, 0.8, 0.7, 1, 1.1, 1.2, 1.1], volatility: 0.2 }
    qualityFloor: 8
    servedShareUnderOutage: 0.8
  small:
    inputShare: 0.8
    demand: { history: { from: 2026-01-01, monthly: [100, 110, 120, 125, 130, 150, 160, 170, 180, 200, 210, 230] } }
    substitutes: [{ class: large, unitFactor: 0.9 }]
  training:
    unit: gpuHour
    loadFactor: 0.9
    servedShareUnderOutage: 0
    demand: { start: 400000, growth: -0.1, burst: { probability: 0.2, factor: 1.8, months: 2 } }
sources:
  - { vendor: north, class: large, lab: a, price: { inputPerMTok: "2.50", outputPerMTok: "10" }, quality: 9 }
  - { vendor: south, class: large, lab: b, price: { perMTok: "4" }, quality: 8, unitFactor: 1.1 }
  - { vendor: north, class: small, lab: a, price: { inputPerMTok: "0.25", outputPerMTok: "1" } }
  - { vendor: east, class: small, lab: c, price: { perMTok: "0.4" }, jurisdiction: UK }
  - { vendor: east, class: training, price: { perGpuHour: "2.10" } }
  - { name: north-gpu, vendor: north, class: training, price: { perGpuHour: "2.50" }, host: north }
offers:
  - name: north-edp
    kind: pool
    vendor: north
    sizes: ["10000000", { amount: "20000000", discount: 0.12 }]
    terms: [12, { months: 36, ramp: [0.7, 1, 1.3], extraDiscount: 0.03 }]
    discount: 0.08
    shortfall: { rate: 0.5 }
    rollover: { share: 0.2 }
    payment: { upfrontShare: 0.5, costOfCapital: 0.08 }
    leadTimeDays: 90
    noticeDays: 60
  - { name: south-pool, kind: pool, vendor: south, sizes: ["5000000"], starts: [2028-01-01], discount: 0.1 }
  - { name: ptu, kind: floor, vendor: south, unit: { name: PTU, capacityPerMonth: "90" }, fee: { perMonth: "260" }, sizes: [50, 100], terms: [3, 12], starts: [2027-04-01], discount: 0.1 }
  - { name: tpm, kind: floor, vendor: north, covers: [large], unit: tokensPerMinute, range: { max: 1000000, step: 100000 }, terms: [12], discount: 0.3, usableShare: 0.6 }
  - { name: blocks, kind: slot, vendor: east, covers: [training], range: { max: 512 }, terms: [6], discount: 0.25, payment: { upfrontShare: 1, costOfCapital: 0.12 }, countsTowardsPool: false }
contracts:
  - { id: east-2026, vendor: east, kind: pool, amount: "9000000", period: [2026-07-01, 2029-07-01], fulfil: annual, ramp: [0.2, 0.3, 0.5], discount: 0.05 }
  - { id: east-slot, vendor: east, kind: slot, covers: [training], quantity: 64, period: [2026-01-01, 2027-07-01], fee: { perMonth: "1100" } }
prices:
  - { name: steady, probability: 0.6 }
  - { name: falling, probability: 0.4, changePerYear: -0.2, index: { south: [1, 0.9, 0.8, 0.8] } }
growth:
  - { name: slow, probability: 0.5, growth: -0.1 }
  - { name: fast, probability: 0.5, growth: 0.3 }
switches:
  - { from: large, to: small, probability: 0.3, between: [2027-06-01, 2028-06-01], share: [0.1, 0.4], unitFactor: 1.2 }
policy:
  concentration: { vendor: 0.6, host: 0.9, jurisdiction: 1, lab: 0.9 }
  resilience: { losses: [vendor, host], servedShare: 0.5, demandQuantile: 0.8 }
  risk: { cvarWeight: 0.2, beta: 0.9 }
scenarios: { count: 40, seed: 7 }
`;

/** The smallest file, with sections that a test adds or replaces. */
export const portfolioWith = (sections: Record<string, string> = {}): string => {
  const all: Record<string, string> = {
    version: '1',
    horizon: '{ from: 2027-01-01, periods: 2 }',
    vendors: '{ north: { host: one, jurisdiction: US }, south: { host: two, jurisdiction: EU } }',
    classes: '{ chat: { demand: { start: 100 } } }',
    sources:
      '[{ vendor: north, class: chat, lab: a, price: { perMTok: "2" } }, { vendor: south, class: chat, lab: b, price: { perMTok: "3" } }]',
    ...sections,
  };
  return `${Object.entries(all)
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n')}\n`;
};
