// Sentences that the rest of the planner writes in English, and what they are in French. Holes are names and figures of the file.

/** English with holes, and French with the same holes. */
type Phrase = readonly [english: string, french: string];

const phrases: readonly Phrase[] = [
  ['nothing', 'rien'],
  ['no other source', 'pas d’autre source'],
  ['commitment of {names}', 'engagement chez {names}'],
  ['reservations at {names}', 'réservations sur {names}'],
  ['capacity of {names}', 'capacité de {names}'],
  [
    'Every class first gets the same part of what the policy asks for it; what is left goes to the classes of which the smallest share is served.',
    'chaque classe reçoit d’abord la même part de ce que la politique exige pour elle ; le reste va aux classes dont la plus petite part est servie.',
  ],
  [
    'The plan is chosen, and its bounds are proven, as if nothing of {name} moved from one true-up to the next: it costs at most this. What its {clauses} saves then is counted in fresh futures and comparisons, and told apart.',
    'Le plan est choisi, et ses bornes prouvées, comme si rien de {name} ne passait d’une échéance à la suivante : il coûte au plus ce qui est dit. Ce que {clauses} en économise est compté dans les scénarios nouveaux et les comparaisons, et dit à part.',
  ],
  [
    'The time of the {clauses} of {name} is counted in whole periods, the rest left out.',
    'La durée qu’a {clauses} de {name} est comptée en périodes entières, le reste étant omis.',
  ],
  [
    '{name} renews itself without notice {days} days before its end: the plan takes it that notice is given.',
    '{name} se reconduit sans préavis donné {days} jours avant la fin : le plan suppose que le préavis est donné.',
  ],
  [
    '{name} is paid {share} in advance, and money is taken to cost nothing: neither the offer nor the policy has a costOfCapital.',
    '{name} est payé d’avance à {share}, et l’argent est supposé ne rien coûter : ni l’offre ni la politique n’ont de costOfCapital.',
  ],
  [
    'What {name} has paid in advance is taken to be spent evenly over each period: until then it costs {share} a year, at simple interest, which counts towards no pool and no cap.',
    'Ce que {name} fait payer d’avance est supposé consommé régulièrement sur chaque période : d’ici là, cela coûte {share} par an, à intérêt simple, qui ne compte dans aucun engagement ni plafond.',
  ],
  [
    '{name} is reserved for each of its sources apart: where the vendor lets them share it, the plan costs at most this.',
    '{name} est réservé pour chacune de ses sources à part : si le fournisseur les laisse le partager, le plan coûte au plus ce qui est dit.',
  ],
  [
    '{name} begins or ends within a period: it is counted from and to the nearest beginning of one, its amount by the days that fall there.',
    '{name} commence ou finit au milieu d’une période : il est compté depuis et jusqu’au début de période le plus proche, son montant au prorata des jours.',
  ],
  [
    '{name} is counted from and to the nearest beginning of {months} months.',
    '{name} est compté depuis et jusqu’au début le plus proche d’une tranche de {months} mois.',
  ],
  [
    '{name} is in force for too little of the horizon to be counted: the plan leaves it out.',
    '{name} est en vigueur trop peu de temps dans l’horizon pour être compté : le plan l’omet.',
  ],
  [
    '{name} is trued up at its end, here in every period: where one period may make up for another, the plan costs at most this.',
    '{name} est soldé à son terme, ici à chaque période : si une période peut en compenser une autre, le plan coûte au plus ce qui est dit.',
  ],
  [
    '{name} is trued up more often than once a period: the plan may cost more than this.',
    '{name} est soldé plus d’une fois par période : le plan peut coûter plus que ce qui est dit.',
  ],
  [
    '{name} began before the horizon: of its amount, the part of the days that are left is counted, whatever was spent so far.',
    '{name} a commencé avant l’horizon : de son montant est comptée la part des jours restants, quoi qu’il ait été dépensé jusque-là.',
  ],
  [
    'When another vendor is gone, {names} is taken to give {share} of the demand of its classes without any contract: nobody says otherwise.',
    'Quand un autre fournisseur disparaît, {names} est supposé donner {share} de la demande de ses classes sans aucun contrat : rien ne dit le contraire.',
  ],
  [
    "When another vendor is gone, {names} is taken to give {share} of a month's part of its pool: nobody says otherwise.",
    'Quand un autre fournisseur disparaît, {names} est supposé donner {share} de la part mensuelle de son engagement : rien ne dit le contraire.',
  ],
  [
    'When another vendor is gone, {names} is taken to give {share} more than what is reserved: nobody says otherwise.',
    'Quand un autre fournisseur disparaît, {names} est supposé donner {share} de plus que ce qui est réservé : rien ne dit le contraire.',
  ],
  [
    'Of capacity reserved for {names}, {share} is taken to be usable.',
    'De la capacité réservée pour {names}, {share} est supposé utilisable.',
  ],
  [
    "Fees that follow from list prices are those of today's list, also where something begins later.",
    'Les loyers tirés des prix publics sont ceux d’aujourd’hui, même pour ce qui commence plus tard.',
  ],
  [
    'What is reserved for a class serves that class only, none that it may stand in for.',
    'Ce qui est réservé pour une classe ne sert qu’elle, et aucune de celles qu’elle peut remplacer.',
  ],
  [
    'The futures are those of {name}: no others can be drawn, so the plan is judged by the same futures that it was made for.',
    'Les scénarios sont ceux de {name} : on ne peut en tirer d’autres, et le plan est donc jugé sur ceux pour lesquels il a été établi.',
  ],
  [
    'For lack of CPU-seconds no plan was made for the average future, and single vendors got the best of their pools only.',
    'Faute de secondes de calcul, aucun plan n’a été fait pour le scénario moyen, et les fournisseurs uniques n’ont eu que le meilleur de leurs engagements.',
  ],
  ['Not looked at, because it was stopped: {step}.', 'Non examiné, parce que le calcul a été arrêté : {step}.'],
  [
    'Not looked at, for lack of CPU-seconds: {step}. Give more with --cpu.',
    'Non examiné, faute de secondes de calcul : {step}. Donnez-en davantage avec --cpu.',
  ],
];

/** What a hole `step` may hold. */
const steps: Readonly<Record<string, string>> = {
  outages: 'les défaillances',
  dependence: 'la dépendance',
  'fresh futures': 'les scénarios nouveaux',
  comparisons: 'les comparaisons',
  'negotiation sheets': 'les fiches de négociation',
  'other levels of the policy': 'les autres niveaux de la politique',
};

/** What a hole `clauses` may hold. */
const clauses: Readonly<Record<string, string>> = {
  rollover: 'le report du reliquat',
  'carry-forward': 'le report du dépassement',
  'rollover and carry-forward': 'le report du reliquat et du dépassement',
};

const filled = (hole: string, text: string): string => {
  switch (hole) {
    case 'names':
      return text.replaceAll(/ or (?=[^,]*$)/g, ' ou ');
    case 'share':
      return text.replace('.', ',');
    case 'step':
      return steps[text] ?? text;
    case 'clauses':
      return clauses[text] ?? text;
    default:
      return text;
  }
};

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const holePattern = /\{(\w+)\}/;

const patterns = phrases.map(([english, french]) => {
  // Between holes there is text, at odd places the names of holes. Only names may be told in several parts.
  const source = english
    .split(holePattern)
    .map((piece, at) => (at % 2 === 0 ? escaped(piece) : `(?<${piece}>${piece === 'names' ? '[^;]' : '.'}+?)`));
  return { pattern: new RegExp(`^${source.join('')}$`, 's'), french: french.replaceAll(/ (?=[:;?!%])/g, '\u00a0') };
});

const phraseInFrench = (text: string): string | null => {
  for (const { pattern, french } of patterns) {
    const match = pattern.exec(text);
    if (match !== null)
      return french.replace(/\{(\w+)\}/g, (_, hole: string) => filled(hole, match.groups?.[hole] ?? ''));
  }
  return null;
};

/** What somebody else wrote in English, in French; null where nobody told how. Parts that semicolons divide may be told one by one. */
export const inFrench = (text: string): string | null => {
  const whole = phraseInFrench(text);
  if (whole !== null) return whole;
  const parts = text.split('; ').map(phraseInFrench);
  return parts.length > 1 && parts.every((part) => part !== null) ? parts.join('\u00a0; ') : null;
};
