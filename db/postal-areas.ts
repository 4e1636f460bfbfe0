import type { Point } from '../src/domain/fulfilment/facts.ts'
import type { JsonValue, Sql } from './connect.ts'

/** A postal code as `plainPostalCode` reads it, in a country. */
export type PostalCode = { readonly country: string; readonly code: string }

/** Where each of these codes lies; null where nothing like it is known. */
export async function postalPoints(sql: Sql, codes: readonly PostalCode[]): Promise<(Point | null)[]> {
  if (codes.length === 0) return []
  const rows = await sql<{ latitude: number | null; longitude: number | null }[]>`
    select p.latitude, p.longitude from unnest(${codes.map(one => one.country)}::text[], ${codes.map(one => one.code)}::text[]) with ordinality a (country, code, n)
    left join lateral postal_point(a.country, a.code) p on true order by a.n`
  return rows.map(({ latitude, longitude }) => (latitude === null || longitude === null ? null : { latitude, longitude }))
}

export type PostalCountry = {
  readonly country: string
  readonly codes: number
  /** When its file came in, and by whom; null where nobody noted it. */
  readonly importedAt: Date | null
  readonly actor: string | null
}

/** Of which countries postal codes are known. */
export function postalCountries(sql: Sql): Promise<PostalCountry[]> {
  return sql<PostalCountry[]>`
    select p.country, p.codes, a.at as "importedAt", a.actor from (select country, count(*)::int as codes from postal_areas group by country) p
    left join lateral (select at, actor from audit where subject = 'country:' || p.country and act = 'postal_areas_put' order by id desc limit 1) a on true
    order by p.country`
}

/** Puts what is known of a country's codes in the place of what was; answers how many there are, null where the key was used for something else. */
export async function putPostalAreas(sql: Sql, cmd: Readonly<Record<string, JsonValue>>): Promise<number | null> {
  const [row] = await sql<{ answer: { outcome: string; areas?: number } }[]>`select postal_areas_put_1(${sql.json(cmd)}) as answer`
  return row?.answer.areas ?? null
}
