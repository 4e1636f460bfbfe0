import type { Sql } from './connect.ts'

/** The instant from which the next poll of an account must ask; null before its first. */
export async function polledUntil(sql: Sql, accountId: number): Promise<Date | null> {
  const [row] = await sql<
    { until: Date | null }[]
  >`select coalesce(polled_until, covered_until) as until from accounts where id = ${accountId}`
  return row?.until ?? null
}

/** A poll has asked for everything before the instant, whether or not all of it was understood. */
export async function notePolled(sql: Sql, accountId: number, until: Date): Promise<void> {
  await sql`
    update accounts set polled_until = greatest(coalesce(polled_until, '-infinity'), ${until}::timestamptz), polled_at = clock_timestamp()
    where id = ${accountId}`
}

/** What a poll keeps aside is not in the books when its reason begins with one of these; an `unmatched` order is. */
const NOT_BOOKED = '^(unreadable|unknown_channel|refused):'

/**
 * Whether an order that a poll met is not in the books: kept aside, or taken up again and not read since. Until it is, nobody can say that
 * all orders are known. One that the platform has no more is waited for a few readings long.
 */
export async function isCoverageHeldUp(sql: Sql, accountId: number): Promise<boolean> {
  const [row] = await sql<{ held: boolean }[]>`
    select exists (select from inbox where account_id = ${accountId} and source = 'poll'
        and (state = 'new' or (state = 'refused' and reason ~ ${NOT_BOOKED})))
      or exists (select from rereads r join inbox i on i.account_id = r.account_id and i.topic = r.external_id and i.source = 'poll'
        where r.account_id = ${accountId} and r.attempts < 5) as held`
  return row?.held ?? false
}

/** These orders are in the books now: what polls kept aside of them is done. */
export async function settleKept(sql: Sql, accountId: number, externalIds: readonly string[]): Promise<void> {
  if (externalIds.length === 0) return
  await sql`
    update inbox set state = 'done', reason = 'understood since', done_at = clock_timestamp()
    where account_id = ${accountId} and source = 'poll' and topic = any(${externalIds as string[]}::text[])
      and state = 'refused' and reason ~ ${NOT_BOOKED}`
}

/** Keeps a message aside again that was taken up and still cannot be used. Its id; null when it waits, or is aside already. */
export async function keepAsideAgain(sql: Sql, accountId: number, deliveryId: string, reason: string): Promise<number | null> {
  const [row] = await sql<{ id: number }[]>`
    update inbox set state = 'refused', reason = ${reason}, done_at = clock_timestamp()
    where account_id = ${accountId} and delivery_id = ${deliveryId} and source = 'poll' and state = 'done' returning id`
  return row?.id ?? null
}

/** Takes up again what is kept aside as unmatched, if any of these SKUs became known while its order was being booked without it. */
export async function reopenIfKnown(sql: Sql, accountId: number, skus: readonly string[]): Promise<void> {
  if (skus.length === 0) return
  await sql`
    select inbox_reopen_unmatched(${accountId}) where exists (select from variants where sku = any(${skus as string[]}::text[]))
      or exists (select from listings where account_id = ${accountId} and external_sku = any(${skus as string[]}::text[]) and variant_id is not null)`
}
