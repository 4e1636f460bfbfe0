import { expect, test } from 'vitest'
import { lookForAlerts } from '../../db/alerts.ts'
import { ALERT_KINDS } from '../../src/domain/sync/alert-kinds.ts'
import { freshDatabase } from '../support/database.ts'
import { quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
await quietChannel(sql, 'shop')
const cli = cliOn(url)
// The horizon is the cluster's: what other tests write just now would be told as well.
await cli(['alert', 'limits', 'feed_held', '--off'])

test('a webhook is added, told of an alert, given a new secret and removed; the log of deliveries is shown and replayed', async () => {
  expect((await cli(['alert', 'list'])).out).toBe('Nothing is wrong.\n')
  const added = await cli(['webhook', 'add', 'https://ops.example.org/in', '--kind', 'account_failing', '--name', 'pager'])
  const [, secret = '', id = ''] = /^(whsec_\S+)\n\(endpoint (\d+); shown this once\. Try it: webhook test \d+\)$/m.exec(added.out) ?? []
  expect(secret).not.toBe('')
  expect((await cli(['webhook', 'add', 'https://ops.example.org/in'])).err).toBe('This webhook endpoint is told of alerts already.\n')
  expect((await cli(['webhook', 'add', 'https://a.example.org/', '--kind', 'nonsense'])).err).toMatch(
    /^There is no alert nonsense\. \(expected: channel_late, /,
  )

  await sql`update accounts set state = 'failing', state_reason = 'throttled: 429', state_since = clock_timestamp() - interval '3 hours'`
  await lookForAlerts(sql, ALERT_KINDS)
  const list = await cli(['alert', 'list'])
  expect(list.code).toBe(1)
  expect(list.out).toMatch(
    /^shop: the account is failing\n {2}The platform turns calls away, for 3 h now\.\n {2}alert \d+, account_failing, since /,
  )
  const shown = await cli(['webhook', 'deliveries', '--endpoint', id, '--json'])
  const [delivery] = JSON.parse(shown.out) as { id: number; messageId: string }[]
  expect(delivery).toMatchObject({ event: 'alert.opened', state: 'waiting' })
  expect((await cli(['webhook', 'deliveries', '--id', String(delivery?.id)])).out).toContain(`"kind": "account_failing"`)
  expect((await cli(['webhook', 'replay', String(delivery?.id)])).out).toBe('1 delivery goes out again.\n')
  expect((await cli(['webhook', 'replay', '--endpoint', id, '--since', '2020-01-01T00:00:00Z'])).out).toBe('1 delivery goes out again.\n')
  expect((await cli(['webhook', 'replay', '--endpoint', id])).code).toBe(2)

  const rotated = await cli(['webhook', 'rotate', id, '--overlap', '60'])
  expect(rotated.out).toMatch(/^whsec_\S+\n\(shown this once; the one before signs until /)
  expect((await cli(['webhook', 'list'])).out).toMatch(
    new RegExp(`${id} +pager +https://ops.example.org/in +account_failing +active +2 +1 `),
  )
  expect((await cli(['webhook', 'set', id, '--pause', '--all-kinds'])).out).toMatch(/ all +paused /)
  expect((await cli(['webhook', 'test', id])).err).toBe('It is paused: let it go on first. (expected: active)\n')
  expect((await cli(['webhook', 'remove', id])).out).toBe(`${id} is told no more.\n`)
  expect((await cli(['webhook', 'remove', id])).err).toBe(`There is no webhook endpoint ${id}.\n`)
})

test('e-mail addresses and limits are set and shown', async () => {
  const added = await cli(['alert', 'mail', 'add', 'ana@example.org', '--kind', 'refusals', '--language', 'zh-CN'])
  const [, id = ''] = /^ana@example\.org is told of alerts \((\d+)\)/.exec(added.out) ?? []
  expect(added.out).toContain('SMTP_URL is not set here')
  expect((await cli(['alert', 'mail', 'test', id])).out).toMatch(/^On its way\. See: webhook deliveries --id \d+\n$/)
  expect((await cli(['alert', 'mail', 'list'])).out).toMatch(/ana@example\.org +refusals +zh-CN +1 /)
  expect((await cli(['alert', 'mail', 'remove', id])).out).toBe(`${id} is told no more.\n`)

  expect((await cli(['alert', 'limits', 'refusals', '--channel', 'shop', '--amount', '3'])).out).toMatch(
    /refusals +shop +3 +600 s +cli:test/,
  )
  expect((await cli(['alert', 'limits', 'refusals', '--off'])).out).toMatch(/refusals +all +off +600 s +cli:test/)
  expect((await cli(['alert', 'limits', 'refusals', '--off', '--on'])).code).toBe(2)
  expect((await cli(['alert', 'limits', '--amount', '3'])).code).toBe(2)
  expect((await cli(['alert', 'limits', 'feed_held', '--usual'])).out).toMatch(/feed_held +all +60 s +60 s +as supplied/)
})
