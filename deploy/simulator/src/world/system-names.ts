/** The bank's systems. Credit cards live in `card`, wealth holdings and funds in `wealth` where these speak, all else in `core`. */
export const systemNames = ['core', 'card', 'wealth'] as const;
export type SystemName = (typeof systemNames)[number];
