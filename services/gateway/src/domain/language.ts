export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];

const maxLength = 256;

/** The better of our two languages for an `Accept-Language` header (RFC 9110 §12.5.4); English where it names neither. */
export function languageOf(header: string | undefined): Language {
  if (!header || header.length > maxLength) return 'en';
  let best: Language = 'en';
  let bestWeight = 0;
  for (const range of header.split(',')) {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
    const weight = Number(parameters.map((p) => /^\s*q=([0-9.]+)\s*$/.exec(p)?.[1]).find((q) => q !== undefined) ?? 1);
    const language = tag === 'zh' || tag.startsWith('zh-') ? 'zh-CN' : tag === 'en' || tag.startsWith('en-') ? 'en' : undefined;
    if (language && weight > bestWeight) {
      best = language;
      bestWeight = weight;
    }
  }
  return best;
}
