import type { Sql } from './connect.ts'

export type LocationKind = 'warehouse' | 'store' | 'distributor' | 'platform'

export type LocationRow = {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly kind: LocationKind
  readonly zone: string
  readonly country: string | null
  readonly active: boolean
  readonly createdAt: Date
}

const columns = (sql: Sql) => sql`select id, code, name, kind, zone, country, active, created_at as "createdAt" from locations`

/** Locations in the order of their ids, after the id. */
export function listLocations(sql: Sql, after: number, limit: number): Promise<LocationRow[]> {
  return sql<LocationRow[]>`${columns(sql)} where id > ${after} order by id limit ${limit}`
}

/** The location with this code. */
export async function readLocation(sql: Sql, code: string): Promise<LocationRow | null> {
  const [row] = await sql<LocationRow[]>`${columns(sql)} where code = ${code}`
  return row ?? null
}
