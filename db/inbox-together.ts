import type { Sql } from './connect.ts'
import type { Delivery, WebhookAccount } from './inbox.ts'
import { withPlansAtHand } from './own-connection.ts'

/**
 * Stores deliveries as `inboxPut` does, many by one statement. Answers the inbox row's id of each, in their order; null where the delivery was there already.
 * When it throws, the outcome is unknown, and the platforms' next try is harmless.
 */
export async function inboxPutTogether(sql: Sql, deliveries: readonly Delivery[]): Promise<(number | null)[]> {
  const bodies = deliveries.map(one => Buffer.from(one.sealedBody).toString('base64'))
  const rows = await withPlansAtHand(
    sql,
    own => own<{ at: number; id: number }[]>`
    with told as (
      -- Of a delivery that came twice at once, the first.
      select distinct on (account_id, delivery_id) * from unnest(${deliveries.map(one => one.accountId)}::bigint[], ${deliveries.map(one => one.source)}::text[],
        ${deliveries.map(one => one.deliveryId)}::text[], ${deliveries.map(one => one.topic)}::text[], ${bodies}::text[])
        with ordinality d(account_id, source, delivery_id, topic, body, at)
      order by account_id, delivery_id, at
    ), put as (
      insert into inbox (account_id, source, delivery_id, topic, body) select account_id, source, delivery_id, topic, decode(body, 'base64') from told
      order by account_id, delivery_id
      on conflict (account_id, delivery_id) do nothing
      returning id, account_id, delivery_id
    ), rung as (
      -- The account is rung for once; whoever hears it takes all that wait.
      insert into change (kind, account_id) select distinct 'inbox', account_id from put
    )
    select t.at::int as at, p.id from put p join told t using (account_id, delivery_id)`,
  )
  const ids: (number | null)[] = deliveries.map(() => null)
  for (const { at, id } of rows) ids[at - 1] = id
  return ids
}

/** The accounts behind many tokens, in their order, as `webhookAccount` finds one. */
export async function webhookAccountsTogether(sql: Sql, tokens: readonly string[]): Promise<(WebhookAccount | null)[]> {
  const rows = await withPlansAtHand(
    sql,
    own => own<(WebhookAccount & { token: string })[]>`
    select webhook_token as token, id, platform, webhook_secret as "sealedSecret", settings, credentials as "sealedCredentials" from accounts
    where webhook_token = any(${[...new Set(tokens)]}::text[])`,
  )
  const found = new Map(rows.map(({ token, ...account }) => [token, account]))
  return tokens.map(token => found.get(token) ?? null)
}
