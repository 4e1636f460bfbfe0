import type { Hono } from 'hono'
import { connectorOf, connectors } from '../../connectors/registry.ts'
import { makeTryAccount } from '../../jobs/try-account.ts'
import { platformFacts } from '../../src/main-platforms.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { type UiSurface, uiRoutes } from '../../src/ui/index.ts'
import type { RequestEnv } from '../../src/usecases/principal.ts'
import type { Role } from '../../src/usecases/scopes.ts'
import { logIn, type Stage, setStage } from '../http/stage.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'

export type Person = { readonly cookie: string; readonly csrf: string }

export type UiStage = Stage & {
  readonly pages: Hono<RequestEnv>
  readonly ui: UiSurface
  readonly person: (role: Role) => Promise<Person>
  readonly orderId: number
  readonly shortOrderId: number
  readonly accountId: number
}

/**
 * The app with its pages, three SKUs (MUG 10 at berlin and 4 at lyon, PEN 1 at berlin, and one whose title is an attack), a channel `shop` that
 * lists them, an order that is covered and one that is 2 short. Looks for open pages every 30 ms.
 */
export async function setUiStage(): Promise<UiStage> {
  const stage = await setStage()
  const { sql, keyring } = stage
  await layIn(sql, { MUG: { berlin: 10, lyon: 4 }, PEN: { berlin: 1 }, ATTACK: { berlin: 7 } }, '12.5')
  await sql`update products set title = '<script>alert("x")</script>' where handle = 'ATTACK'`
  const { accountId, channelId } = await quietChannel(sql, 'shop')
  await sql`update accounts set platform = 'woocommerce' where id = ${accountId}`
  await sql`
    insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id, shown_quantity, shown_price)
    select ${channelId}, ${accountId}, 'ext-' || sku, sku, 'There: ' || sku, id, 3, '{"currency": "EUR", "regular": "9", "sale": null}' from variants`
  await sql`
    insert into listings (channel_id, account_id, external_id, external_sku, title)
    values (${channelId}, ${accountId}, 'ext-odd', 'ODD"><img src=x onerror=alert(1)>', '<b>odd</b>')`
  const [covered] = await book(sql, { accountId }, 'shop', [{ id: 'A-1', lines: [{ sku: 'MUG', ordered: 2 }] }])
  const [short] = await book(sql, { accountId }, 'shop', [{ id: 'A-2', lines: [{ sku: 'PEN', ordered: 3 }] }])
  if (covered?.orderId === undefined || short?.orderId === undefined) throw new Error('the orders were not booked')
  await sql`select publications_intend_1(${accountId}, null, clock_timestamp())`
  const log = { error: (fields: object, message: string): void => console.error(message, fields) }
  const shapes = connectors.map(platformShape)
  const ui = uiRoutes({
    ...{ sql, keyring, log, platforms: platformFacts, shapes, liveEveryMs: 30 },
    tryAccount: makeTryAccount(connectorOf),
  })
  const pages = stage.another({ ui })
  const people = new Map<Role, Person>()
  const person = async (role: Role): Promise<Person> => {
    const known = people.get(role)
    if (known !== undefined) return known
    const made = await logIn(stage.app, await stage.user(role))
    people.set(role, made)
    return made
  }
  return { ...stage, pages, ui, person, orderId: covered.orderId, shortOrderId: short.orderId, accountId }
}

export type Visit = { readonly status: number; readonly html: string; readonly headers: Headers }

/** Opens a page as a browser does. */
export async function visit(
  stage: UiStage,
  path: string,
  who: Person | null,
  headers: Readonly<Record<string, string>> = {},
): Promise<Visit> {
  const cookie = [who?.cookie, headers.cookie].filter(part => part !== undefined).join('; ')
  const response = await stage.pages.request(path, { headers: { accept: 'text/html', ...headers, cookie } })
  return { status: response.status, html: await response.text(), headers: response.headers }
}

/** Sends a form as a browser does and follows to the page that says what happened. `fields` may leave out or replace the token and the key. */
export async function send(stage: UiStage, path: string, who: Person, fields: Readonly<Record<string, string>>): Promise<Visit> {
  const body = new URLSearchParams({ _csrf: who.csrf, _key: crypto.randomUUID(), ...fields })
  const response = await stage.pages.request(path, {
    method: 'POST',
    headers: { accept: 'text/html', cookie: who.cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
  const to = response.headers.get('location')
  if (response.status !== 303 || to === null) return { status: response.status, html: await response.text(), headers: response.headers }
  const flash = response.headers
    .getSetCookie()
    .map(cookie => cookie.split(';')[0])
    .join('; ')
  return visit(stage, to, who, { cookie: flash })
}

/** What a page says in its message about the last form. */
export function flashOf(html: string): string {
  return textOf(/<div id="flash"[^>]*>(.*?)<\/main>/s.exec(html)?.[1]?.split('<div class="page-head">')[0] ?? '')
}

/** The text that a person sees, tags taken away. */
export function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The numbers of the row with this id, in the order of its columns. */
export function numbersOf(html: string, rowId: string): number[] {
  const row = new RegExp(`<tr id="${rowId}"[^>]*>(.*?)</tr>`, 's').exec(html)?.[1]
  if (row === undefined) throw new Error(`no row ${rowId}`)
  return [...row.matchAll(/<td class="num[^"]*"[^>]*>([^<]*)<\/td>/g)].map(found => Number(found[1]?.replaceAll(',', '')))
}
