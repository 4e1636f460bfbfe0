import { pino } from 'pino'
import { expect, test } from 'vitest'
import { woocommerce } from '../../connectors/woocommerce/index.ts'
import { inboxPut } from '../../db/inbox.ts'
import { drainInbox } from '../../jobs/intake.ts'
import { tellBuyers } from '../../jobs/notices.ts'
import { purge } from '../../jobs/purge.ts'
import type { TellDeps } from '../../jobs/tell.ts'
import { NOTICE_KINDS, orderEvents } from '../../src/domain/notices/kinds.ts'
import { uiRoutes } from '../../src/ui/index.ts'
import { cancelOrder, shipOrder } from '../../src/usecases/act-on-order.ts'
import { addEndpoint } from '../../src/usecases/alert-endpoints.ts'
import { receiveReturn } from '../../src/usecases/change-order.ts'
import { createAccount } from '../../src/usecases/channels.ts'
import { setChannelNotices } from '../../src/usecases/notice-settings.ts'
import { readPerson } from '../../src/usecases/read-person.ts'
import { trackingPath } from '../../src/usecases/tracking-link.ts'
import { seal } from '../../src/values/sealed.ts'
import { ask, setStage } from '../http/stage.ts'
import { layIn } from '../support/goods.ts'
import { jobDeps } from '../support/hub.ts'
import { tablesThatShow } from '../support/tables-that-show.ts'

const ORDERS = 100
const CANARY = 'Wilhelmina-Canary'
const DAY_MS = 86_400_000
/** In UTC without saying so, as the shop writes it. */
const YESTERDAY = new Date(Date.now() - DAY_MS).toISOString().slice(0, 19)

const stage = await setStage()
const { sql, context } = stage
await layIn(sql, { MUG: { main: 1000 } })
const logged: string[] = []
const deps = { ...jobDeps(context), log: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }) }
const { accountId } = await createAccount(
  context,
  {
    platform: 'woocommerce',
    stockPerAccount: false,
    readSettings: value => woocommerce.settings.parse(value),
    readCredentials: value => woocommerce.credentials.parse(value),
  },
  {
    name: 'woo',
    platform: 'woocommerce',
    settings: { url: 'http://127.0.0.1:1' },
    credentials: { consumerKey: 'ck_test', consumerSecret: 'cs_test' },
    channels: [{ code: 'woo', name: 'Own shop', ref: 'shop', currency: 'EUR', zone: 'Europe/Berlin' }],
  },
  null,
)

const pages = stage.another({ ui: uiRoutes({ sql, keyring: context.keyring, platforms: {}, log: { error: () => {} } }) })
const buyer = (n: number) => ({
  ...{ first_name: CANARY, last_name: `No ${n}`, email: `${CANARY}${n}@example.org`, phone: `+49 ${CANARY}` },
  ...{ address_1: `${CANARY} street`, city: CANARY, postcode: CANARY, country: 'DE' },
})
const line = { id: 1, name: 'Mug', product_id: 1, variation_id: 0, quantity: 2, sku: 'MUG', price: 1 }
/** Letters and events of notices that left the house: they may name the buyer where they go to him, and nowhere else. */
const letters: { readonly to: string; readonly text: string }[] = []
const events: string[] = []
const telling: TellDeps = {
  ...{ sql, keyring: deps.keyring, log: deps.log, owner: 'one', random: () => 0, publicUrl: 'https://hub.example.org' },
  mail: async ({ to, text }) => {
    letters.push({ to, text })
    return { isTaken: true, status: 250, trouble: null }
  },
  post: async ({ body }) => {
    events.push(body)
    return { status: 200, retryAfter: undefined }
  },
}

const order = (id: number, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    ...{ id, number: `${id}`, status: 'processing', currency: 'EUR', total: '2.00', customer_note: CANARY },
    ...{ date_created_gmt: YESTERDAY, date_modified_gmt: YESTERDAY, line_items: [line] },
    ...{ billing: buyer(id), shipping: buyer(id), ...more },
  })

/** Buyers are told by e-mail, and a webhook that is there for something else hears of their orders. */
async function tellOfOrders(): Promise<void> {
  await setChannelNotices(context, null, 'woo', { kinds: [...NOTICE_KINDS] })
  await addEndpoint(context, null, 'webhook', 'https://stats.example.org/in', { kinds: orderEvents })
}

test('the data of a hundred buyers shows in no table, log, metric, error or answer, and is gone on day 31 after the delivery where a channel asks for that', async () => {
  await tellOfOrders()
  const bodies = Array.from({ length: ORDERS }, (_, at) => order(at + 1))
  // What contradicts itself, and what nobody can read, is refused: with a reason that does not repeat it.
  bodies.push(
    order(900, { line_items: [line, line] }),
    order(901, { total: { [CANARY]: CANARY }, line_items: CANARY }),
    `{"billing": "${CANARY}`,
  )
  for (const [at, body] of bodies.entries())
    await inboxPut(sql, {
      accountId,
      source: 'webhook',
      deliveryId: `${at}`,
      topic: 'order.created',
      sealedBody: await seal(deps.keyring, 'inbox', body),
    })
  expect(await drainInbox(deps, accountId)).toBe(bodies.length)
  const orders = await sql<{ id: number }[]>`select id from orders where content_hash <> '' order by id`
  expect(orders).toHaveLength(ORDERS)
  const [first] = orders
  if (first === undefined) throw new Error('no order')
  expect(JSON.stringify(await readPerson(context, first.id))).toContain(CANARY)

  for (const [at, { id }] of orders.entries())
    await (at % 10 === 0
      ? cancelOrder(context, `c-${id}`, id, { cause: 'customer' })
      : shipOrder(context, `s-${id}`, id, { tracking: { carrier: 'DHL', number: '1' } }))
  const [sold] = await sql<
    { id: number; order: number }[]
  >`select id, order_id as "order" from order_lines where shipped = 2 order by id limit 1`
  if (sold === undefined) throw new Error('nothing was shipped')
  await receiveReturn(context, 'r', sold.order, { location: 'main', lines: [{ lineId: sold.id, toStock: 2, unavailable: 0, scrapped: 0 }] })

  await tellBuyers(telling, new AbortController().signal)
  // Each letter went to its own buyer, and no event says a word of him.
  expect(letters).toHaveLength(ORDERS)
  expect(letters.every(({ to, text }) => to.startsWith(CANARY) && text.includes(CANARY))).toBe(true)
  expect(events).toHaveLength(ORDERS)
  const page = await trackingPath(context, first.id)
  const shown = await ask(pages, `GET ${page}`)
  expect(shown.status).toBe(200)

  const key = await stage.key('admin')
  const answers = await Promise.all(
    [
      ...orders.map(({ id }) => `/v1/orders/${id}`),
      '/v1/orders',
      '/v1/inbox?state=refused',
      '/v1/orders/0',
      `/v1/orders?channel=${'x'.repeat(20)}`,
      `/v1/orders/${first.id}/notices`,
      '/v1/notice-templates/shipped/en',
      '/metrics',
    ].map(path => ask(stage.app, `GET ${path}`, { key })),
  )
  const told = [...answers.map(answer => answer.text), shown.text, ...events, stage.logged(), ...logged].join('\n')
  expect(told).toContain('refused')
  expect(told.toLowerCase()).not.toContain(CANARY.toLowerCase())
  expect(await tablesThatShow(sql, CANARY)).toEqual([])
  // That search finds what is there.
  expect(await tablesThatShow(sql, '"DHL"')).toEqual(['acts'])

  const kept = async () => {
    const [row] = await sql<{ people: number; messages: number }[]>`
      select (select count(*)::int from order_people) as people, (select count(*)::int from inbox where length(body) > 0) as messages`
    return row
  }
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS)
  const before = await sql`select sum(on_hand)::int as units, (select count(*)::int from movements) as movements from balances`
  // Own shops have a longer rule: what came in is gone, the buyer is still known to whoever sends a spare part.
  await purge(deps, inDays(31))
  expect(await kept()).toEqual({ people: ORDERS, messages: 3 })
  await sql`update accounts set platform = 'amazon'`
  await purge(deps, inDays(29))
  expect(await kept()).toEqual({ people: ORDERS, messages: 3 })
  // What is told of an order later makes its end no later.
  await sql`update orders set updated_at = ${inDays(20)}`
  await purge(deps, inDays(31))
  expect(await kept()).toEqual({ people: 0, messages: 0 })
  expect(await readPerson(context, first.id)).toBeNull()
  expect((await ask(pages, `GET ${page}`)).status).toBe(404)
  expect(await sql`select sum(on_hand)::int as units, (select count(*)::int from movements) as movements from balances`).toEqual(before)
}, 60_000)
