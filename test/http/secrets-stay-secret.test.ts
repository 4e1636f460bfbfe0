import { beforeAll, expect, test } from 'vitest'
import { makeLog } from '../../src/http/log.ts'
import { account, book, CREDENTIAL, person, platform } from './channel-stage.ts'
import { type Answer, ask, logIn, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage({ platforms: [platform] })
  key = await stage.key('admin', 'orders:people')
})

const CANARY_PASSWORD = 'canary-password-42'

test('a password, a key, a credential and a buyer never reach the log or the body of an error', async () => {
  const errors: Answer[] = []
  const note = (answer: Answer) => {
    if (answer.status >= 400) errors.push(answer)
    return answer
  }
  const secretOf = key.split('.')[1] ?? ''
  await stockUp(stage.app, key, 'MUG', 10)

  // Passwords: taken, refused for their form, and wrong.
  const user = { email: 'ana@example.org', name: 'Ana', role: 'operations', password: CANARY_PASSWORD }
  note(await ask(stage.app, 'POST /v1/users', { key, body: user }))
  note(await ask(stage.app, 'POST /v1/users', { key, body: user }))
  note(await ask(stage.app, 'POST /v1/users', { key, body: { ...user, password: [CANARY_PASSWORD], role: CANARY_PASSWORD } }))
  note(await ask(stage.app, 'POST /login', { body: { email: 'ana@example.org', password: `${CANARY_PASSWORD}x` } }))
  note(await ask(stage.app, 'POST /login', { body: `{"password": "${CANARY_PASSWORD}"` }))
  const { cookie } = await logIn(stage.app, 'ana@example.org', CANARY_PASSWORD)
  note(await ask(stage.app, 'POST /v1/locations', { headers: { cookie }, body: {} }))

  // Keys: in the wrong place, and almost right.
  note(await ask(stage.app, `GET /v1/stock/${encodeURIComponent(key)}?key=${key}`, { headers: { authorization: `Bearer ${key}x` } }))
  note(await ask(stage.app, 'GET /v1/orders', { headers: { authorization: `Basic ${key}` } }))

  // Credentials: refused by the platform's shape, and stored.
  note(await ask(stage.app, 'POST /v1/accounts', { key, body: { ...account, credentials: { token: CREDENTIAL, more: CREDENTIAL } } }))
  note(await ask(stage.app, 'POST /v1/accounts', { key, body: account }))

  // A buyer, and a database that fails while the order is read.
  const id = await book(stage, 'W-1', {
    lines: [
      {
        externalLineId: '1',
        listingRef: null,
        sku: 'MUG',
        title: 'Mug',
        ordered: 1,
        cancelled: 0,
        shipped: 0,
        returned: 0,
        unitPrice: '1',
      },
    ],
  })
  expect((await ask(stage.app, `GET /v1/orders/${id}`, { key })).body.person).toEqual(person)
  await stage.sql`update order_people set sealed_body = ${Buffer.from(JSON.stringify(person))} where order_id = ${id}`
  const broken = note(await ask(stage.app, `GET /v1/orders/${id}`, { key }))
  expect(broken.body).toMatchObject({ status: 500, code: 'internal', detail: 'The request failed through no fault of its own.' })

  expect(errors.map(answer => answer.status).sort()).toEqual([400, 401, 401, 401, 403, 409, 422, 422, 500])
  const told = errors.map(answer => answer.text).join('\n') + stage.logged()
  expect(stage.logged()).toContain('"err":')
  for (const secret of [CANARY_PASSWORD, secretOf, CREDENTIAL, person.name, person.email, cookie.split('=')[1] ?? 'none'])
    expect(told).not.toContain(secret)
})

test('the log blanks what should never have been handed to it, and leaves a row out of an error of the database', () => {
  const lines: string[] = []
  const log = makeLog({ destination: { write: line => lines.push(line) } })
  log.info(
    {
      password: CANARY_PASSWORD,
      account: { credentials: CREDENTIAL },
      order: { buyer: { person } },
      headers: { authorization: CREDENTIAL },
    },
    'careless',
  )
  const error = Object.assign(new Error(`invalid input syntax for type integer: "${CANARY_PASSWORD}"`), {
    code: '22P02',
    detail: CREDENTIAL,
    query: 'select 1',
  })
  log.error({ err: error }, 'failed')
  expect(lines.join('')).not.toMatch(/canary|Wilhelmina/)
  expect(JSON.parse(lines[1] ?? '{}').err).toMatchObject({ code: '22P02', message: 'PostgreSQL 22P02' })
})
