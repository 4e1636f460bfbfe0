import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { runRules } from '../../db/check.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { bindClerk } from '../../src/usecases/clerk-pin.ts'
import { PASSWORD } from '../http/stage.ts'
import { layIn } from '../support/goods.ts'
import { type Grouped, groupOf } from '../support/pick-up.ts'
import { orderOf } from '../support/two-nodes.ts'
import { setUiStage, type UiStage } from './stage.ts'

export type Units = readonly { readonly sku: string; readonly ordered: number }[]

/** The desk of Berlin, open in a browser. */
export type Desk = {
  readonly stage: UiStage
  readonly context: BrowserContext
  readonly page: Page
  readonly address: string
  /** What the content policy refuses, and any error of a script. */
  readonly complaints: string[]
  /** Rules of the books that the stage's listings break from the beginning. */
  readonly before: readonly string[]
  /** Takes the hub off the network, for pages and their worker alike, and answers what brings it back. */
  readonly goOffline: () => Promise<() => Promise<void>>
  /** Ana, after somebody logged out. */
  readonly logIn: () => Promise<void>
  readonly close: () => Promise<void>
}

/** A store in Berlin with LAMP and VASE, its clerks Ana and Ben, and Ana logged in at its desk. */
export async function openDesk(program: string): Promise<Desk> {
  const stage = await setUiStage()
  const { sql } = stage
  await layIn(sql, { LAMP: { berlin: 5, lyon: 5 }, VASE: { berlin: 9, lyon: 3 }, POT: { lyon: 3 } })
  await sql`update products set title = case handle when 'LAMP' then 'Desk lamp' else 'Vase, blue' end where handle in ('LAMP', 'VASE')`
  await sql`update variants set gtin = '04006381333931', gtin_given = '4006381333931' where sku = 'LAMP'`
  await sql`update locations set kind = 'store', name = 'Berlin Mitte', zone = 'Europe/Berlin' where code = 'berlin'`
  await stage.user('clerk', 'ana@example.org')
  await stage.user('clerk', 'ben@example.org')
  await sql`update users set name = case email when 'ana@example.org' then 'Ana' else 'Ben' end where role = 'clerk'`
  await bindClerk(stage.context, null, 'ana@example.org', { location: 'berlin', pin: '2468' })
  await bindClerk(stage.context, null, 'ben@example.org', { location: 'berlin', pin: '1357' })
  const before = await wrongRules(stage)
  let server: ReturnType<typeof serve>
  const listen = async (port: number): Promise<void> => {
    server = serve({ fetch: stage.pages.fetch, port, hostname: '127.0.0.1' })
    await new Promise(resolve => server.once('listening', resolve))
  }
  const stop = async (): Promise<void> => {
    const closed = new Promise(resolve => server.close(resolve))
    if ('closeAllConnections' in server) server.closeAllConnections()
    await closed
  }
  await listen(0)
  const portOf = (): number => (server.address() as AddressInfo).port
  const address = `http://127.0.0.1:${portOf()}`
  const browser = await chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1024, height: 768 } })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  const logIn = async (): Promise<void> => {
    await page.goto(`${address}/login?next=/desk`)
    await page.getByLabel('E-mail').fill('ana@example.org')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.locator('#desk-link', { hasText: 'Connected' }).waitFor()
  }
  await logIn()
  return {
    ...{ stage, context, page, address, complaints, before, logIn },
    goOffline: async () => {
      const port = portOf()
      await stop()
      return () => listen(port)
    },
    close: async () => {
      await browser.close()
      stage.ui.close()
      await stop()
    },
  }
}

/** An order of a buyer, promised in Berlin and routed to be collected there; what is `sent` goes elsewhere. */
export async function toCollect(
  { stage, page }: Desk,
  id: string,
  lines: Units,
  name: string,
  readyInMin: number,
  sent: Units,
): Promise<Grouped> {
  const stated = { ...orderOf('shop', id, [...lines, ...sent]), person: { name } }
  const titled = {
    ...stated,
    lines: stated.lines.map((line, at) => ({
      ...{ ...line, title: line.sku === 'LAMP' ? 'Desk lamp' : 'Vase, blue' },
      ...(at < lines.length ? { collectAt: 'berlin' } : {}),
    })),
  }
  await bookOrders(stage.context, stage.accountId, [titled], { fresh: false })
  const group = await groupOf(stage.sql, id, 'berlin', 'collect', new Date(Date.now() + readyInMin * 60_000))
  // It would come by itself within seconds.
  await page.evaluate('concordDesk.load()')
  return group
}

/** Rules of the books that are broken. */
export const wrongRules = async (stage: UiStage): Promise<string[]> =>
  (await runRules(stage.sql)).filter(finding => finding.violations > 0).map(finding => finding.rule)
