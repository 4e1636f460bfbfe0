import type { Sql } from './connect.ts'

type Sealed = { readonly sealedKey: string; readonly sealedBody: string }
/** A link as it is kept: what finds it, and what it is, in base64. */
export type KeptLink = { readonly tokenHash: string; readonly sealedToken: string }

/**
 * Keeps a link to an order unless it has one; `renew`: in the place of the one it has, which finds nothing from then on. Beside the buyer's data, or `nobody` in their
 * place. Answers the sealed token that holds, or null where there is no such order or its buyer is to be forgotten.
 */
export async function keepLink(
  sql: Sql,
  given: { readonly orderId: number; readonly link: KeptLink; readonly nobody: Sealed; readonly renew: boolean; readonly actor: string },
): Promise<Uint8Array | null> {
  const { orderId, link, nobody, renew, actor } = given
  const [row] = await sql<{ token: Uint8Array }[]>`
    with known as (
      select id from orders where id = ${orderId} and people_gone_at is null for share
    ), buyer as (
      insert into order_people (order_id, sealed_key, sealed_body)
      select id, decode(${nobody.sealedKey}, 'base64'), decode(${nobody.sealedBody}, 'base64') from known on conflict do nothing
    ), noted as (
      insert into audit (actor, act, subject) select ${actor}, 'order.link.renew', 'order:' || id from known where ${renew}
    )
    insert into tracking_links as t (order_id, token_hash, sealed_token, actor)
    select id, decode(${link.tokenHash}, 'base64'), decode(${link.sealedToken}, 'base64'), ${actor} from known
    on conflict (order_id) do update set
      token_hash = case when ${renew} then excluded.token_hash else t.token_hash end,
      sealed_token = case when ${renew} then excluded.sealed_token else t.sealed_token end,
      actor = case when ${renew} then excluded.actor else t.actor end, made_at = case when ${renew} then excluded.made_at else t.made_at end
    returning sealed_token as token`
  return row?.token ?? null
}

/** The sealed token of the link to an order, and whether it may have one. */
export async function readLink(
  sql: Sql,
  orderId: number,
): Promise<{ readonly token: Uint8Array | null; readonly isForgotten: boolean } | null> {
  const [row] = await sql<{ token: Uint8Array | null; isForgotten: boolean }[]>`
    select t.sealed_token as token, o.people_gone_at is not null as "isForgotten" from orders o left join tracking_links t on t.order_id = o.id where o.id = ${orderId}`
  return row ?? null
}

/** The order that a link leads to, by the hash of its token. */
export async function orderOfLink(sql: Sql, tokenHash: Uint8Array): Promise<number | null> {
  const [row] = await sql<{ id: number }[]>`select order_id as id from tracking_links where token_hash = ${tokenHash}`
  return row?.id ?? null
}
