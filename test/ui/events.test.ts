import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lookForAlerts } from '../../db/alerts.ts'
import { ALERT_KINDS } from '../../src/domain/sync/alert-kinds.ts'
import { setAlertLimit } from '../../src/usecases/alert-limits.ts'
import { change } from '../support/goods.ts'
import { type Person, setUiStage, textOf, type UiStage } from './stage.ts'

let stage: UiStage
let ana: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
})
afterAll(() => stage.ui.close())

type Stream = { readonly next: () => Promise<{ event: string | null; data: string }>; readonly end: () => Promise<void> }

/** Opens an event stream; `next` waits for the next event, breaths left out. */
async function listen(topic: string, who: Person = ana, headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
  const response = await stage.pages.request(`/ui/events?${topic}`, {
    headers: {
      ...headers,
      cookie: [who.cookie, headers.cookie].filter(part => part !== undefined).join('; '),
      accept: 'text/event-stream',
    },
  })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const reader = response.body?.getReader()
  if (reader === undefined) throw new Error('the stream has no body')
  const decoder = new TextDecoder()
  let text = ''
  const next: Stream['next'] = async () => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const lines = text.slice(0, end).split('\n')
        text = text.slice(end + 2)
        const data = lines.filter(line => line.startsWith('data:')).map(line => line.slice(5).trimStart())
        const event =
          lines
            .find(line => line.startsWith('event:'))
            ?.slice(6)
            .trim() ?? null
        if (data.length > 0) return { event, data: data.join('\n') }
        continue
      }
      const { done, value } = await reader.read()
      if (done) throw new Error('the stream ended')
      text += decoder.decode(value, { stream: true })
    }
  }
  return { next, end: () => reader.cancel() }
}

const partsOf = (html: string): string[] => [...html.matchAll(/hx-target="#board-(\w+)"/g)].map(found => found[1] ?? '')

/** Parts that a stream sends until all that are wanted have come, with their text: what changes at once may come in two messages. */
async function hear(stream: Stream, ...wanted: string[]): Promise<{ parts: Set<string>; text: string }> {
  const parts = new Set<string>()
  let text = ''
  while (!wanted.every(words => text.includes(words))) {
    const { data } = await stream.next()
    for (const part of partsOf(data)) parts.add(part)
    text += ` ${textOf(data)}`
  }
  return { parts, text }
}

describe('the board’s stream', () => {
  test('begins with the whole board, then sends the parts that a stock change touched', async () => {
    const stream = await listen('board')
    const first = await stream.next()
    expect(partsOf(first.data)).toEqual(['totals', 'channels', 'orders', 'risks'])
    expect(textOf(first.data)).toContain('PEN Product PEN 0 2')
    await change(stage.sql, [{ sku: 'PEN', location: 'berlin', quantity: 2, kind: 'count' }])
    const { parts } = await hear(stream, 'Units short 1', 'PEN Product PEN 0 1', '1 short')
    expect([...parts].sort()).toEqual(['orders', 'risks', 'totals'])
    await stream.end()
  })

  test('reaches every open page in its own language', async () => {
    const streams = await Promise.all([
      listen('board'),
      listen('board', ana, { cookie: 'concord_language=zh-CN' }),
      listen('board', await stage.person('marketing')),
    ])
    await Promise.all(streams.map(stream => stream.next()))
    await change(stage.sql, [{ sku: 'PEN', location: 'berlin', quantity: 1, kind: 'count' }])
    const [english, chinese, marketing] = streams
    if (english === undefined || chinese === undefined || marketing === undefined) throw new Error('three streams were opened')
    await hear(english, 'Units short 2', '2 short')
    await hear(chinese, '缺货件数 2', '缺 2 件')
    // Marketing may not read orders, so its stream has none.
    const { parts } = await hear(marketing, 'Units short 2', 'PEN Product PEN 0 2')
    expect([...parts].sort()).toEqual(['risks', 'totals'])
    await Promise.all(streams.map(stream => stream.end()))
  })
})

describe('when the program stops', () => {
  test('open streams end, so that it need not wait for them', async () => {
    const own = await setUiStage()
    const { cookie } = await own.person('operations')
    const response = await own.pages.request('/ui/events?board', { headers: { cookie } })
    const reader = response.body?.getReader()
    await reader?.read()
    own.ui.close()
    const rest: boolean[] = []
    for (let done = false; !done; ) {
      const chunk = await reader?.read()
      done = chunk?.done ?? true
      rest.push(done)
    }
    expect(rest.at(-1)).toBe(true)
  })
})

describe('the stream of one thing', () => {
  test('tells the page of a SKU that it moved, and only that page', async () => {
    const [mug, pen] = await Promise.all([listen('sku=MUG'), listen('sku=PEN')])
    const moved = { event: 'moved', data: '' }
    // Once at the start, because the page may be older than its stream.
    expect(await Promise.all([mug.next(), pen.next()])).toEqual([moved, moved])
    const penHears = pen.next()
    await change(stage.sql, [{ sku: 'MUG', location: 'berlin', quantity: 20, kind: 'count' }])
    expect(await mug.next()).toEqual(moved)
    expect(await Promise.race([penHears, Promise.resolve('nothing')])).toBe('nothing')
    await change(stage.sql, [{ sku: 'PEN', location: 'berlin', quantity: 9, kind: 'count' }])
    expect(await penHears).toEqual(moved)
    await Promise.all([mug.end(), pen.end()])
  })

  test('tells the list of alerts that one opened, was refreshed or is over', async () => {
    await setAlertLimit(stage.context, null, 'feed_held', null, { off: true })
    const stream = await listen('alerts')
    const moved = { event: 'moved', data: '' }
    expect(await stream.next()).toEqual(moved)
    await stage.sql`update accounts set state = 'failing', state_reason = 'auth: 401', state_since = clock_timestamp() - interval '330 seconds'`
    await lookForAlerts(stage.sql, ALERT_KINDS)
    expect(await stream.next()).toEqual(moved)
    await lookForAlerts(stage.sql, ALERT_KINDS)
    expect(await stream.next()).toEqual(moved)
    await stage.sql`update accounts set state = 'active', state_reason = null`
    await lookForAlerts(stage.sql, ALERT_KINDS, new Date(Date.now() + 120_000))
    expect(await stream.next()).toEqual(moved)
    await stream.end()
  })

  test.each([
    ['alerts', 'partner'],
    ['sku=MUG', 'partner'],
    ['order=1', 'marketing'],
    ['channel=shop', 'clerk'],
    ['', 'admin'],
  ] as const)('%s is not for %s', async (topic, role) => {
    const who = await stage.person(role)
    const response = await stage.pages.request(`/ui/events?${topic}`, { headers: { cookie: who.cookie } })
    expect(response.status).toBe(404)
  })

  test('is closed to strangers', async () => {
    const response = await stage.pages.request('/ui/events?board', { headers: { accept: 'text/event-stream' } })
    expect(response.status).toBe(401)
  })
})
