import type { Context } from 'hono'
import { isConnectionLost } from '../../../db/once-more.ts'
import { pushPaces } from '../../usecases/channels.ts'
import type { Context as UseCaseContext } from '../../usecases/context.ts'
import { nearNames } from '../../usecases/near-names.ts'
import type { RequestEnv } from '../../usecases/principal.ts'
import { Fault } from '../../values/fault.ts'
import type { UiDeps } from '../deps.ts'
import { type Flash, setFlash, setTyped } from '../flash.ts'
import { listed } from '../format.ts'
import { CSRF_FIELD, KEY_FIELD } from '../parts/form.tsx'
import { type View, viewOf } from '../view.ts'
import type { Given } from './given.ts'

/** What a form does: calls a use case and says what happened, in the person's language; `warning`: it is done, and asks for an eye. */
export type Deed = (given: Given, context: UseCaseContext) => Promise<Said>

/** `to`: the page to go to instead of the one that the form stands on. */
export type Said =
  | string
  | { readonly warning: string; readonly to?: string }
  /** `said` null: nothing was done yet, the page tells what would be. */
  | { readonly said: string | null; readonly to: string }

/** The page that the form stands on, where need be by what is chosen in it. */
export type Back = string | ((fields: Given['fields']) => string)

/**
 * Carries out a form and sends the person back to the page, which then says what happened. A refusal is said there too: the page shows the
 * present state beside it. What is no refusal is thrown on.
 */
export async function carryOutForm(c: Context<RequestEnv>, deps: UiDeps, back: Back, deed: Deed): Promise<Response> {
  const view = viewOf(c, deps)
  const body = await c.req.parseBody()
  // No keyboard has the zero byte, and no text of the database may hold it.
  const fields = Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value.replaceAll('\u0000', '')]] : [])),
  )
  const page = typeof back === 'string' ? back : back(fields)
  const context: UseCaseContext = {
    ...{ sql: deps.sql, keyring: deps.keyring, actor: c.get('principal').actor },
    ...(deps.shapes === undefined ? {} : { pushPaceOf: pushPaces(deps.shapes) }),
  }
  try {
    const said = await deed({ view, fields }, context)
    const isWarning = typeof said === 'object' && 'warning' in said
    const text = typeof said === 'string' ? said : isWarning ? said.warning : said.said
    if (text !== null) setFlash(c, deps, { tone: isWarning ? 'warning' : 'done', title: null, text })
    // 303: the browser asks for the page anew, so that a reload does not send the form again.
    return c.redirect((typeof said === 'object' ? said.to : undefined) ?? page, 303)
  } catch (error) {
    const trouble = troubleOf(view, error)
    const near = await nearTo(deps, error)
    setFlash(
      c,
      deps,
      near.length === 0 ? trouble : { ...trouble, text: `${trouble.text} ${view.t.errors.near(listed(near, view.language))}` },
    )
    setTyped(c, deps, { action: c.req.path, field: fieldOf(error), fields: withoutSecrets(fields) })
    return c.redirect(page, 303)
  }
}

/** Names like one that nobody knows. */
async function nearTo(deps: UiDeps, error: unknown): Promise<readonly string[]> {
  return error instanceof Fault ? ((await nearNames(deps, error))?.names ?? []) : []
}

/** The field of the form that a refusal is about; a use case names it by its path (`lines.0.sku`). */
function fieldOf(error: unknown): string | null {
  if (!(error instanceof Fault) || error.detail.field === undefined) return null
  const { field, isTranslated } = error.detail
  return isTranslated === true ? field : (field.split('.').at(-1) ?? null)
}

function withoutSecrets(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== CSRF_FIELD && name !== KEY_FIELD))
}

/** What went wrong, for people. Rethrows what is neither a refusal nor a database that went away. */
export function troubleOf(view: View, error: unknown): Flash {
  const { errors } = view.t
  if (error instanceof Fault) return { tone: 'trouble', title: errors.faults[error.code], text: faultText(view, error) }
  if (isConnectionLost(error)) return { tone: 'trouble', title: errors.title, text: errors.unavailable }
  throw error
}

/** A refusal in the person's language: what it names (SKU, location, numbers) comes from its detail; else it is the use case's own sentence. */
export function faultText(view: View, fault: Fault): string {
  const { errors, sku } = view.t
  const { detail } = fault
  if (detail.isTranslated === true) return fault.message
  const [missing] = Array.isArray(detail.missing) ? detail.missing : []
  if (fault.code === 'insufficient_stock' && isMissing(missing)) {
    return sku.stock.belowZero(missing.sku, missing.location, missing.available, missing.asked)
  }
  if (fault.code === 'forbidden') return errors.forbiddenText(view.principal?.role == null ? '' : view.t.roles[view.principal.role])
  const thing = detail.field?.split('.').at(-1) ?? ''
  if (isThing(thing) && detail.value !== undefined) {
    return errors.unknown(errors.things[thing], String(detail.value))
  }
  return fault.message
}

type Thing = keyof View['t']['errors']['things']

const things: readonly Thing[] = [
  ...(['sku', 'location', 'locations', 'channel', 'listing', 'message', 'order'] as const),
  ...(['reasonCode', 'delivery', 'transfer', 'count', 'lot'] as const),
  ...(['list', 'baseList', 'product', 'category', 'region', 'tier'] as const),
]

const isThing = (word: string): word is Thing => things.some(one => one === word)

type Missing = { readonly sku: string; readonly location: string; readonly available: number; readonly asked: number }

function isMissing(value: unknown): value is Missing {
  return (
    typeof value === 'object' &&
    value !== null &&
    'sku' in value &&
    typeof value.sku === 'string' &&
    'location' in value &&
    typeof value.location === 'string' &&
    'available' in value &&
    typeof value.available === 'number' &&
    'asked' in value &&
    typeof value.asked === 'number'
  )
}
