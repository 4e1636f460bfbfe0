import { beforeAll, describe, expect, test } from 'vitest'
import { ownPath } from '../../src/http/login.ts'
import { changeUser } from '../../src/usecases/manage-access.ts'
import { ask, logIn, PASSWORD, type Stage, setStage } from './stage.ts'

let now = new Date('2026-11-22T08:00:00Z')
let stage: Stage
beforeAll(async () => {
  stage = await setStage({ now: () => now })
  await stage.user('operations')
})

const login = (email: string, password: string, headers: Record<string, string> = {}) =>
  ask(stage.app, 'POST /login', { body: { email, password }, headers })

describe('a login', () => {
  test('opens a session for the right password, whatever the case of the e-mail', async () => {
    const answer = await login('Operations@Example.org', PASSWORD)
    expect(answer.status).toBe(200)
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^concord=[\w-]{43}; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/)
    const session = await ask(stage.app, 'GET /v1/session', { headers: { cookie: cookie.split(';')[0] ?? '' } })
    expect(session.body).toMatchObject({ kind: 'user', actor: 'user:operations@example.org', role: 'operations', csrf: answer.body.csrf })
  })

  test('stores only hashes: neither the cookie nor the password is in the database', async () => {
    const { cookie } = await logIn(stage.app, 'operations@example.org')
    const token = cookie.replace('concord=', '')
    const rows = await stage.sql`select token_hash, csrf_token from sessions`
    expect(rows.map(row => row.token_hash)).not.toContain(token)
    const [user] = await stage.sql`select password_hash from users where email = 'operations@example.org'`
    expect(user?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  test('says the same for an unknown e-mail, a wrong password and a disabled user', async () => {
    const email = await stage.user('pricing')
    const [row] = await stage.sql<{ id: number }[]>`select id from users where email = ${email}`
    await changeUser(stage.context, null, row?.id ?? 0, { disabled: true })
    const answers = [
      await login('nobody@example.org', PASSWORD),
      await login('operations@example.org', 'wrong password'),
      await login(email, PASSWORD),
    ]
    expect(answers.map(answer => [answer.status, answer.body.detail])).toEqual(Array(3).fill([401, 'E-mail or password is wrong.']))
  })

  test('takes `__Host-` and `Secure` under https', async () => {
    const app = stage.another({ publicUrl: 'https://hub.example.org' })
    const answer = await ask(app, 'POST /login', { body: { email: 'operations@example.org', password: PASSWORD } })
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-concord=.*; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/)
    expect(answer.headers.get('strict-transport-security')).toContain('max-age=31536000')
  })

  test('ends the session that the browser held before', async () => {
    const first = await logIn(stage.app, 'operations@example.org')
    await login('operations@example.org', PASSWORD, { cookie: first.cookie })
    expect((await ask(stage.app, 'GET /v1/session', { headers: { cookie: first.cookie } })).status).toBe(401)
  })

  test('is refused when another site sends it', async () => {
    const answer = await login('operations@example.org', PASSWORD, { origin: 'https://evil.example' })
    expect(answer.body).toMatchObject({ status: 403, code: 'forbidden', reason: 'origin' })
  })

  test('by form goes on to the page that was wanted, and back to the form when refused', async () => {
    const send = (password: string) =>
      ask(stage.app, 'POST /login', {
        body: new URLSearchParams({ email: 'operations@example.org', password, next: '/sku/MUG?tab=1' }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    expect((await send(PASSWORD)).headers.get('location')).toBe('/sku/MUG?tab=1')
    expect((await send('wrong password')).headers.get('location')).toBe('/login?refused=wrong&next=%2Fsku%2FMUG%3Ftab%3D1')
  })

  test.each(['//evil.example/x', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)', undefined])(
    'never sends anybody to %s',
    next => {
      expect(ownPath(next)).toBe('/')
    },
  )
})

describe('guessing', () => {
  test('is stopped after five attempts on an account, even when all come at once, and told when to try again', async () => {
    const email = await stage.user('marketing')
    const answers = await Promise.all(Array.from({ length: 12 }, () => login(email, 'wrong password')))
    expect(answers.filter(answer => answer.status === 401)).toHaveLength(5)
    const refused = answers.find(answer => answer.status === 429)
    expect(refused?.body).toMatchObject({ code: 'too_many', retryAt: '2026-11-22T08:15:00.000Z' })
    expect(refused?.headers.get('retry-after')).toBe('900')
    expect((await login(email, PASSWORD)).status).toBe(429)
    now = new Date('2026-11-22T08:15:01Z')
    expect((await login(email, PASSWORD)).status).toBe(200)
  })

  test('at many accounts is stopped by the address', async () => {
    const app = stage.another({ trustProxy: true })
    const guess = (n: number) =>
      ask(app, 'POST /login', {
        body: { email: `guess${n}@example.org`, password: 'x' },
        headers: { 'x-forwarded-for': '10.0.0.9, 203.0.113.5' },
      })
    const statuses: number[] = []
    for (let n = 0; n < 31; n++) statuses.push((await guess(n)).status)
    expect(statuses).toEqual([...Array(30).fill(401), 429])
  })
})

describe('a session', () => {
  test('ends when it idles for eight hours, and after seven days in any case', async () => {
    const { cookie } = await logIn(stage.app, 'operations@example.org')
    const status = async () => (await ask(stage.app, 'GET /v1/session', { headers: { cookie } })).status
    const begun = now.getTime()
    now = new Date(begun + 7.9 * 3600_000)
    expect(await status()).toBe(200)
    now = new Date(now.getTime() + 8.1 * 3600_000)
    expect(await status()).toBe(401)

    const busy = await logIn(stage.app, 'operations@example.org')
    const start = now.getTime()
    for (let hours = 6; hours < 168; hours += 6) {
      now = new Date(start + hours * 3600_000)
      await ask(stage.app, 'GET /v1/session', { headers: { cookie: busy.cookie } })
    }
    expect((await ask(stage.app, 'GET /v1/session', { headers: { cookie: busy.cookie } })).status).toBe(200)
    now = new Date(start + 168 * 3600_000 + 1)
    expect((await ask(stage.app, 'GET /v1/session', { headers: { cookie: busy.cookie } })).status).toBe(401)
  })

  test('ends with the logout', async () => {
    const { cookie, csrf } = await logIn(stage.app, 'operations@example.org')
    const out = await ask(stage.app, 'POST /logout', { headers: { cookie, 'x-csrf-token': csrf } })
    expect(out.status).toBe(303)
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await ask(stage.app, 'GET /v1/session', { headers: { cookie } })).status).toBe(401)
  })

  test('ends at once when the user is locked out', async () => {
    const email = await stage.user('clerk')
    const { cookie } = await logIn(stage.app, email)
    const [row] = await stage.sql<{ id: number }[]>`select id from users where email = ${email}`
    await changeUser(stage.context, null, row?.id ?? 0, { disabled: true })
    expect((await ask(stage.app, 'GET /v1/session', { headers: { cookie } })).status).toBe(401)
  })
})

describe('a write by cookie', () => {
  const body = { code: 'hamburg', name: 'Hamburg', kind: 'store' }
  const write = (headers: Record<string, string>) => ask(stage.app, 'POST /v1/locations', { body, headers })

  test('needs the token of its session', async () => {
    const { cookie, csrf } = await logIn(stage.app, 'operations@example.org')
    expect((await write({ cookie })).body).toMatchObject({ status: 403, reason: 'csrf' })
    expect((await write({ cookie, 'x-csrf-token': `${csrf.slice(0, -1)}_` })).body).toMatchObject({ status: 403, reason: 'csrf' })
    const other = await logIn(stage.app, 'operations@example.org')
    expect((await write({ cookie, 'x-csrf-token': other.csrf })).body).toMatchObject({ status: 403, reason: 'csrf' })
    expect((await write({ cookie, 'x-csrf-token': csrf })).status).toBe(201)
  })

  test('is refused from another origin even with the token', async () => {
    const { cookie, csrf } = await logIn(stage.app, 'operations@example.org')
    const answer = await write({ cookie, 'x-csrf-token': csrf, origin: 'https://evil.example' })
    expect(answer.body).toMatchObject({ status: 403, reason: 'origin' })
    expect((await write({ cookie, 'x-csrf-token': csrf, origin: 'http://localhost' })).status).toBe(409)
  })
})
