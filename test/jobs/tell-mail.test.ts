import { expect, test } from 'vitest'
import { makeOutside } from '../../connectors/outside.ts'
import { type DeliveryRow, listDeliveries, readTries } from '../../db/alert-deliveries.ts'
import { MAIL_WITHIN_MS, makeMail } from '../../jobs/mail.ts'
import { LEASE_MS, type TellDeps, tellDue } from '../../jobs/tell.ts'
import { makeLog } from '../../src/http/log.ts'
import { addEndpoint, testEndpoint } from '../../src/usecases/alert-endpoints.ts'
import { freshDatabase } from '../support/database.ts'
import { testContext } from '../support/hub.ts'
import { smtpServer } from '../support/smtp-server.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
const lines: string[] = []
const log = makeLog({ destination: { write: line => lines.push(line) } })
const deps: TellDeps = {
  sql,
  keyring: context.keyring,
  log,
  owner: 'one',
  random: () => 0,
  post: makeOutside().post,
  mail: null,
  publicUrl: null,
}
const tell = (more: Partial<TellDeps> = {}) => tellDue({ ...deps, ...more }, new AbortController().signal)
const deliveryOf = async (id: number): Promise<DeliveryRow> => {
  const [row] = await listDeliveries(sql, { id }, null, 1)
  if (row === undefined) throw new Error(`no delivery ${id}`)
  return row
}
const statesOf = async (id: number) => (await readTries(sql, id))?.tries.map(({ status: code, trouble }) => trouble ?? code)

const alertBody = {
  type: 'alert.opened',
  timestamp: '2026-11-22T12:00:00.000Z',
  data: {
    ...{ alert: 1, kind: 'credentials', subject: 'account:shop', since: '2026-11-22T11:58:00.000Z', endedAt: null },
    facts: { seconds: 120, limit: 60, trouble: 'auth', platform: 'woocommerce' },
  },
}
const mailTo = async (address: string, language: 'en' | 'zh-CN' = 'en') => {
  const { endpoint } = await addEndpoint(context, null, 'email', address, { language })
  const delivery = await testEndpoint(context, null, 'email', endpoint.id)
  await sql`update alert_deliveries set event = 'alert.opened', body = ${JSON.stringify(alertBody)} where id = ${delivery}`
  return delivery
}

test('an alert is handed to the SMTP server in the language of its address, under one id over all tries', async () => {
  const smtp = await smtpServer()
  const mail = makeMail(`smtp://127.0.0.1:${smtp.port}`, 'concord@example.org')
  const more = { mail: mail.send, publicUrl: 'https://hub.example.org' }
  const english = await mailTo('ana@example.org')
  smtp.refuse('451 busy')
  await tell(more)
  expect(await statesOf(english)).toEqual(['EMESSAGE'])
  expect(await deliveryOf(english)).toMatchObject({ state: 'waiting', lastStatus: 451 })
  smtp.refuse(null)
  await tell({ ...more, now: () => new Date(Date.now() + 10_000) })
  expect(await deliveryOf(english)).toMatchObject({ state: 'done', lastStatus: 250 })
  await mailTo('wei@example.org', 'zh-CN')
  await tell(more)
  mail.close()
  await smtp.close()
  const [first, second] = smtp.letters
  expect(first).toMatchObject({ from: 'concord@example.org', to: 'ana@example.org' })
  expect(first?.text).toContain('Subject: Concord alert: shop: the platform refuses our credentials')
  expect(first?.text).toContain('See: https://hub.example.org/alerts')
  expect(first?.text).toContain(`Message-ID: <${(await deliveryOf(english)).messageId}@example.org>`)
  expect(first?.text).toContain('Auto-Submitted: auto-generated')
  expect(second?.to).toBe('wei@example.org')
  const chinese = Buffer.from(second?.text.split('\n\n').slice(1).join('') ?? '', 'base64').toString('utf8')
  expect(chinese).toContain('shop：平台拒绝我们的凭据')
  expect(lines.join('')).not.toContain('ana@example.org')
})

test('an e-mail waits while no SMTP server is set, and the log of deliveries says so', async () => {
  const delivery = await mailTo('ben@example.org')
  await tell()
  expect(await statesOf(delivery)).toEqual(['no_smtp_server'])
})

test('a server that answers each step, and never ends, has a letter only for so long as nobody else may take it', async () => {
  expect(MAIL_WITHIN_MS).toBeLessThan(LEASE_MS)
  const smtp = await smtpServer()
  const address = `smtp://127.0.0.1:${smtp.port}`
  const [hasty, mail] = [makeMail(address, 'concord@example.org', 60), makeMail(address, 'concord@example.org')]
  smtp.slow(25)
  const delivery = await mailTo('eve@example.org')
  await tell({ mail: hasty.send })
  expect(await statesOf(delivery)).toEqual(['timeout'])
  expect(await deliveryOf(delivery)).toMatchObject({ state: 'waiting', lastStatus: null })
  // Its letter was not taken, and the next try is the same letter.
  expect(smtp.letters).toEqual([])
  smtp.slow(0)
  await tell({ mail: mail.send, now: () => new Date(Date.now() + 10_000) })
  expect(smtp.letters.filter(({ to }) => to === 'eve@example.org').map(({ text }) => /Message-ID: <(.*)@/.exec(text)?.[1])).toEqual([
    (await deliveryOf(delivery)).messageId,
  ])
  hasty.close()
  mail.close()
  await smtp.close()
})

test('a worker that stops lets go of the letter that it is at, at once', async () => {
  const smtp = await smtpServer()
  const mail = makeMail(`smtp://127.0.0.1:${smtp.port}`, 'concord@example.org')
  smtp.slow(60_000)
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  const letter = { to: 'eve@example.org', subject: 'S', text: 'T', id: 'msg_1' }
  expect(await mail.send(letter, stop.signal)).toEqual({ isTaken: false, status: null, trouble: 'stopped' })
  mail.close()
  await smtp.close()
})
