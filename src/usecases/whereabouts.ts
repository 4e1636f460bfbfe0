import type { Sql } from '../../db/connect.ts'
import { type PostalCode, postalPoints } from '../../db/postal-areas.ts'
import type { Point, Whereabouts } from '../domain/fulfilment/facts.ts'
import { countryMiddle } from '../values/country-middle.ts'
import { plainPostalCode } from '../values/postal-code.ts'

/** What was told of where something is. */
export type Told = { readonly country: string | null; readonly postalCode: string | null; readonly point: Point | null }

/** Where each of these is, as well as it is known: the point that was told, else where the postal code lies, else the middle of the country. Nobody else is asked. */
export async function whereaboutsOf(sql: Sql, told: readonly Told[]): Promise<Whereabouts[]> {
  const codes = told.map(({ country, postalCode, point }): PostalCode | null => {
    const code = postalCode === null ? null : plainPostalCode(postalCode)
    return point !== null || country === null || code === null ? null : { country, code }
  })
  const found = await postalPoints(
    sql,
    codes.flatMap(one => one ?? []),
  )
  let next = 0
  return told.map(({ country, point }, n): Whereabouts => {
    if (point !== null) return { country, point }
    const byCode = codes[n] === null ? null : found[next++]
    if (byCode) return { country, point: byCode, pointBy: 'postal_code' }
    const middle = country === null ? null : countryMiddle(country)
    return middle === null ? { country, point: null } : { country, point: middle, pointBy: 'country' }
  })
}
