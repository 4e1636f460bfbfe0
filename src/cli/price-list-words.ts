import type { Context } from '../usecases/context.ts'
import { onBehalfOf } from '../usecases/on-behalf.ts'
import { type Scope, scopesOfRole } from '../usecases/scopes.ts'
import type { Call } from './command.ts'

export const text = { type: 'string' } as const

export const AS = '--as: in the name of a user ("concord user add"), who must be allowed to do it; without it, as whoever types.'

/** In whose name a command on price lists is done, by `--as`. Whoever has the database may approve, unless they do it in somebody's name. */
export async function actingAs(call: Call, needs: Scope): Promise<{ readonly context: Context; readonly mayApprove: boolean }> {
  const as = call.text('as')
  if (as === undefined) return { context: call.context, mayApprove: true }
  const { context, role } = await onBehalfOf(call.context, as, needs)
  return { context: { ...call.context, ...context }, mayApprove: scopesOfRole(role).has('prices:approve') }
}
