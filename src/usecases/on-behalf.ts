import { findUser } from '../../db/access.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { ROLES, type Role, type Scope, scopesOfRole } from './scopes.ts'

/** A person in whose name something is done, and what they are here. */
export type OnBehalf = { readonly context: Context; readonly role: Role }

/**
 * Lets what follows be done in the name of a person, as if they were signed in: the ledger names them, and what they may not do is refused. `needs` is what
 * it takes. Fault: not_found for an e-mail that no user has, forbidden for one who is switched off, or whose role does not allow it.
 */
export async function onBehalfOf(context: Context, email: string, needs: Scope): Promise<OnBehalf> {
  const user = await findUser(context.sql, email)
  if (user === null) throw new Fault('not_found', `There is no user ${email}.`, { field: 'user', value: email })
  const role = ROLES.find(one => one === user.role)
  if (user.disabled || role === undefined) throw new Fault('forbidden', `${user.email} is switched off: nothing is done in that name.`)
  if (!scopesOfRole(role).has(needs)) {
    const able = ROLES.filter(one => scopesOfRole(one).has(needs))
    throw new Fault('forbidden', `${user.email} has the role ${role}, which may not do this (${needs}): ${able.join(' or ')} may.`, {
      role,
      needs,
    })
  }
  return { context: { ...context, actor: `user:${user.email}` }, role }
}
