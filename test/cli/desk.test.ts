import { expect, test } from 'vitest'
import { addUser } from '../../src/usecases/manage-access.ts'
import { isPassword } from '../../src/usecases/passwords.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
const concord = cliOn(url)
await layIn(sql, { MUG: { berlin: 1 } })
const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
await addUser({ sql, keyring, actor: 'test' }, null, {
  email: 'ana@example.org',
  name: 'Ana',
  role: 'clerk',
  password: 'correct horse battery',
})

const ana = async () => {
  const [row] = await sql<{ code: string | null; pin: string | null }[]>`
    select p.code, u.pin_hash as pin from users u left join locations p on p.id = u.location_id where u.email = 'ana@example.org'`
  return row
}

test('a clerk is bound to a store with a PIN that is shown once, and keeps it when the store changes', async () => {
  const bound = await concord(['user', 'desk', 'ana@example.org', '--store', 'berlin', '--generate', '--json'])
  expect(bound.code).toBe(0)
  const { pin } = JSON.parse(bound.out) as { pin: string }
  expect(pin).toMatch(/^\d{6}$/)
  expect((await ana())?.code).toBe('berlin')
  expect(await isPassword((await ana())?.pin ?? null, pin)).toBe(true)
  expect((await concord(['user', 'desk', 'ana@example.org'])).out).toContain('belongs to no store')
  expect(await isPassword((await ana())?.pin ?? null, pin)).toBe(true)
  await concord(['user', 'desk', 'ana@example.org', '--store', 'berlin', '--no-pin'])
  expect(await ana()).toEqual({ code: 'berlin', pin: null })
})

test('a PIN that anybody guesses, and a store that is not there, are refused with the reason', async () => {
  expect(await concord(['user', 'desk', 'ana@example.org', '--store', 'berlin', '--pin-stdin'], '1111\n')).toMatchObject({
    code: 1,
    err: expect.stringContaining('4 to 8 digits, not all the same'),
  })
  expect(await concord(['user', 'desk', 'ana@example.org', '--store', 'rome'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('no location rome'),
  })
})
