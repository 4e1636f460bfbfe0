import type { Sql } from './connect.ts'

/**
 * A place in a list that is ordered by an instant and an id. The instant stays text, because a Date would drop its microseconds and a row
 * could then be shown twice or never.
 */
export type Place = { readonly at: string; readonly id: number }

/** A page of rows and the place where the next one starts, null at the end. */
export type Page<Row> = { readonly rows: readonly Row[]; readonly next: string | null }

/** The place as it stands in an address: `2026-11-22 13:30:18.123456+00_42`. */
export function placeText(place: Place): string {
  return `${place.at}_${place.id}`
}

/** Reads a place from an address; null for anything that is none, so that a mangled address shows the first page. */
export function parsePlace(text: string | undefined): Place | null {
  const found = /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,6})?\+00)_(\d{1,15})$/.exec(text ?? '')
  const [, at, id] = found ?? []
  return at === undefined || id === undefined || Number.isNaN(Date.parse(at)) ? null : { at, id: Number(id) }
}

/** Cuts one row more than asked off a list and makes the place of the next page of the last row that is shown. */
export function cut<Row>(rows: readonly Row[], limit: number, place: (row: Row) => string): Page<Row> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { rows: shown, next: rows.length > limit && last !== undefined ? place(last) : null }
}

/** Text for `like`, with its signs taken literally, to be found anywhere in a column. */
export function contains(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

/** A variant's title for people: its own where that says it all, else the product's with the variant's behind it. Needs `v` and `p` in the statement. */
export function variantTitle(sql: Sql) {
  return sql`case when v.title = '' then p.title when starts_with(v.title, p.title) then v.title else p.title || ' · ' || v.title end`
}
