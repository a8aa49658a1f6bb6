// Every word and sentence of the reports in French.
import { figuresOf } from '../Figures.ts';
import type { PlanWords } from './english.ts';
import { typeset as t } from './typeset.ts';

const figures = figuresOf('fr', '');

/** "1 contrat", "3 contrats". */
const counted = (count: number, one: string, many = `${one}s`): string =>
  `${figures.count(count)} ${Math.abs(count) < 2 ? one : many}`;

/** "d’aurora", "de borealis". */
const of = (name: string): string => (/^[aeiou]/i.test(name.normalize('NFD')) ? `d’${name}` : `de ${name}`);

const contracts = (count: number): string => counted(count, 'contrat');
const work = (programs: number, nodes: number): string =>
  `${counted(programs, 'programme linéaire', 'programmes linéaires')}, ${counted(nodes, 'nœud')}`;

export const french: PlanWords = {
  title: (years) => t`Quels contrats signer, ${years}`,
  made: (file, day, version, currency) =>
    t`Plan établi le ${day} par Archipel ${version}, à partir de ${file}. Tous les montants sont en ${currency}.`,
  navigation: 'Sommaire',
  years: (first, last) => `${first} à ${last}`,
  withinOne: (year) => `en ${year}`,
  within: (first, last) => `de ${first} à ${last}`,
  tail: (share) => t`les ${share} de scénarios les plus chers`,
  futures: (count) => counted(count, 'scénario'),
  contracts,
  between: (least, most) => `${least} à ${most}`,
  upTo: (amount) => `jusqu’à ${amount}`,
  units: {
    unitsPerMonth: (amount) => `${amount} unités par mois`,
    tokensPerMinute: (amount) => `${amount} jetons par minute`,
    moneyPerMinute: (amount) => `${amount} par minute`,
    moneyPerHour: (amount) => `${amount} par heure`,
    accelerators: (count) => counted(count, 'accélérateur'),
  },
  kinds: { pool: 'engagement de dépense', floor: 'capacité réservée', slot: 'créneau de machines' },
  lossKinds: { vendor: 'fournisseur', host: 'hébergeur' },
  capKinds: { vendor: 'fournisseur', host: 'hébergeur', jurisdiction: 'juridiction', lab: 'laboratoire' },
  sign: {
    nothing: t`Ne rien signer : payer à l’usage.`,
    all: (signed, vendors, committed) =>
      t`Signer ${signed} avec ${vendors} : ${committed} d’engagement en tout, consommés ou non.`,
    kept: (count) => `${counted(count, 'contrat déjà signé est conservé', 'contrats déjà signés sont conservés')}.`,
    allNow: (day) => `Le tout est à signer d’ici au ${day}.`,
    someNow: (amount, signed, day) => t`Dont ${amount} à signer maintenant : ${signed}, d’ici au ${day}.`,
    noneNow: (day) => `Rien n’est à signer d’ici au ${day}.`,
    later: (amount, day) =>
      t`${amount} peuvent attendre : la prochaine signature est à faire d’ici au ${day}. Refaites le plan avant.`,
  },
  cost: {
    fresh: (years, mean, futures, low, high) =>
      t`${years}, l’ensemble coûte ${mean} en moyenne, sur ${futures} pour lesquels le plan n’a pas été établi (sûr à 95 % : de ${low} à ${high}).`,
    planned: (years, mean, futures) =>
      `${years}, l’ensemble coûte ${mean} en moyenne, sur les ${futures} pour lesquels il a été établi.`,
    tail: (tail, cvar) => `Dans ${tail}, il coûte ${cvar} en moyenne.`,
    nothingDearer: (amount, share) =>
      `Ne rien signer de nouveau coûterait ${amount} de plus (${share}), bons et mauvais scénarios pondérés selon votre politique.`,
    nothingCheaper: (amount, share) =>
      `Ne rien signer de nouveau coûterait ${amount} de moins (${share}), mais enfreint votre politique.`,
  },
  gap: {
    unknown: 'Rien n’est prouvé sur ce qu’un autre plan pourrait faire économiser.',
    closed: t`Aucun plan dans les garde-fous n’est moins cher : c’est prouvé.`,
    proven: (share) => t`Aucun plan dans les garde-fous ne peut être moins cher de plus de ${share} : c’est prouvé.`,
  },
  outage: {
    unasked: t`Votre politique n’exige rien en cas de défaillance : ce qui serait servi si un fournisseur disparaissait n’a pas été examiné.`,
    host: (name) => `l’hébergeur ${name}`,
    everything: (kinds) => `Quel que soit le ${kinds} qui disparaît, et quelle que soit l’année, tout est servi.`,
    broken: (lost, period, share, name, asked, binding) =>
      t`Si ${lost} disparaît (${period}), seuls ${share} de ${name} sont servis, là où votre politique exige ${asked} : ${binding}.`,
    met: (kinds) =>
      `Quel que soit le ${kinds} qui disparaît, et quelle que soit l’année, votre règle de continuité est respectée.`,
    closest: (lost, period, share, name, asked) =>
      t`Le cas le plus tendu est la perte ${of(lost)} (${period}) : ${share} de ${name} sont servis, pour ${asked} exigés.`,
  },
  noPlan: {
    stopped: t`Il n’y a pas de plan : la recherche a été arrêtée avant d’en trouver un.`,
    unfound: t`Il n’y a pas de plan : aucun n’a été trouvé dans les secondes de calcul accordées. Donnez-en davantage avec --cpu.`,
    infeasible: t`Votre politique est intenable : aucun plan ne la respecte.`,
    conflict: t`Un plus petit ensemble d’exigences qui ne peuvent être tenues ensemble, quoi qu’on signe, et ce qu’on peut obtenir de chacune :`,
    relaxation: t`La politique tenable la plus proche exige plutôt ceci :`,
    rule: (lost, period, share, classes) => `${lost} disparu (${period}), ${share} de ce qui est exigé pour ${classes}`,
    mend: t`Abaissez policy.resilience.servedShare ou servedShareUnderOutage de ces classes, ou ajoutez des offres ou des sources ; si les fournisseurs donnent sur-le-champ plus que supposé, dites-le dans vendors.burst.`,
  },
  headline: {
    heading: 'En bref',
    now: 'À signer maintenant',
    nowNote: (signed, day) => `${signed}, d’ici au ${day}`,
    nowNothing: 'aucune échéance',
    committed: 'Engagement total',
    committedNote: (signed) => `${signed}, consommés ou non`,
    cost: 'Coût attendu',
    costNote: (years, futures) => `${years}, moyenne de ${futures}`,
    tail: 'Mauvais scénarios',
    tailNote: (tail) => `moyenne sur ${tail}`,
    gap: 'Marge d’écart prouvée',
    gapNote: 'au plus, parmi tous les plans dans les garde-fous',
    gapUnknown: 'inconnue',
    outage: 'Servi en cas de perte',
    outageNote: (name, lost, period, asked) => t`${name} sans ${lost} (${period}) ; ${asked} exigés`,
    outageNone: 'non exigé',
  },
  decisions: {
    heading: 'Que signer, et quand',
    chart: 'Contrats par date',
    lead: t`Chaque barre est un contrat, du premier au dernier jour. Ce qui est à signer maintenant est en gras ; ce qui est déjà signé est en gris.`,
    description: (count) => t`Frise de ${contracts(count)} ; les mêmes dans le tableau ci-dessous.`,
    table: 'Tous les contrats et leurs conditions',
    none: t`Il n’y a rien à signer : payer à l’usage est le meilleur plan trouvé.`,
    contract: 'Contrat',
    vendor: 'Fournisseur',
    offer: 'Offre',
    kind: 'Nature',
    size: 'Volume',
    from: 'Du',
    until: 'Au',
    months: 'Mois',
    terms: 'Conditions',
    signBy: 'À signer d’ici au',
    signed: 'déjà signé',
    now: (day) => `${day} (maintenant)`,
    off: (discount) => `remise de ${discount}`,
    fee: (amount) => `${amount} par mois`,
    upfront: (share) => `${share} payés d’avance`,
    steps: (name) => t`${name} : dépense due par période`,
    period: 'Période',
    toBeSpent: 'À dépenser, remise déduite',
  },
  costs: {
    heading: 'Ce que cela coûte',
    byYear: 'Coût par année et par fournisseur',
    byYearLead: t`Moyenne de tous les scénarios : consommation après remise, réservations, et ce qui est payé pour des engagements non consommés.`,
    byYearDescription: t`Colonnes empilées, une par année, une part par fournisseur ; les mêmes chiffres dans le tableau ci-dessous.`,
    byYearTable: 'Chiffres par année et par fournisseur',
    others: 'autres',
    vendor: 'Fournisseur',
    capital: 'Non payé aux fournisseurs',
    total: 'Total',
    distribution: 'Jusqu’où le coût peut s’écarter',
    distributionLead: (tail) =>
      `Combien de scénarios coûtent combien sur tout l’horizon. Une couleur plus forte marque ${tail}.`,
    distributionDescription: t`Histogramme du coût de chaque scénario ; ses quantiles sont dans le tableau ci-dessous.`,
    distributionTable: 'Quantiles',
    mean: (amount) => `moyenne ${amount}`,
    cvar: (amount) => `moyenne des mauvais scénarios ${amount}`,
    quantile: 'Part des scénarios qui coûtent moins que',
    cost: 'Coût',
    interval: t`Intervalle du total à 95 %`,
  },
  outages: {
    heading: 'Si un fournisseur disparaît',
    lead: t`Ce qui est servi de la classe la plus touchée, selon qui disparaît et quand. Une couleur plus forte vaut mieux ; un repère signale que moins est servi que votre politique ne l’exige.`,
    chart: 'Part servie, classe la plus touchée',
    lost: 'Disparu',
    host: '(hébergeur)',
    kind: 'Nature',
    short: 'trop peu',
    table: 'Chaque fournisseur, hébergeur, année et classe',
    class: 'Classe',
    year: 'Année',
    served: 'Servi',
    asked: 'Exigé',
    binding: 'Ce qui empêche davantage',
    shared: 'Partagé avec',
    none: t`Votre politique n’a pas de règle de continuité (policy.resilience) : rien n’est certifié.`,
    rule: (rule) => t`Là où il y a trop peu, la capacité est partagée ainsi : ${rule}`,
    assumption:
      'Ce qu’un fournisseur donne sur-le-champ quand un autre disparaît est une hypothèse du fichier, tant que cela n’a pas été mesuré.',
  },
  dependency: {
    heading: 'De qui l’on dépend',
    lead: t`Parts soumises à plafond, par année : moyenne et, entre parenthèses, pire scénario. La dernière ligne est l’indice de Herfindahl-Hirschman de ce qui est payé aux fournisseurs : 1 pour un seul, 0,2 pour cinq égaux.`,
    cap: 'Plafond sur',
    limit: 'Au plus',
    binds: 'Contraint',
    yes: 'oui',
    no: 'non',
    concentration: 'Concentration (IHH, de 0 à 1)',
  },
  comparisons: {
    heading: 'Comparé à plus simple',
    lead: t`Coût pondéré du risque d’autres façons de décider, sur les mêmes scénarios. Certaines enfreignent votre politique : ce qu’elles économisent est ce que votre politique coûte.`,
    chart: 'Coût pondéré du risque',
    description: t`Barres, une par façon de décider ; les mêmes chiffres dans le tableau ci-dessous.`,
    table: 'Chiffres, et où la politique est enfreinte',
    way: 'Façon',
    mean: 'Moyenne',
    cvar: 'Mauvais scénarios',
    objective: 'Pondéré du risque',
    dearer: 'Surcoût face au plan',
    policy: 'Politique',
    keeps: 'respectée',
    breaks: 'enfreint la politique',
    more: (count) => `et ${figures.count(count)} de plus`,
    ways: {
      plan: 'Ce plan',
      nothing: 'Ne rien signer de nouveau',
      onDemand: 'Tout à l’usage',
      singleVendor: (vendor) => `Tout ce qui se peut chez ${vendor}`,
      anyVendor: 'Tout ce qui se peut chez un seul',
      greedy: 'Plus gros engagement que l’usage attendu remplit',
      meanScenario: 'Plan fait pour le scénario moyen',
    },
    brokenCap: (name, share, period, limit) => `${name} atteint ${share} (${period}), plafond ${limit}`,
    brokenOutage: (lost, period, share, name, asked) =>
      `${lost} disparu (${period}), ${share} de ${name} servis, pour ${asked} exigés`,
    brokenContract: (name) => `le contrat signé ${name} n’est pas tenu`,
    stochastic: (amount) => `Prévoir tous les scénarios au lieu de leur moyenne économise ${amount}.`,
    stochasticNone: 'Prévoir tous les scénarios au lieu de leur moyenne n’économise rien ici.',
  },
  frontiers: {
    heading: 'Ce que votre politique coûte',
    outageCover: 'Coût selon la part servie en cas de défaillance',
    cap: 'Coût selon le plafond de dépendance',
    lead: 'Le meilleur plan trouvé à chaque niveau. La bande dessous est ce que laissent les bornes prouvées.',
    description: t`Courbe du coût selon le niveau de la politique ; les mêmes chiffres dans le tableau ci-dessous.`,
    table: 'Chiffres',
    current: 'politique actuelle',
    level: 'Niveau',
    cost: 'Meilleur plan trouvé',
    bound: t`Prouvé : pas en dessous de`,
    mean: 'Moyenne',
    cvar: 'Mauvais scénarios',
    infeasible: 'hors d’atteinte',
    unknown: 'aucun plan trouvé',
    prices: 'En toutes lettres',
    capStep: (to, from) => `un plafond de ${to} au lieu de ${from}`,
    outageStep: (to, from) => `servir ${to} en cas de défaillance au lieu de ${from}`,
    unpriced: (step) =>
      t`On ignore ce que coûterait ${step} : l’un des deux est hors d’atteinte, ou aucun plan n’a été trouvé.`,
    free: (step, range) => `${step} ne coûte rien de plus${range}.`,
    saves: (step, amount, range) => `${step} économise ${amount}${range}.`,
    costs: (step, amount, range) => `${step} coûte ${amount}${range}.`,
    range: (least, most) => t` (prouvé : entre ${least} et ${most})`,
  },
  negotiations: {
    heading: 'Pour la négociation',
    lead: 'Ce que chaque fournisseur doit battre. Les estimations laissent le reste du plan tel quel.',
    size: 'Volume',
    term: 'Durée',
    termOf: (months, day) => `${figures.count(months)} mois dès le ${day}`,
    at: (offer, source) => `${offer}, pour ${source}`,
    state: 'Dans le plan',
    yes: 'oui',
    no: 'non',
    signed: 'déjà signé',
    breakEven: 'Bat le prix public à partir de (par an)',
    never: 'jamais',
    partlyNever: (amounts) => `${amounts}, jamais dans certaines périodes`,
    used: (share) => `${share} d’usage`,
    expected: 'Usage attendu (par an)',
    forced: 'Le signer quand même',
    forcedPart: (amount) => `${amount} pour un peu seulement`,
    forcedShort: (amount) => `${amount}, et trop peu est servi en cas de défaillance`,
    entry: 'Remise qui le fait entrer',
    entryNone: 'aucune ne suffit',
    entryOf: (needed, current) => t`${needed} (offerte :\u00a0${current})`,
    more: (count) => t`${counted(count, 'autre offre', 'autres offres')} : voir archipel plan --json.`,
    unseen: (vendor) => `Ce que valent les offres ${of(vendor)} n’a pas été examiné.`,
    needed: (vendor) =>
      t`Sans les offres ${of(vendor)}, votre politique est intenable : il faut signer, ou changer de politique.`,
    unfound: (vendor) => t`On ignore ce que valent les offres ${of(vendor)} : aucun plan n’a été trouvé sans elles.`,
    walkAway: (vendor, range) =>
      t`On peut se passer ${of(vendor)} : le meilleur plan trouvé sans ses offres ne coûte pas plus${range}.`,
    worth: (vendor, amount, range) =>
      t`Renoncer aux offres ${of(vendor)} coûte ${amount}${range} : c’est ce qu’il y a à perdre.`,
  },
  grounds: {
    heading: 'Sur quoi tout repose',
    reading: 'Comment le lire',
    weights: (meanShare, tailShare, tail) =>
      t`Le plan rend minimal le coût pondéré du risque : ${meanShare} de la moyenne, et ${tailShare} de la moyenne sur ${tail}.`,
    nominal: t`Les montants sont ceux d’aujourd’hui : rien n’est actualisé, et les taxes n’y sont pas.`,
    now: (day) =>
      `Est à signer maintenant ce qui doit l’être d’ici au ${day}, délais de mise en place compris. Tout le reste pourra être redécidé le moment venu.`,
    whole: t`Les accélérateurs sont arrondis à l’unité supérieure, et leurs loyers avec eux ; les autres coûts sont ceux d’avant l’arrondi.`,
    stopped: t`La recherche a été arrêtée avant sa limite : voici le meilleur plan jusque-là, avec son écart véritable.`,
    precise: (futures, share) =>
      `Le coût attendu est mesuré sur ${futures} pour lesquels le plan n’a pas été établi. L’intervalle est de ${share} de part et d’autre.`,
    imprecise: (futures, share) =>
      `Le coût attendu est mesuré sur ${futures} pour lesquels le plan n’a pas été établi. L’intervalle est de ${share} de part et d’autre, plus large que demandé.`,
    capPenalty: (amount) =>
      `Dans certains scénarios, des plafonds de votre politique sont franchis, faute d’autre issue. Pour cela, ${amount} sont comptés en moyenne, que personne ne touche.`,
    burnt: (amount) => `En moyenne, ${amount} sont payés pour rien afin qu’un plafond sur ce qui est payé soit tenu.`,
    signingCost: (amount) =>
      t`${amount} du coût attendu sont le coût de l’argent payé avant d’être consommé ; aucun fournisseur ne le touche.`,
    carried: (amount) =>
      t`En moyenne, ${amount} sont économisés parce que ce qui n’est pas dépensé, ou l’est au-delà d’un engagement, compte plus tard. Les coûts attendus en tiennent compte ; ce qui est prouvé, non.`,
    assumptions: 'Hypothèses',
    noAssumptions: 'Aucune, hormis ce que dit le fichier.',
    guards: 'Garde-fous de la recherche',
    guardsLead:
      'La recherche est restée dans des garde-fous qui écartent des plans. Le plan les respecte, et ce qui est prouvé vaut pour les plans qui les respectent.',
    usageBinds: (withGuard, without) =>
      t`Le garde-fou sur l’usage d’un seul fournisseur contraint le plan : avec lui il coûte ${withGuard}, sans lui ${without}.`,
    usageFree: t`Le garde-fou sur l’usage d’un seul fournisseur ne contraint pas le plan : sans lui il coûte autant.`,
    reservationsBind: (where) =>
      t`Le garde-fou sur les réservations contraint le plan (${where}) : davantage n’a pas été examiné. Relevez policy.guards.reservationShare pour chercher plus loin.`,
    vendorIn: (vendor, period) => `${vendor} en ${period}`,
    reservationsFree: (share) =>
      t`Le garde-fou sur les réservations ne contraint pas le plan : elles en atteignent ${share} au plus.`,
    inputs: 'Données de départ',
    key: 'Donnée',
    value: 'Valeur',
    file: 'Fichier de portefeuille',
    sha256: 'SHA-256 du fichier',
    seed: 'Graine du hasard',
    scenarios: 'Scénarios du plan',
    limits: 'Limites de la recherche',
    limitsOfTime: (cpuSeconds, gap) => `${cpuSeconds} secondes de calcul, ou un écart de ${gap}`,
    limitsOfWork: work,
    cpuSeconds: 'Secondes de calcul en tout',
    done: 'Travail fait',
    work,
    bounds: t`Coût pondéré du risque : plan, et borne inférieure prouvée`,
    version: 'Archipel',
  },
};
