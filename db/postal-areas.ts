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

/** Puts what is known of a country's codes in the place of what was; answers how many there are, null where the key was used for something else. */
export async function putPostalAreas(sql: Sql, cmd: Readonly<Record<string, JsonValue>>): Promise<number | null> {
  const [row] = await sql<{ answer: { outcome: string; areas?: number } }[]>`select postal_areas_put_1(${sql.json(cmd)}) as answer`
  return row?.answer.areas ?? null
}
