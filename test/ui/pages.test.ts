import { beforeAll, describe, expect, test } from 'vitest'
import type { Role } from '../../src/usecases/scopes.ts'
import { layIn } from '../support/goods.ts'
import { englishLeft } from './one-language.ts'
import { numbersOf, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let paths: readonly string[]
beforeAll(async () => {
  stage = await setUiStage()
  paths = ['/', '/skus', '/skus/MUG', '/orders', `/orders/${stage.orderId}`, '/channels', '/channels/shop', '/stock']
})

describe('each role', () => {
  const all = [200, 200, 200, 200, 200, 200, 200, 200]
  test.each<[Role, number[]]>([
    ['admin', all],
    ['operations', all],
    ['pricing', all],
    ['marketing', [200, 200, 200, 403, 403, 200, 200, 200]],
    ['clerk', [200, 200, 200, 200, 200, 403, 403, 200]],
    ['partner', [403, 403, 403, 403, 403, 403, 403, 403]],
  ])('%s sees the pages that are its business', async (role, statuses) => {
    const who = await stage.person(role)
    const seen = await Promise.all(paths.map(path => visit(stage, path, who)))
    expect(seen.map(page => page.status)).toEqual(statuses)
    for (const page of seen) expect(page.headers.get('content-type')).toContain('text/html')
  })

  test('nobody: is sent to the login, and from there back to the page', async () => {
    const refused = await visit(stage, '/skus/MUG?before=x', null)
    expect([refused.status, refused.headers.get('location')]).toEqual([303, '/login?next=%2Fskus%2FMUG%3Fbefore%3Dx'])
    const login = await visit(stage, '/login?next=%2Fskus%2FMUG', null)
    expect(login.html).toContain('name="next" value="/skus/MUG"')
    const elsewhere = await visit(stage, '/login?next=%2F%2Fevil.example', null)
    expect(elsewhere.html).toContain('name="next" value="/"')
  })

  test('sees only what it may do: a clerk changes stock but neither prices nor orders, marketing nothing', async () => {
    const clerk = await visit(stage, '/skus/MUG', await stage.person('clerk'))
    expect(clerk.html).toContain('action="/skus/MUG/stock"')
    expect(clerk.html).not.toContain('action="/skus/MUG/price"')
    const order = await visit(stage, `/orders/${stage.orderId}`, await stage.person('clerk'))
    expect(order.html).not.toContain('/ship"')
    const marketing = await visit(stage, '/channels/shop', await stage.person('marketing'))
    expect(marketing.html).not.toContain('action="/channels/')
    const board = await visit(stage, '/', await stage.person('marketing'))
    expect(board.html).toContain('id="board-channels"')
    expect(board.html).not.toContain('id="board-orders"')
  })

  test('is told where a thing does not exist', async () => {
    const who = await stage.person('operations')
    for (const path of ['/skus/NOPE', '/orders/999999', '/orders/x', '/channels/nope', '/nowhere']) {
      const page = await visit(stage, path, who)
      expect([path, page.status, textOf(page.html).includes('Check the address')]).toEqual([path, 404, true])
    }
  })
})

describe('the numbers of a page', () => {
  test('of a SKU are those of the books', async () => {
    const page = await visit(stage, '/skus/MUG', await stage.person('operations'))
    const rows = await stage.sql<{ code: string; numbers: number[] }[]>`
      select p.code, array[b.on_hand, b.reserved, b.unavailable, b.safety_stock, b.on_hand - b.reserved - b.unavailable - b.safety_stock] as numbers
      from balances b join locations p on p.id = b.location_id join variants v on v.id = b.variant_id where v.sku = 'MUG' order by 1`
    expect(rows.map(row => row.numbers)).toEqual([
      [10, 2, 0, 0, 8],
      [4, 0, 0, 0, 4],
    ])
    for (const row of rows) expect([row.code, ...numbersOf(page.html, `stock-${row.code}`)]).toEqual([row.code, ...row.numbers])
    expect(/data-total="available">(\d+)</.exec(page.html)?.[1]).toBe('12')
    // The chain: 14 on hand, 2 promised to an order, the pool of both places shows 12.
    const chain = textOf(/id="chain-shop".*?<\/section>/s.exec(page.html)?.[0] ?? '')
    expect(chain).toContain('on hand reserved unavailable safety stock available buffer cap shown 14 −2 0 0 12 0 0 12')
    expect(chain).toContain('Served by 1. berlin 8 , 2. lyon 4 = 12 no buffer no cap sells to the last unit')
    expect(textOf(/class="promises".*?<\/details>/s.exec(page.html)?.[0] ?? '')).toContain('1 promise 2 at berlin: order A-1 since')
  })

  test('of a SKU are told as they were at an instant, and as they are where that instant is none', async () => {
    const who = await stage.person('operations')
    const [then] = await stage.sql<{ at: string }[]>`
      select to_char(date_trunc('milliseconds', min(recorded_at)) at time zone 'UTC' + interval '1 millisecond', 'YYYY-MM-DD"T"HH24:MI:SS.MS') as at
      from movements where variant_id = (select id from variants where sku = 'MUG')`
    const past = await visit(stage, `/skus/MUG?at=${then?.at}`, who)
    const panel = textOf(/id="explain".*?<\/section>/s.exec(past.html)?.[0] ?? '')
    expect(panel).toContain('As it was, by what was recorded then:')
    expect(panel).not.toContain('order A-1')
    for (const at of ['2126-01-01T00:00', 'yesterday']) {
      const refused = await visit(stage, `/skus/MUG?at=${at}`, who)
      expect(textOf(refused.html)).toContain(`There is nothing to tell about ${at}: choose an instant of the past. Below is how it is now.`)
      expect(refused.html).toContain('order A-1')
    }
  })

  test('of a SKU over time are drawn for a period and a place of choice', async () => {
    const who = await stage.person('operations')
    const { html } = await visit(stage, '/skus/MUG?days=7&place=lyon', who)
    const chart = /id="chart".*?<\/section>/s.exec(html)?.[0] ?? ''
    expect([...chart.matchAll(/aria-current="true"[^>]*>([^<]*)</g)].map(found => found[1])).toEqual(['7 days', 'lyon'])
    expect(chart).toContain('<svg')
    expect((await visit(stage, '/skus/MUG?place=nowhere', who)).status).toBe(404)
  })

  test('of an order are its six quantities, with the cause of what is short', async () => {
    const page = await visit(stage, `/orders/${stage.shortOrderId}`, await stage.person('operations'))
    const quantities = Object.fromEntries(
      [...page.html.matchAll(/data-quantity="(\w+)">(\d+)</g)].map(found => [found[1], Number(found[2])]),
    )
    expect(quantities).toEqual({ ordered: 3, reserved: 1, short: 2, shipped: 0, cancelled: 0, returned: 0 })
    expect(textOf(page.html)).toContain('The channel sold more than there was.')
  })

  test('of the board are the counts of the tables', async () => {
    const page = await visit(stage, '/', await stage.person('operations'))
    const [counts] = await stage.sql<{ differing: number; orders: number; short: number }[]>`
      select (select count(*) from publications where waiting_since is not null) as differing, (select count(*) from orders) as orders,
        (select sum(short) from order_lines)::int as short`
    expect(counts?.differing).toBe(6)
    const text = textOf(page.html)
    expect(text).toContain(`${counts?.differing} fields differ (not published)`)
    expect(text).toContain(`Orders in 24 hours ${counts?.orders}`)
    expect(text).toContain(`Units short ${counts?.short} in 1 order`)
    expect(numbersOf(page.html, 'channel-shop')).toEqual([0, 0, 0, 0, 0])
    expect(numbersOf(page.html, 'risk-PEN')).toEqual([0, 2])
  })

  test('of a channel in observe are the differences, field by field', async () => {
    const page = await visit(stage, '/channels/shop', await stage.person('operations'))
    const difference = textOf(/id="part-difference".*?<\/table>/s.exec(page.html)?.[0] ?? '')
    expect(difference).toContain('MUG Product MUG stock 3 12')
    expect(difference).toContain('MUG Product MUG price EUR 9.00 EUR 12.50')
    expect(textOf(/id="switch-stock".*?<\/form>/s.exec(page.html)?.[0] ?? '')).toContain(
      '3 listings at shop would get another stock number',
    )
  })
})

describe('a paused channel', () => {
  const shop = (paused: boolean) => stage.sql`update channels set paused = ${paused}, publish_stock = ${paused} where code = 'shop'`
  test('is named at the values that wait for it, and nowhere said to publish', async () => {
    const who = await stage.person('operations')
    await shop(true)
    const [sku, board, channel, chinese] = await Promise.all([
      visit(stage, '/skus/MUG', who),
      visit(stage, '/', who),
      visit(stage, '/channels/shop', who),
      visit(stage, '/skus/MUG', who, { cookie: 'concord_language=zh-CN' }),
    ])
    await shop(false)
    const shown = (html: string): string => textOf(/id="shown-\d+-stock".*?<\/tr>/s.exec(html)?.[0] ?? '')
    expect(shown(sku.html)).toContain('waiting: channel paused')
    expect(shown(chinese.html)).toContain('待发送：渠道已暂停')
    const marks = (html: string, part: RegExp): string =>
      textOf(/<span class="marks">.*?<\/td>|<span class="marks">.*?<\/header>/s.exec(part.exec(html)?.[0] ?? '')?.[0] ?? '')
    expect(marks(board.html, /id="channel-shop".*?<\/tr>/s)).toContain('paused')
    expect(marks(board.html, /id="channel-shop".*?<\/tr>/s)).not.toContain('publishing stock')
    expect(marks(channel.html, /id="head".*?<\/header>/s)).not.toContain('publishing')
  })
})

describe('the filters of the list of SKUs', () => {
  test('"At risk" is what the board shows, and "Sold out" is what its figure counts', async () => {
    const who = await stage.person('operations')
    // LOST is sold out, but no channel lists it; MUG has 12, and PEN 0 with 2 short.
    await layIn(stage.sql, { LOST: { berlin: 0 } }, '1')
    const skus = (html: string): string[] => [...html.matchAll(/<a class="sku" href="\/skus\/(\w+)"/g)].map(found => found[1] ?? '')
    const board = await visit(stage, '/', who)
    expect(skus(/id="board-risks".*/s.exec(board.html)?.[0] ?? '')).toEqual(['PEN'])
    expect(skus((await visit(stage, '/skus?filter=risk', who)).html)).toEqual(['PEN'])
    expect(skus((await visit(stage, '/skus?filter=soldout', who)).html)).toEqual(['PEN'])
    expect(textOf(board.html)).toContain('Sold out 1 of 3 listed SKUs')
    await stage.sql`update variants set status = 'archived' where sku = 'LOST'`
  })
})

describe('what platforms and people typed', () => {
  test.each(['/', '/skus', '/skus/ATTACK', '/orders', '/channels/shop'])('is text on %s, never markup', async path => {
    const page = await visit(stage, path, await stage.person('admin'))
    expect(page.status).toBe(200)
    const scripts = [...page.html.matchAll(/<script[^>]*>/g)].map(found => found[0])
    expect(scripts.every(tag => /^<script src="\/ui\/assets\/[0-9a-f]{16}\/[a-z-]+\.js" defer=""?>$/.test(tag))).toBe(true)
    expect(page.html).not.toMatch(/<img|<b>odd|\son[a-z]+="|hx-on|style="/)
  })

  test('is shown as it was typed', async () => {
    const page = await visit(stage, '/skus/ATTACK', await stage.person('admin'))
    expect(page.html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;')
    const search = await visit(stage, `/skus?q=${encodeURIComponent('"><script>')}`, await stage.person('admin'))
    expect(search.html).toContain('value="&quot;&gt;&lt;script&gt;"')
  })

  test('in a search finds signs of the pattern language literally', async () => {
    const who = await stage.person('admin')
    expect((await visit(stage, '/skus?q=%25', who)).html).not.toContain('href="/skus/MUG"')
    expect((await visit(stage, '/skus?q=mu', who)).html).toContain('href="/skus/MUG"')
  })
})

describe('the language', () => {
  test('is chosen by a link that comes back, and kept', async () => {
    const chosen = await visit(stage, '/language/zh-CN?next=%2Fskus', null)
    expect([chosen.status, chosen.headers.get('location')]).toEqual([303, '/skus'])
    const cookie = chosen.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^concord_language=zh-CN; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/)
    const login = await visit(stage, '/login', null, { cookie: 'concord_language=zh-CN' })
    expect(login.html).toContain('<html lang="zh-CN">')
    expect(textOf(login.html)).toContain('登录')
  })

  test('is one on a page: in Chinese no English word of the console is left', async () => {
    const who = await stage.person('admin')
    for (const path of paths) {
      const { html } = await visit(stage, path, who, { cookie: 'concord_language=zh-CN' })
      expect([path, englishLeft(html)]).toEqual([path, []])
    }
  })
})
