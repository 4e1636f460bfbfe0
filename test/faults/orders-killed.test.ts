import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { PLAIN_RULES } from '../../src/domain/fulfilment/rules.ts'
import { NOTICE_KINDS } from '../../src/domain/notices/kinds.ts'
import { changeChannel } from '../../src/usecases/channels.ts'
import { check } from '../../src/usecases/check.ts'
import { setChannelNotices } from '../../src/usecases/notice-settings.ts'
import { setPickUpRule } from '../../src/usecases/pick-up-rules.ts'
import { setRules } from '../../src/usecases/routing-settings.ts'
import { setShortRule } from '../../src/usecases/short-rules.ts'
import { setSubstitutionRules } from '../../src/usecases/substitution-rules.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { connectWoo, onLoopback, openDoor, playWoo } from '../support/hub.ts'
import { type JobsProcess, readyJobsProcess } from '../support/jobs-process.ts'
import { holdEvents } from '../support/order-events.ts'
import { actOn } from '../support/pick-up.ts'
import { inStages, isLong, repetitions } from '../support/repetitions.ts'
import { smtpServer } from '../support/smtp-server.ts'
import { until } from '../support/until.ts'

// The process that does all jobs is killed while something of each kind is due: a webhook to be booked, routed and told; goods that nobody came for, a reminder, a group that is
// late, an order that stays short, one for which there is something else, letters, acts. Another one goes on: all of it is done, and nothing twice.

const STATEMENTS = [
  ...['orders_book', 'update inbox i set state', 'fulfilment_late_1', 'fulfilment_route_1', 'pick_up_tell_1', 'pick_up_not_collected_1'],
  ...['orders_substitute_1', 'orders_end_short_1', "update acts a set state = 'sent'", 'update acts set state', 'buyer_notice_try_1'],
]
/** The others' own points: a letter was taken, an act has arrived, or has had its effect. */
const OTHERS = ['letter', 'arrived', 'effective'] as const
const POINTS = [...STATEMENTS.flatMap(name => [name, `${name}~`, `${name}!`]), 'set taken_by!', ...OTHERS]
/** In the short run: in the middle of a job of the clock, and where a letter is out and nobody knows. */
const FEW = ['pick_up_not_collected_1~', 'letter']
const ROUNDS = repetitions(`jobs about orders killed at each of ${POINTS.length} points`, 1, 4)

test('a process that is killed anywhere while it looks after orders leaves nothing undone and nothing done twice', {
  timeout: 3_600_000,
}, async () => {
  const rounds = Array.from({ length: ROUNDS }, () => (isLong ? POINTS : FEW)).flat()
  await inStages(rounds.length, 2, async mine => {
    const stage = await startStage()
    for (const n of mine) await stage.dieAt(rounds[n] ?? '', n)
  })
})

async function startStage() {
  const { sql, url } = await freshDatabase()
  const secret = `test:${randomBytes(32).toString('base64')}`
  const context = { sql, keyring: await readKeyring(secret), actor: 'user:test' }
  await layIn(sql, { MUG: { north: 1_000, south: 1_000 }, RARE: { north: 0, south: 0 }, GONE: { north: 0, south: 0 } })
  await sql`update locations set name = 'Main street' where code = 'north'`
  await sql`insert into location_services (location_id, collects, actor) select id, true, 'test' from locations`
  const { sandbox, ...played } = await playWoo({ scale: 100 })
  sandbox.seed(
    ['MUG', 'RARE', 'GONE'].map(sku => ({ sku, title: sku, gtin: null, quantity: 1_000, prices: { shop: '10.00' }, parent: null })),
  )

  const victim: { process: JobsProcess | null; point: string } = { process: null, point: '' }
  const dieIf = (point: (typeof OTHERS)[number]): void => {
    if (victim.point === point) void victim.process?.kill()
  }
  const smtp = await smtpServer(() => dieIf('letter'))
  const door = await onLoopback(async request => {
    const isAct = request.method !== 'GET' && /\/orders\//.test(request.url)
    if (isAct) dieIf('arrived')
    const answer = await sandbox.fetch(request)
    if (isAct) dieIf('effective')
    return answer
  })
  const account = await connectWoo(context, { ...played, sandbox, address: door.address }, 100)
  // Its orders are told by webhook; what it shows of stock is its own.
  await changeChannel(context, 'woo', { publishPrices: true }, null)
  await setChannelNotices(context, null, 'woo', { kinds: [...NOTICE_KINDS] })
  await setRules(context, null, null, null, { ...PLAIN_RULES, lateAfterHours: 4 })
  const hubDoor = await openDoor(context)
  const ready = () => readyJobsProcess(url, secret, hubDoor, `smtp://127.0.0.1:${smtp.port}`)
  let bought = 0
  let worker = await ready()
  let next = [ready(), ready()] as const
  worker.begin()
  await until('the shop tells of its orders', async () => (await sql`select 1 from accounts where webhooks_since is not null`).length > 0)

  const buy = (sku: string, pickUp: boolean): string => {
    bought += 1
    const person = { name: 'Ada', email: `ada${bought}@example.org`, city: 'Berlin', country: 'DE' }
    const order = sandbox.buy({ ref: `b${bought}`, channelRef: 'shop', lines: [{ sku, quantity: 1 }], pickUp, person })
    if (order === null) throw new Error(`no ${sku} was sold`)
    return order.externalId
  }
  const groupsOf = async (external: string) =>
    (
      await sql<{ id: number }[]>`
      select g.id from fulfilment_groups g join orders o on o.id = g.order_id where o.external_id = ${external} and g.state = 'waiting'`
    ).map(({ id }) => id)
  const aGroup = (external: string) => until(`${external} is routed`, async () => (await groupsOf(external))[0])
  /** The leases of the dead outlive what they were at; that is waited for elsewhere. */
  const leasesEnd = async (): Promise<void> => {
    await sql`update accounts set lease_until = clock_timestamp() where id = ${account}`
    await sql`update buyer_notices set taken_until = clock_timestamp() where taken_until is not null`
    await sql`update inbox set taken_until = clock_timestamp() where taken_until is not null`
  }
  const undone = async (): Promise<Record<string, number>> => {
    const [row] = await sql<Record<string, number>[]>`
      select ${bought} - (select count(*)::int from orders) as orders, (select count(*)::int from inbox where state = 'new') as messages,
        (select count(*)::int from acts where state in ('intended', 'sent', 'unknown')) as acts, (select count(*)::int from buyer_notices where state = 'waiting') as notices,
        (select coalesce(sum(short), 0)::int from order_lines) as short, (select count(*)::int from fulfilment_groups where state = 'ready' and collect_by < clock_timestamp()) as over,
        (select count(*)::int from fulfilment_groups where remind_at < clock_timestamp()) as reminders,
        (select count(*)::int from fulfilment_groups where state = 'waiting' and ready_by < clock_timestamp() - interval '1 day') as late,
        (select count(*)::int from orders o where o.state in ('accepted', 'in_fulfilment') and exists (select from order_unrouted(o.id))) as unrouted`
    return row ?? {}
  }

  const dieAt = async (point: string, round: number): Promise<void> => {
    const [over, soon, late] = [buy('MUG', true), buy('MUG', true), buy('MUG', false)]
    const [rare, gone] = [buy('RARE', false), buy('GONE', false)]
    for (const external of [over, soon]) await actOn(sql, 'fulfilment_ready_1', await aGroup(external), { all: true })
    await aGroup(late)
    await until(
      'those that are short are booked',
      async () => (await sql`select 1 from orders where external_id in (${rare}, ${gone}) and state = 'accepted'`).length > 1,
    )
    // At whatever it is just then.
    await worker.kill()
    await sql`
      update fulfilment_groups g set collect_by = case when o.external_id = ${over} then clock_timestamp() - interval '1 minute' else collect_by end,
        remind_at = case when o.external_id = ${soon} then clock_timestamp() - interval '1 minute' end,
        ready_by = case when o.external_id = ${late} then clock_timestamp() - interval '3 days' else ready_by end
      from orders o where o.id = g.order_id and o.external_id in (${over}, ${soon}, ${late})`
    await setPickUpRule(context, null, {}, { becomes: round % 2 === 0 ? 'cancel' : 'ship' })
    await setShortRule(context, null, 'woo', { becomes: 'cancel', afterMinutes: 0 })
    await setSubstitutionRules(context, null, {
      sku: 'GONE',
      channel: 'woo',
      substitutes: [{ sku: 'MUG', automatic: true, abovePercent: null }],
    })
    const fresh = buy('MUG', false)
    await until('the door has stored the order', async () => (await sql`select 1 from inbox where state = 'new'`).length > 0)

    const [dying, going] = await Promise.all(next)
    next = [ready(), ready()]
    await leasesEnd()
    Object.assign(victim, { process: dying, point })
    dying.begin((OTHERS as readonly string[]).includes(point) ? '' : point)
    let isDead = false
    void dying.ended.then(() => {
      isDead = true
    })
    await until(`it dies at ${point}`, () => isDead)
    Object.assign(victim, { process: null, point: '' })
    await leasesEnd()
    worker = going
    worker.begin()
    const isDone = async () => Object.values(await undone()).every(n => n === 0)
    await until(`all is done after a death at ${point}`, isDone).catch(async (error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(await undone())}`)
    })
    await setShortRule(context, null, 'woo', { becomes: 'person', afterMinutes: 0 })
    await setSubstitutionRules(context, null, { sku: 'GONE', channel: 'woo', substitutes: [] })
    await isRight(point, { over, soon, late, rare, gone, fresh }, round % 2 === 0)
  }

  async function isRight(
    point: string,
    { over, soon, late, rare, gone, fresh }: Readonly<Record<'over' | 'soon' | 'late' | 'rare' | 'gone' | 'fresh', string>>,
    cancels: boolean,
  ) {
    const rows = await sql<{ external: string; state: string; told: string }[]>`
      select o.external_id as external, o.state, concat_ws(' ', (select string_agg(e.transition || ' ' || e.n, ', ' order by e.transition collate "C") from (
          select transition, count(*) as n from order_events x where x.order_id = o.id and x.transition in ('book', 'remind', 'not_collected', 'cancel', 'substitute')
            and (x.transition <> 'not_collected' or x.group_id is null) group by 1
          union all select 'late', count(*) from order_events x where x.order_id = o.id and x.group_id is not null and x.transition = 'reject' and x.reason = 'late' having count(*) > 0) e),
        (select '/ ' || string_agg(a.kind || ' ' || a.state, ', ' order by a.id) from acts a where a.order_id = o.id)) as told
      from orders o where o.external_id in (${over}, ${soon}, ${late}, ${rare}, ${gone}, ${fresh}) order by o.id`
    const ended = cancels
      ? { state: 'cancelled', told: 'book 1, not_collected 1 / ready confirmed, cancel confirmed' }
      : { state: 'routed', told: 'book 1, not_collected 1 / ready confirmed' }
    expect(Object.fromEntries(rows.map(({ external, ...row }) => [external, row])), point).toEqual({
      [over]: ended,
      [soon]: { state: 'in_fulfilment', told: 'book 1, remind 1 / ready confirmed' },
      [late]: { state: 'routed', told: 'book 1, late 1' },
      [rare]: { state: 'cancelled', told: 'book 1, cancel 1 / cancel confirmed' },
      [gone]: { state: 'routed', told: 'book 1, substitute 1' },
      [fresh]: { state: 'routed', told: 'book 1' },
    })
    // At the platform once each, too.
    const twice = sandbox
      .journal(0, 100_000)
      .filter(entry => ['cancel', 'note', 'refund'].includes(entry.kind))
      .map(entry => `${entry.kind} ${entry.ref} ${JSON.stringify(entry.data)}`)
      .filter((told, at, all) => all.indexOf(told) !== at)
    expect(twice, point).toEqual([])
    // What was said to be told was; a letter that was out when its sender died may come once more, or be said to be overtaken: under the same id, and nobody is told the same under two.
    const notices = await sql<{ id: string; done: boolean }[]>`select message_id as id, state = 'done' as done from buyer_notices`
    const letters = new Set(smtp.letters.map(({ text }) => /Message-ID: <(.*)@/.exec(text)?.[1] ?? ''))
    expect(
      notices.filter(({ id, done }) => done && !letters.has(id)),
      point,
    ).toEqual([])
    expect(
      [...letters].filter(id => !notices.some(notice => notice.id === id)),
      point,
    ).toEqual([])
    expect(
      await sql`select order_id, kind from buyer_notices group by order_id, coalesce(group_id, 0), kind having count(*) > 1`,
      point,
    ).toEqual([])
    expect((await holdEvents(sql)).offences, point).toEqual([])
    expect(
      (await check(context)).findings.filter(finding => finding.violations > 0),
      point,
    ).toEqual([])
  }
  return { dieAt }
}
