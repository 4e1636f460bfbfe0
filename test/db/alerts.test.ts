import { beforeEach, describe, expect, test } from 'vitest'
import { listDeliveries } from '../../db/alert-deliveries.ts'
import { type AlertRow, listAlerts, lookForAlerts } from '../../db/alerts.ts'
import { close, connect } from '../../db/connect.ts'
import { ALERT_KINDS } from '../../src/domain/sync/alert-kinds.ts'
import { addEndpoint, changeEndpoint } from '../../src/usecases/alert-endpoints.ts'
import { setAlertLimit } from '../../src/usecases/alert-limits.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { until } from '../support/until.ts'

const { sql, url } = await freshDatabase()
const context = { sql, keyring: await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`), actor: 'test' }
await layIn(sql, { MUG: { a: 9 }, LID: { a: 9 } })
const shop = await quietChannel(sql, 'shop')
const depot = await quietChannel(sql, 'depot')
await sql`update channels set publish_stock = true`
await sql`
  insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
  select ${shop.channelId}, ${shop.accountId}, sku, sku, sku, id from variants order by id`
const [mug = 0] = (await sql<{ id: number }[]>`select id from listings order by id`).map(row => row.id)

const S = 1_000
const MIN = 60 * S
const H = 60 * MIN
const start = Date.now()
const at = (ms: number) => new Date(start + ms)
const look = (ms: number) => lookForAlerts(sql, ALERT_KINDS, at(ms))
const open = () => listAlerts(sql, { open: true }, null, 50)
const told = async () => (await listDeliveries(sql, {}, null, 50)).map(row => `${row.endpoint} ${row.event}`).sort()
const only = (rows: readonly AlertRow[]): AlertRow => {
  const [row] = rows
  if (row === undefined || rows.length > 1) throw new Error(`${rows.length} alerts: ${rows.map(one => one.kind).join(' ')}`)
  return row
}
/** A value of the shop waits since the instant (null: none does). */
async function waits(ms: number | null): Promise<void> {
  await sql`delete from publications`
  if (ms === null) return
  await sql`
    insert into publications (listing_id, field, account_id, channel_id, variant_id, intended)
    select id, 'stock', account_id, channel_id, variant_id, '{"quantity": 3}' from listings where id = ${mug}`
  await sql`alter table publications disable trigger user`
  await sql`update publications set waiting_since = ${at(ms)}`
  await sql`alter table publications enable trigger user`
}

beforeEach(async () => {
  await sql`delete from alert_deliveries`
  await sql`delete from alerts`
  await sql`delete from alert_secrets`
  await sql`delete from alert_endpoints`
  await sql`delete from alert_limits`
  await sql`delete from publication_history`
  await sql`delete from drifts`
  await sql`delete from inbox`
  await sql`delete from orders`
  await sql`update accounts set state = 'active', state_reason = null, state_since = ${at(-9 * H)}`
  await sql`update channels set paused = false`
  await waits(null)
  // The horizon is the cluster's: what other tests write just now would be told as well.
  await setAlertLimit(context, null, 'feed_held', null, { off: true })
})

describe('an alert', () => {
  test('opens once when it has lasted for too long, is refreshed by further looks, and ends once when it has been over for its quiet time', async () => {
    const { endpoint } = await addEndpoint(context, null, 'webhook', 'https://ops.example.org/a', {})
    await waits(0)
    expect(await look(15 * MIN)).toEqual({ opened: 0, ended: 0, told: 0 })
    expect(await look(15 * MIN + S)).toEqual({ opened: 1, ended: 0, told: 1 })
    expect(await look(16 * MIN)).toEqual({ opened: 0, ended: 0, told: 0 })
    const alert = only(await open())
    expect(alert).toMatchObject({ kind: 'channel_late', subject: 'channel:shop', channel: 'shop', account: 'shop', seen: 2 })
    expect(alert.facts).toMatchObject({ seconds: 960, limit: 900, waiting: 1, oldest: at(0).toISOString(), account: 'active' })
    expect([alert.since, alert.openedAt, alert.seenAt]).toEqual([at(0), at(15 * MIN + S), at(16 * MIN)])
    await waits(null)
    expect(await look(17 * MIN)).toEqual({ opened: 0, ended: 0, told: 0 })
    expect(await look(18 * MIN)).toEqual({ opened: 0, ended: 1, told: 1 })
    expect(await look(19 * MIN)).toEqual({ opened: 0, ended: 0, told: 0 })
    expect(await told()).toEqual([`${endpoint.id} alert.ended`, `${endpoint.id} alert.opened`])
    const rows = await listDeliveries(sql, {}, null, 9)
    expect(new Set(rows.map(row => row.messageId)).size).toBe(2)
    const [{ body } = { body: '' }] = await sql<{ body: string }[]>`select body from alert_deliveries order by id limit 1`
    expect(JSON.parse(body)).toEqual({
      type: 'alert.opened',
      timestamp: at(15 * MIN + S).toISOString(),
      data: {
        ...{ alert: alert.id, kind: 'channel_late', subject: 'channel:shop', since: at(0).toISOString() },
        ...{ openedAt: at(15 * MIN + S).toISOString(), endedAt: null },
        facts: { seconds: 901, limit: 900, waiting: 1, oldest: at(0).toISOString(), account: 'active' },
      },
    })
  })

  test('that comes and goes within its quiet time is one alert, told once', async () => {
    await addEndpoint(context, null, 'webhook', 'https://ops.example.org/a', {})
    for (let minute = 16; minute < 40; minute++) {
      await waits(minute % 2 === 0 ? 0 : null)
      await look(minute * MIN)
    }
    expect(await listAlerts(sql, {}, null, 9)).toHaveLength(1)
    expect(await told()).toHaveLength(1)
  })

  test('is told where its kind is wanted, and its end only where its beginning was', async () => {
    const add = async (path: string, kinds: readonly string[]) =>
      (await addEndpoint(context, null, 'webhook', `https://ops.example.org/${path}`, { kinds })).endpoint.id
    const [all, late, other, paused] = [
      await add('all', []),
      await add('late', ['channel_late']),
      await add('other', ['credentials']),
      await add('paused', []),
    ]
    await changeEndpoint(context, null, 'webhook', paused, { state: 'paused' })
    await waits(0)
    await look(16 * MIN)
    await changeEndpoint(context, null, 'webhook', paused, { state: 'active' })
    await waits(null)
    await look(30 * MIN)
    expect(await told()).toEqual([`${all} alert.ended`, `${all} alert.opened`, `${late} alert.ended`, `${late} alert.opened`])
    expect([other, paused]).toHaveLength(2)
  })

  test('is judged by the limit of its channel, else of the installation, and by none where it is turned off', async () => {
    await waits(0)
    await setAlertLimit(context, null, 'channel_late', null, { amount: 60 })
    await look(61 * S)
    expect(only(await open()).facts).toMatchObject({ limit: 60 })
    await setAlertLimit(context, null, 'channel_late', 'shop', { amount: 7_200, quietS: 0 })
    expect(await look(62 * S)).toMatchObject({ ended: 0 })
    expect(await look(62 * S + 3 * MIN)).toMatchObject({ ended: 1 })
    await setAlertLimit(context, null, 'channel_late', 'shop', { off: true })
    expect(await look(9 * H)).toMatchObject({ opened: 0 })
    await setAlertLimit(context, null, 'channel_late', 'shop', { usual: true })
    expect(await look(9 * H + S)).toMatchObject({ opened: 1 })
  })

  test('does not speak of a channel or an account that somebody paused', async () => {
    await waits(0)
    await sql`update channels set paused = true where code = 'shop'`
    await look(9 * H)
    await sql`update channels set paused = false`
    await sql`update accounts set state = 'paused'`
    await look(9 * H)
    expect(await open()).toEqual([])
  })

  test('does not speak of what goes out never: the platform has the listing no more, or a person decides on a difference first', async () => {
    const late = () => look(16 * MIN).then(open)
    await waits(0)
    await sql`update listings set state = 'gone' where id = ${mug}`
    expect(await late()).toEqual([])
    await sql`update listings set state = 'active'`
    await sql`
      insert into drifts (account_id, channel_id, listing_id, field, cause, state, lets_go, found_at, looked_at)
      values (${shop.accountId}, ${shop.channelId}, ${mug}, 'stock', 'edited', 'held', 3, ${at(0)}, ${at(0)})`
    await sql`update publications set expected = 1`
    expect(await late()).toEqual([])
    await sql`update drifts set lets_go = null, state = 'open'`
    expect(only(await late())).toMatchObject({ kind: 'channel_late', facts: { waiting: 1 } })
  })

  test('is opened once by twenty looks at the same time', async () => {
    await addEndpoint(context, null, 'webhook', 'https://ops.example.org/a', {})
    await waits(0)
    const looks = await Promise.all(Array.from({ length: 20 }, () => look(16 * MIN)))
    expect(looks.reduce((sum, one) => sum + (one?.opened ?? 0), 0)).toBe(1)
    expect(await told()).toHaveLength(1)
  })
})

describe('what is wrong', () => {
  test('refusals: fields that were not refused in the day before; one that is refused again and again counts once', async () => {
    const refuse = (listing: number, field: string, ms: number) =>
      sql`insert into publication_history (listing_id, field, event, at) values (${listing}, ${field}, 'refused', ${at(ms)})`
    await setAlertLimit(context, null, 'refusals', null, { amount: 2 })
    for (const ms of [-90, -40, -30, -20]) await refuse(mug, 'stock', ms * MIN)
    await refuse(mug, 'price', -10 * MIN)
    await look(0)
    expect(await open()).toEqual([])
    await refuse(mug + 1, 'price', -5 * MIN)
    await look(0)
    expect(only(await open())).toMatchObject({
      ...{ kind: 'refusals', subject: 'channel:shop', since: at(-10 * MIN) },
      facts: { refused: 2, limit: 2, withinSeconds: 3_600 },
    })
    await look(2 * H)
    expect(await open()).toEqual([])
  })

  test('drift: values found within a day that differ, other than by an order or a listing that nobody knows', async () => {
    await setAlertLimit(context, null, 'drift', null, { amount: 3, quietS: 0 })
    const drift = (listing: number, field: string, cause: string, ms: number, ended: string | null = null) => sql`
      insert into drifts (account_id, channel_id, listing_id, field, cause, state, found_at, looked_at, ended_at)
      values (${shop.accountId}, ${shop.channelId}, ${listing}, ${field}, ${cause}, ${ended ?? 'open'}, ${at(ms)}, ${at(ms)}, ${ended === null ? null : at(ms)})`
    await drift(mug, 'stock', 'edited', -2 * H, 'repaired')
    await drift(mug, 'price', 'lost', -1 * H)
    await drift(mug + 1, 'stock', 'order', -1 * H)
    await drift(mug + 1, 'listing', 'unmapped', -1 * H)
    await drift(mug + 1, 'stock', 'edited', -1 * H, 'explained')
    await look(0)
    expect(await open()).toEqual([])
    await drift(mug + 1, 'price', 'edited', -1 * S)
    await look(0)
    expect(only(await open())).toMatchObject({
      ...{ kind: 'drift', subject: 'channel:shop', since: at(-2 * H) },
      facts: { found: 3, open: 2, limit: 3, edited: 2, lost: 1, gone: 0 },
    })
    expect(await look(22 * H + S)).toMatchObject({ ended: 1 })
  })

  test('credentials that the platform refuses, and an account that fails for another reason for long; never in the platform’s own words', async () => {
    const fails = (name: string, reason: string, ms: number) =>
      sql`update accounts set state = 'failing', state_reason = ${reason}, state_since = ${at(ms)} where name = ${name}`
    await fails('shop', 'auth: GET shop.example.org/orders answered 401 to ana@example.org', -2 * MIN)
    await fails('depot', 'down: connect ECONNREFUSED', -14 * MIN)
    await look(0)
    const alert = only(await open())
    expect(alert).toMatchObject({ kind: 'credentials', subject: 'account:shop', account: 'shop', channel: null, since: at(-2 * MIN) })
    expect(alert.facts).toEqual({ seconds: 120, limit: 60, trouble: 'auth', platform: 'none' })
    await look(2 * MIN)
    expect((await open()).map(row => [row.kind, row.subject, row.facts.trouble])).toEqual([
      ['account_failing', 'account:depot', 'down'],
      ['credentials', 'account:shop', 'auth'],
    ])
  })

  const order = (ms: number, id: string, channel = shop.channelId) => sql`
    insert into orders (channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, placed_at, booked_at)
    values (${channel}, ${id}, ${id}, 'accepted', 'new', ${at(ms)}, '', 'EUR', ${at(ms)}, ${at(ms)})`
  const message = (ms: number, id: string, account = shop.accountId) => sql`
    insert into inbox (account_id, source, delivery_id, topic, body, state, received_at)
    values (${account}, 'webhook', ${id}, 'order.created', '', 'done', ${at(ms)})`

  test('webhooks are silent while looking brings orders; not where no order came, nor where none was ever told', async () => {
    await message(-5 * H, 'w1')
    await order(-5 * H + 5 * MIN, 'told-late')
    await order(-5 * H, 'not-told', depot.channelId)
    await look(0)
    expect(await open()).toEqual([])
    await order(-2 * H, 'found')
    await order(-1 * H, 'found-2')
    await look(0)
    expect(only(await open())).toMatchObject({
      ...{ kind: 'webhook_silent', subject: 'account:shop', since: at(-2 * H) },
      facts: { orders: 2, last: at(-5 * H).toISOString(), seconds: 5 * 3_600 },
    })
    // What was told is kept for some weeks only: that it is gone makes nothing good.
    await sql`delete from inbox`
    expect(await look(S)).toMatchObject({ ended: 0 })
    await message(2 * S, 'w2')
    expect(await look(3 * S)).toMatchObject({ ended: 1 })
  })

  test('no order for a day where ten a day are usual; a shop that sells less, or sold it all on one day, is not missed', async () => {
    const days = (count: number, perDay: number, channel: number) =>
      Promise.all(
        Array.from({ length: count * perDay }, (_, n) =>
          order(-25 * H - Math.floor(n / perDay) * 24 * H - (n % perDay) * MIN, `o${channel}-${n}`, channel),
        ),
      )
    await days(27, 11, shop.channelId)
    await days(1, 290, depot.channelId)
    await look(0)
    expect(only(await open())).toMatchObject({ kind: 'orders_silent', subject: 'channel:shop', facts: { perDay: 10.6 } })
    await order(0, 'again')
    expect(await look(S)).toMatchObject({ ended: 1 })
    await sql`delete from orders`
    await days(27, 2, shop.channelId)
    expect(await look(2 * S)).toMatchObject({ opened: 0 })
  })

  test('a transaction that holds the feed’s horizon back, by its process', async () => {
    await setAlertLimit(context, null, 'feed_held', null, { usual: true })
    const other = connect(url, { max: 1, name: 'forgotten-import' })
    const [{ pid } = { pid: 0 }] = await other.unsafe<{ pid: number }[]>('select pg_backend_pid() as pid')
    const holding = other.unsafe('begin; select pg_current_xact_id(); select pg_sleep(60)').catch(() => 'ended')
    await until('the other transaction writes', async () => {
      const [row] = await sql`select 1 from pg_stat_activity where pid = ${pid} and backend_xid is not null`
      return row !== undefined
    })
    const now = Date.now() - start
    await look(now)
    expect(await open()).toEqual([])
    // Another test of this cluster may be the older one for a moment.
    const alert = await until('it is told', async () => {
      await look(now + 2 * MIN)
      return (await open()).find(row => row.facts.pid === pid)
    })
    expect(alert).toMatchObject({ kind: 'feed_held', subject: 'feed', channel: null, account: null })
    expect(alert.facts).toMatchObject({ pid, application: expect.stringContaining('forgotten-import'), state: 'active', limit: 60 })
    expect(Object.keys(alert.facts)).not.toContain('query')
    await sql`select pg_terminate_backend(${pid})`
    await holding
    await close(other, 1)
    await setAlertLimit(context, null, 'feed_held', null, { amount: 86_400 })
    expect(await look(now + 4 * MIN)).toMatchObject({ ended: 1 })
  })
})
