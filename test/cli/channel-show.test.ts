import { expect, test } from 'vitest'
import { connectors } from '../../connectors/registry.ts'
import { freshDatabase } from '../support/database.ts'
import { quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
const cli = cliOn(url)

test('what a platform cannot do is said with the channel', async () => {
  await quietChannel(sql, 'shop')
  const shown = async (platform: string) => {
    await sql`update accounts set platform = ${platform}`
    return cli(['channel', 'show', 'shop'])
  }
  const ebay = await shown('ebay')
  expect([ebay.code, ebay.out]).toEqual([
    0,
    expect.stringContaining('shop: stock observed, prices observed\nWhat ebay can do (+) and cannot (-):\n'),
  ])
  for (const line of [
    '  - takes no cancellations: cancel in its own back office',
    '  - does not tell what came back: count it in by hand',
    '  + takes shipments',
    '  + orders arrive by webhook and by polling',
    '  CANCEL_REQUESTED: reserve',
  ])
    expect(ebay.out.split('\n')).toContain(line)
  expect((await shown('amazon')).out).toMatch(
    /- cancels whole orders only\n {2}\+ pays back an order that is cancelled as a whole by itself\n {2}- gives no money back.*\n {2}\+ says by when an order is to be shipped\n {2}\+ tells in reports what buyers sent back/,
  )
  for (const { platform, declares } of connectors) {
    await shown(platform)
    const { can } = JSON.parse((await cli(['channel', 'show', 'shop', '--json'])).out)
    const refused = can.filter((point: { can: boolean }) => !point.can).length
    const missing = ['acknowledge', 'ready', 'ship', 'cancel', 'refund'].filter(kind => !declares.acts.some(act => act === kind)).length
    const others = [
      declares.saleDates,
      declares.saleBeside,
      declares.referencePrice,
      declares.statesShipBy === true,
      declares.returns !== 'none',
    ]
    const parts = declares.acts.includes('cancel') && !declares.cancelsParts ? 1 : 0
    const unpaid = declares.acts.includes('cancel') && !declares.cancelPaysBack ? 1 : 0
    expect({ platform, refused }).toEqual({ platform, refused: missing + parts + unpaid + others.filter(is => !is).length })
  }
  expect((await shown('nobody-knows')).out).toContain('This program does not know the platform nobody-knows.')
  expect((await cli(['channel', 'show', 'none'])).code).toBe(1)
})
