import { pino } from 'pino'
import { expect, test } from 'vitest'
import { makeOutside } from '../../connectors/outside.ts'
import { orderNotices } from '../../db/buyer-notices.ts'
import { makeMail } from '../../jobs/mail.ts'
import { tellBuyers } from '../../jobs/notices.ts'
import type { TellDeps } from '../../jobs/tell.ts'
import { setChannelNotices, tellAgain } from '../../src/usecases/notice-settings.ts'
import { sealPerson } from '../../src/usecases/seal-person.ts'
import { freshDatabase } from '../support/database.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { smtpServer } from '../support/smtp-server.ts'

test('what nobody took is sent again as the same letter, what somebody took as a new one, and never what is being told', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  const smtp = await smtpServer()
  const mail = makeMail(`smtp://127.0.0.1:${smtp.port}`, 'hub@example.org')
  const outside = makeOutside()
  const deps = {
    sql,
    keyring: context.keyring,
    log: pino({ level: 'silent' }),
    owner: 'one',
    random: () => 0,
    post: outside.post,
    publicUrl: null,
  }
  const tell = (send: TellDeps['mail'] = mail.send) => tellBuyers({ ...deps, mail: send }, new AbortController().signal)
  await layIn(sql, { MUG: { berlin: 5 } })
  const shop = await quietChannel(sql, 'shop')
  await setChannelNotices(context, null, 'shop', { kinds: ['confirmed'] })
  const [booked] = await book(sql, shop, 'shop', [{ id: 'N', placedAt: new Date().toISOString(), lines: [{ sku: 'MUG', ordered: 1 }] }])
  const id = booked?.orderId ?? 0
  const { sealedKey, sealedBody } = await sealPerson(context, { email: 'ida@example.org' })
  await sql`insert into order_people (order_id, sealed_key, sealed_body) values (${id}, decode(${sealedKey}, 'base64'), decode(${sealedBody}, 'base64'))`
  const [row] = await orderNotices(sql, id)
  const notice = row?.id ?? 0
  await expect(tellAgain(context, null, id, notice)).rejects.toMatchObject({ code: 'conflict', detail: { reason: 'waiting' } })
  await expect(tellAgain(context, null, id + 1, notice)).rejects.toMatchObject({ code: 'not_found' })
  await tell(null)
  await sql`update buyer_notices set state = 'failed', due_at = null, ended_at = clock_timestamp() where id = ${notice}`
  const idOf = async () => (await sql<{ id: string }[]>`select message_id as id from buyer_notices where id = ${notice}`)[0]?.id
  const first = await idOf()
  await tellAgain(context, 'again-1', id, notice)
  await tellAgain(context, 'again-1', id, notice)
  await tell()
  expect(await orderNotices(sql, id)).toMatchObject([{ state: 'done', status: 250, attempts: 1 }])
  expect(await idOf()).toBe(first)
  await tellAgain(context, 'again-2', id, notice)
  await tell()
  expect(smtp.letters).toHaveLength(2)
  expect(await idOf()).not.toBe(first)
  expect(await sql`select count(*)::int as n from audit where act = 'notice.again' and subject = ${`order:${id}`}`).toEqual([{ n: 2 }])
  mail.close()
  await Promise.all([smtp.close(), outside.close()])
})
