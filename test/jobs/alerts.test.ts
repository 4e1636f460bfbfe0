import { expect, test } from 'vitest'
import { countOpenAlerts, takeAlertLook } from '../../db/alerts.ts'
import { runAlerts } from '../../jobs/alerts.ts'
import { addEndpoint } from '../../src/usecases/alert-endpoints.ts'
import { setAlertLimit } from '../../src/usecases/alert-limits.ts'
import { freshDatabase } from '../support/database.ts'
import { quietChannel } from '../support/goods.ts'
import { jobDeps, onLoopback, testContext } from '../support/hub.ts'
import { smtpServer } from '../support/smtp-server.ts'
import { until } from '../support/until.ts'

test('two workers look, open an alert, tell it by webhook and by e-mail, each once, and end in good order', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await quietChannel(sql, 'shop')
  // The horizon is the cluster's: what other tests write just now would be told as well.
  await setAlertLimit(context, null, 'feed_held', null, { off: true })
  const got: unknown[] = []
  const receiver = await onLoopback(async request => {
    got.push(await request.json())
    return new Response(null, { status: 204 })
  })
  const smtp = await smtpServer()
  await addEndpoint(context, null, 'webhook', receiver.address, {})
  await addEndpoint(context, null, 'email', 'ana@example.org', {})
  await sql`update accounts set state = 'failing', state_reason = 'auth: 401', state_since = clock_timestamp() - interval '330 seconds'`
  const stop = new AbortController()
  const telling = { toPrivate: true, smtp: { url: `smtp://127.0.0.1:${smtp.port}`, from: 'concord@example.org' } }
  const workers = [1, 2].map(() => runAlerts({ ...jobDeps(context), telling }, stop.signal))
  const done = () => sql`select 1 from alert_deliveries where state = 'done'`
  // Whoever is stopped before the answer has come gives what was sent back.
  await until('both are told, and noted as told', async () => (await done()).length === 2)
  stop.abort()
  await Promise.all(workers)
  await receiver.close()
  await smtp.close()
  expect(got).toMatchObject([{ type: 'alert.opened', data: { kind: 'credentials', subject: 'account:shop' } }])
  expect(smtp.letters.map(letter => letter.to)).toEqual(['ana@example.org'])
  expect(await countOpenAlerts(sql)).toBe(1)
  // One look is enough for both.
  expect((await sql`select seen from alerts`)[0]?.seen).toBe(1)
  expect(await takeAlertLook(sql, 1)).toBe(false)
  await sql`update alert_looks set next_at = clock_timestamp()`
  expect([await takeAlertLook(sql, 60_000), await takeAlertLook(sql, 60_000)]).toEqual([true, false])
  expect(await done()).toHaveLength(2)
})
