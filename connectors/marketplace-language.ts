/** The language of a country's marketplace, as a tag; by the country's code. Where a country has several, the one of its marketplace's own pages. */
const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ AE: 'en-AE', AT: 'de-AT', AU: 'en-AU', BE: 'fr-BE', BR: 'pt-BR', CA: 'en-CA', CH: 'de-CH', CN: 'zh-CN', DE: 'de-DE', EG: 'ar-EG' },
  ...{ ES: 'es-ES', FR: 'fr-FR', GB: 'en-GB', HK: 'zh-HK', IE: 'en-IE', IN: 'en-IN', IT: 'it-IT', JP: 'ja-JP', MX: 'es-MX', MY: 'en-MY' },
  ...{ NL: 'nl-NL', PH: 'en-PH', PL: 'pl-PL', SA: 'ar-SA', SE: 'sv-SE', SG: 'en-SG', TH: 'th-TH', TR: 'tr-TR', TW: 'zh-TW', US: 'en-US' },
  ...{ VN: 'vi-VN', ZA: 'en-ZA' },
}

/** The language that buyers of a country's marketplace read; none where it is not known. */
export const languageOfCountry = (code: string | undefined): { readonly language?: string } => {
  const language = code === undefined ? undefined : LANGUAGES[code]
  return language === undefined ? {} : { language }
}
