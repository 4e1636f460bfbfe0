import { expect, test } from 'vitest'
import { flashOf, setUiStage, textOf, visit } from '../ui/stage.ts'
import { ask } from './stage.ts'

const stage = await setUiStage()
const key = await stage.key('catalog:write', 'stock:read')

const send = (type: string, body: string, auth = key) =>
  stage.app.request('/v1/postal-codes', { method: 'POST', headers: { authorization: `Bearer ${auth}`, 'content-type': type }, body })
const known = async () => (await ask(stage.app, 'GET /v1/postal-codes', { key })).body

test('a file of postal codes comes in by HTTP, takes the place of what was known of its country, and is told with its instant', async () => {
  expect(await known()).toEqual({ items: [] })
  const sent = await send(
    'text/csv',
    'country,postal_code,latitude,longitude\nDE,10115,52.53,13.38\nDE,20095,53.55,10.0\nSE,211 15,55.6,13.0\n',
  )
  expect(sent.status).toBe(200)
  expect(await known()).toMatchObject({
    items: [
      { country: 'DE', codes: 2, importedAt: expect.stringMatching(/^20\d\d-/), actor: expect.stringMatching(/^key:/) },
      { country: 'SE', codes: 1 },
    ],
  })
  const geoNames = 'DE\t80331\tMünchen\tBayern\tBY\t\t00\tMünchen\t09162\t48.1345\t11.571\t4\n'
  expect((await send('text/tab-separated-values', geoNames)).status).toBe(200)
  expect(await known()).toMatchObject({ items: [{ country: 'DE', codes: 1 }, { country: 'SE' }] })
})

test('a file that cannot be read changes nothing and says where; another kind of body and another scope are refused', async () => {
  const before = await known()
  const wrong = await send('text/plain', 'DE,10115,52.53,13.38\nDE,10117,north,13.38\n')
  expect([wrong.status, await wrong.json()]).toMatchObject([422, { errors: [{ field: 'line 2' }] }])
  expect((await send('application/json', '{}')).status).toBe(415)
  expect((await send('text/csv', 'DE,10115,52.53,13.38\n', await stage.key('stock:read'))).status).toBe(403)
  expect(await known()).toEqual(before)
})

test('a file without an end of line, and one of more codes than are kept, are refused without being read to their end', async () => {
  const before = await known()
  const sendEndless = async (piece: (n: number) => string) => {
    let pieces = 0
    const body = new ReadableStream<Uint8Array>({
      pull: stream => (++pieces > 400 ? stream.close() : stream.enqueue(Buffer.from(piece(pieces)))),
    })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/csv' }
    const answer = await stage.app.request('/v1/postal-codes', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
    expect([answer.status, await answer.json()]).toMatchObject([422, { errors: [{ field: 'file' }] }])
    return pieces
  }
  expect(await sendEndless(() => 'x'.repeat(20_000))).toBeLessThan(10)
  // Many countries, each below its own limit.
  const country = (n: number): string => String.fromCharCode(65 + Math.floor(n / 26), 65 + (n % 26))
  const codes = (n: number): string => Array.from({ length: 5_000 }, (_, at) => `${country(n % 676)},${at},1,1\n`).join('')
  expect(await sendEndless(codes)).toBeLessThan(110)
  expect(await known()).toEqual(before)
})

test('the console tells them per country and takes a file, as whoever may change the catalog', async () => {
  const who = await stage.person('admin')
  const form = new FormData()
  form.set('_csrf', who.csrf)
  form.set('_key', crypto.randomUUID())
  form.set('file', new File(['AT,1010,48.21,16.37\nAT,5020,47.8,13.04\n'], 'AT.csv'))
  const answer = await stage.pages.request('/orders/places/postal-codes', {
    method: 'POST',
    headers: { accept: 'text/html', cookie: who.cookie },
    body: form,
  })
  expect(answer.headers.get('location')).toBe('/orders/places')
  const flash = answer.headers
    .getSetCookie()
    .map(cookie => cookie.split(';')[0])
    .join('; ')
  const page = await visit(stage, '/orders/places', who, { cookie: flash })
  expect(flashOf(page.html)).toBe('Postal codes are brought in: AT 2.')
  expect(textOf(/<tr id="postal-AT">.*?<\/tr>/s.exec(page.html)?.[0] ?? '')).toMatch(/^AT 2 20\d\d-\S+ \S+ admin@example\.org$/)
  expect((await visit(stage, '/orders/places', await stage.person('clerk'))).html).not.toContain('/orders/places/postal-codes')
})
