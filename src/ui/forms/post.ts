import type { Context } from 'hono'
import { isConnectionLost } from '../../../db/once-more.ts'
import type { Context as UseCaseContext } from '../../usecases/context.ts'
import type { RequestEnv } from '../../usecases/principal.ts'
import { Fault } from '../../values/fault.ts'
import type { UiDeps } from '../deps.ts'
import { type Flash, setFlash } from '../flash.ts'
import { type View, viewOf } from '../view.ts'
import type { Given } from './given.ts'

/** What a form does: calls a use case and says what happened, in the person's language; `warning`: it is done, and asks for an eye. */
export type Deed = (given: Given, context: UseCaseContext) => Promise<string | { readonly warning: string }>

/**
 * Carries out a form and sends the person back to the page, which then says what happened. A refusal is said there too: the page shows the
 * present state beside it. What is no refusal is thrown on.
 */
export async function carryOutForm(c: Context<RequestEnv>, deps: UiDeps, back: string, deed: Deed): Promise<Response> {
  const view = viewOf(c, deps)
  const body = await c.req.parseBody()
  const fields = Object.fromEntries(Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
  const context: UseCaseContext = { sql: deps.sql, keyring: deps.keyring, actor: c.get('principal').actor }
  try {
    const said = await deed({ view, fields }, context)
    setFlash(
      c,
      deps,
      typeof said === 'string' ? { tone: 'done', title: null, text: said } : { tone: 'warning', title: null, text: said.warning },
    )
  } catch (error) {
    setFlash(c, deps, troubleOf(view, error))
  }
  // 303: the browser asks for the page anew, so that a reload does not send the form again.
  return c.redirect(back, 303)
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

const things: readonly Thing[] = ['sku', 'location', 'locations', 'channel', 'listing', 'message', 'order']

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
