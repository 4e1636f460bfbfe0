import { pino } from 'pino'
import { expect, test } from 'vitest'
import { lookForAlerts } from '../../db/alerts.ts'
import { tellBuyers } from '../../jobs/notices.ts'
import { purge } from '../../jobs/purge.ts'
import { routeAll } from '../../jobs/route.ts'
import type { TellDeps } from '../../jobs/tell.ts'
import { PLAIN_RULES } from '../../src/domain/fulfilment/rules.ts'
import { NOTICE_KINDS, orderEvents } from '../../src/domain/notices/kinds.ts'
import { ALERT_KINDS } from '../../src/domain/sync/alert-kinds.ts'
import { uiRoutes } from '../../src/ui/index.ts'
import { addEndpoint } from '../../src/usecases/alert-endpoints.ts'
import { importPostalCodes } from '../../src/usecases/import-postal-codes.ts'
import { setChannelNotices } from '../../src/usecases/notice-settings.ts'
import { sealPerson } from '../../src/usecases/seal-person.ts'
import { trackingPath } from '../../src/usecases/tracking-link.ts'
import { ask, setStage } from '../http/stage.ts'
import { book, layIn } from '../support/goods.ts'
import { jobDeps } from '../support/hub.ts'
import { actOn } from '../support/pick-up.ts'
import { pickUpShop, toCollect } from '../support/pick-up-stage.ts'
import { tablesThatShow } from '../support/tables-that-show.ts'

// What is known of buyers on the way from routing to the counter: the address that decides where an order goes, who else may collect, what a buyer chooses on his page, letters and
// telephone messages that fail, and who asks to be forgotten.

const CANARY = 'Wilhelmina-Canary'
const POINT = { latitude: '57.864213', longitude: '-4.531987' }
const WORDS = [CANARY, ...Object.values(POINT)]
const CODE = 'ZQ9 7XJ'
const DAY_MS = 86_400_000

const stage = await setStage()
const { sql, context } = stage
const logged: string[] = []
const deps = { ...jobDeps(context), log: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }) }
const channel = await pickUpShop(sql)
const pages = stage.another({
  ui: uiRoutes({ sql, keyring: context.keyring, platforms: {}, log: { error: (...all) => logged.push(JSON.stringify(all)) } }),
})

async function buyerOf(orderId: number, more: Readonly<Record<string, string>>): Promise<void> {
  const address = { street: `${CANARY} street`, city: CANARY, country: 'GB', ...more }
  const { sealedKey, sealedBody } = await sealPerson(context, {
    name: CANARY,
    email: `${CANARY}@example.org`,
    phone: `+44 ${CANARY}`,
    address,
  })
  await sql`
    insert into order_people (order_id, sealed_key, sealed_body) values (${orderId}, decode(${sealedKey}, 'base64'), decode(${sealedBody}, 'base64'))`
}

const showsNothing = async (told: readonly string[]): Promise<void> => {
  const all = [...told, stage.logged(), ...logged].join('\n').toLowerCase()
  for (const word of WORDS) {
    expect(all).not.toContain(word.toLowerCase())
    expect(await tablesThatShow(sql, word), word).toEqual([])
  }
  // A postal code stands where a merchant brought all of them in, and with no order.
  expect(await tablesThatShow(sql, CODE)).toEqual([])
  expect(await tablesThatShow(sql, 'ZQ97XJ')).toEqual(['postal_areas'])
}

test('where a buyer lives, who collects for him, what he chooses and what could not be told him show nowhere, and all of it goes with his data', async () => {
  await importPostalCodes(context, async function* () {
    yield Buffer.from(`GB,${CODE},57.12,-4.25\n`)
  })
  await setChannelNotices(context, null, 'web', { kinds: [...NOTICE_KINDS] })
  await addEndpoint(context, null, 'webhook', 'https://stats.example.org/in', { kinds: orderEvents })
  await addEndpoint(context, null, 'webhook', 'https://sms.example.org/in', { kinds: orderEvents, tellsBuyers: true })
  await layIn(sql, { CUP: { north: 5, depot: 5 } })
  const { orderId: collects, groupId } = await toCollect(sql, channel, 'COLLECTS', { north: 5 })
  const [byCode, byPoint] = await book(
    sql,
    channel,
    'web',
    ['BY-CODE', 'BY-POINT'].map(id => ({ id, lines: [{ sku: 'CUP', ordered: 1 }] })),
  )
  const [sent = 0, seen = 0] = [byCode?.orderId, byPoint?.orderId]
  for (const [id, more] of [
    [collects, { postcode: CODE }],
    [sent, { postcode: CODE }],
    [seen, POINT],
  ] as const)
    await buyerOf(id, more)
  expect(await routeAll({ ...context, actor: 'routing' }, deps.log)).toBe(2)
  const precise = await sql`select body->'facts'->>'toBy' as by from routing_decisions order by order_id`
  expect(precise.map(({ by }) => by)).toEqual(['postal_code', 'address'])

  const key = await stage.key('admin')
  const ofPeople = await stage.key('orders:people')
  const api = (route: string, body?: unknown, by = key) => ask(stage.app, route, { key: by, ...(body === undefined ? {} : { body }) })
  expect((await api(`PUT /v1/orders/${collects}/collector`, { name: `${CANARY}'s sister` })).status).toBe(200)
  const path = await trackingPath(context, collects)
  await actOn(sql, 'fulfilment_reject_1', groupId, { reason: 'short' })
  const choose = (fields: Readonly<Record<string, string>>) =>
    pages.request(`${path}/choice`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields),
    })

  // Both ways out fail at first, with words of the buyer in their mouths.
  let fails = true
  const out: string[] = []
  const telling: TellDeps = {
    ...{ sql, keyring: deps.keyring, log: deps.log, owner: 'one', random: () => 0, publicUrl: 'https://hub.example.org' },
    mail: async ({ to, text }) => {
      if (fails) throw new Error(`550 no mailbox ${to}`)
      out.push(text)
      return { isTaken: true, status: 250, trouble: null }
    },
    post: async ({ url, body }) => {
      if (fails) throw new Error(`refused: ${body}`)
      if (url.startsWith('https://sms')) out.push(body)
      else expect(body).not.toContain(CANARY)
      return { status: 200, retryAfter: undefined }
    },
  }
  const tell = (laterMs: number) => tellBuyers({ ...telling, now: () => new Date(Date.now() + laterMs) }, new AbortController().signal)
  expect(await tell(0)).toBeGreaterThan(0)
  fails = false
  expect(await tell(DAY_MS)).toBeGreaterThan(0)
  // They do reach him.
  expect(out.filter(text => text.includes(CANARY)).length).toBeGreaterThan(1)
  await lookForAlerts(sql, ALERT_KINDS)

  const answers = [
    await api(`GET /v1/orders/${collects}/routing`),
    ...(await Promise.all([sent, seen].map(id => api(`GET /v1/orders/${id}/routing`)))),
    await api('POST /v1/routing/what-if', { days: 7, rules: PLAIN_RULES }),
    ...(await Promise.all(['choice', 'notices'].map(what => api(`GET /v1/orders/${collects}/${what}`)))),
    ...(await Promise.all(['/v1/orders', '/v1/pick-up/figures', '/v1/alerts', '/metrics'].map(one => api(`GET ${one}`)))),
    await api(`PUT /v1/orders/${collects}/collector`, { name: CANARY.repeat(40) }),
    await api('POST /v1/orders/find-buyer', { email: `${CANARY} at example` }, ofPeople),
    await api('POST /v1/orders/find-buyer', { email: `${CANARY}@example.org` }, ofPeople),
  ]
  expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 200), 422, 422, 200])
  expect(answers.at(-1)?.body.items).toHaveLength(3)
  const shown = [
    await pages.request(path),
    await choose({ choice: 'store', store: CANARY, key: CANARY }),
    await choose({ choice: 'ship', group: CANARY }),
  ]
  expect(shown.map(({ status }) => status)).toEqual([200, 303, 303])
  const told = [
    ...answers.map(({ text }) => text),
    ...(await Promise.all(shown.map(one => one.text()))),
    ...shown.map(one => one.headers.get('location') ?? ''),
  ]
  await showsNothing(told)

  // One asks to be forgotten; the others' time is over.
  const left = async () =>
    (
      await sql`select (select count(*)::int from order_people) as people, (select count(*)::int from order_collectors) as collectors,
        (select count(*)::int from tracking_links) as links, (select count(*)::int from buyer_notices where state = 'waiting') as waiting`
    )[0]
  expect(await left()).toMatchObject({ people: 3, collectors: 1 })
  expect((await api('POST /v1/orders/forget', { orders: [collects] }, ofPeople)).body).toEqual({ forgotten: 1 })
  expect(await left()).toMatchObject({ people: 2, collectors: 0 })
  expect((await pages.request(path)).status).toBe(404)
  await sql`update orders set state = 'fulfilled', placed_at = placed_at - interval '1 year'`
  await sql`update accounts set platform = 'amazon'`
  await purge(deps, new Date(Date.now() + 31 * DAY_MS))
  expect(await left()).toEqual({ people: 0, collectors: 0, links: 0, waiting: 0 })
  await showsNothing([])
  // What was told is kept longer than whom it was told to, and then it goes, too.
  expect(await sql`select 1 from buyer_notices limit 1`).toHaveLength(1)
  await purge(deps, new Date(Date.now() + 122 * DAY_MS))
  expect(await sql`select 1 from buyer_notices limit 1`).toHaveLength(0)
})
