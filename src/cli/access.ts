import { randomBytes, randomInt } from 'node:crypto'
import { listKeys } from '../../db/access.ts'
import { bindClerk } from '../usecases/clerk-pin.ts'
import { addKey, addUser, revokeKey } from '../usecases/manage-access.ts'
import { ROLES, SCOPES } from '../usecases/scopes.ts'
import { Fault } from '../values/fault.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { instantOf, shownAt } from './instants.ts'
import { ownKey } from './stock.ts'
import { ask, readInput, table } from './terminal.ts'

/** `user add`, `key create|revoke|list`. */
export const accessCommands: readonly Command[] = [
  {
    name: 'user add',
    usage: 'EMAIL [--name NAME] [--role ROLE] [--language en|zh-CN] [--password-stdin | --generate]',
    summary: 'Make a user who can log in',
    details: `Roles: ${ROLES.join(', ')} (operations unless told). On a terminal the password is asked for and not shown; piped in with
--password-stdin; with --generate, or where there is no terminal, one is made up and printed once.`,
    examples: ['user add ana@example.org --name "Ana" --role operations', 'user add ben@example.org --role admin --generate'],
    options: {
      name: { type: 'string' },
      role: { type: 'string' },
      language: { type: 'string' },
      'password-stdin': { type: 'boolean' },
      generate: { type: 'boolean' },
    },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const email = call.args[0] ?? ''
      const language =
        call.text('language') === undefined ? undefined : oneOf('--language', call.text('language') ?? '', ['en', 'zh-CN'] as const)
      const role = oneOf('--role', call.text('role') ?? 'operations', ROLES)
      const { password, isGenerated } = await passwordOf(call)
      const named = { email, name: call.text('name') ?? email, role, password, ...(language === undefined ? {} : { language }) }
      const user = await addUser(call.context, ownKey(), named)
      const shown = isGenerated ? `\npassword (shown this once): ${password}` : ''
      call.answer({ user, ...(isGenerated ? { password } : {}) }, `${email} can log in as ${role}.${shown}`)
      return 0
    },
  },
  {
    name: 'user desk',
    usage: 'EMAIL [--store CODE] [--pin-stdin | --generate | --no-pin]',
    summary: 'Bind a user to a store, with a PIN that switches to them at its pick-up desk',
    details: `Without --store the user belongs to no store any more. The PIN has 4 to 8 digits; piped in with --pin-stdin; with --generate one is made up and
printed once; without either the PIN stays as it was. All sessions of the user end.`,
    examples: ['user desk ben@example.org --store berlin --generate', 'user desk ben@example.org'],
    options: {
      store: { type: 'string' },
      'pin-stdin': { type: 'boolean' },
      generate: { type: 'boolean' },
      'no-pin': { type: 'boolean' },
    },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const made = call.flag('generate') ? String(randomInt(100_000, 1_000_000)) : undefined
      const pin = call.flag('no-pin') ? null : call.flag('pin-stdin') ? (await readInput(call.terminal)).trim() : made
      const location = call.text('store') ?? null
      const user = await bindClerk(call.context, ownKey(), call.args[0] ?? '', { location, ...(pin === undefined ? {} : { pin }) })
      const where = location === null ? 'belongs to no store' : `works at the desk of ${location}`
      call.answer(
        { user, location, ...(made === undefined ? {} : { pin: made }) },
        `${user.email} ${where}.${made === undefined ? '' : `\nPIN (shown this once): ${made}`}`,
      )
      return 0
    },
  },
  {
    name: 'key create',
    usage: 'NAME --scope SCOPE… [--expires INSTANT]',
    summary: 'Make an API key; it is printed once and cannot be shown again',
    details: `Scopes: ${SCOPES.join(', ')}.`,
    examples: ['key create "till 1" --scope stock:write', 'key create erp --scope catalog:write --scope stock:write --expires 2027-12-31'],
    options: { scope: { type: 'string', multiple: true }, expires: { type: 'string' } },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const scopes = call.texts('scope').flatMap(text => text.split(','))
      if (scopes.length === 0) throw wrongUsage('--scope is missing')
      const known = scopes.map(scope => oneOf('--scope', scope, SCOPES))
      const expiresAt = instantOf(call, 'expires')
      const period = expiresAt === undefined ? {} : { expiresAt }
      const made = await addKey(call.context, ownKey(), { name: call.args[0] ?? '', scopes: known, ...period })
      // Null only after a connection was lost between the two tries of one command.
      if (made.key === null)
        throw new Fault(
          'unavailable',
          `the key ${made.id} was made, but the connection was lost before it could be shown: revoke it and make another`,
        )
      call.answer(made, `${made.key}\n(${made.id}; shown this once)`)
      return 0
    },
  },
  {
    name: 'key revoke',
    usage: 'ID',
    summary: 'End an API key for good; within a second no node takes it',
    examples: ['key revoke ck_3q2-7wAbCdEf'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      await revokeKey(call.context, ownKey(), call.args[0] ?? '')
      call.answer({ id: call.args[0], revoked: true }, `${call.args[0]} is revoked.`)
      return 0
    },
  },
  {
    name: 'key list',
    usage: '',
    summary: 'All API keys, without their secrets',
    examples: ['key list'],
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const keys = await listKeys(call.context.sql, '', 1_000)
      const rows = keys.map(key => [
        key.id,
        key.name,
        key.scopes.join(' '),
        key.createdBy,
        shownAt(key.usedAt),
        shownAt(key.expiresAt),
        shownAt(key.revokedAt),
      ])
      call.answer(keys, table([['id', 'name', 'scopes', 'made by', 'used', 'expires', 'revoked'], ...rows]))
      return 0
    },
  },
]

async function passwordOf(call: Call): Promise<{ readonly password: string; readonly isGenerated: boolean }> {
  if (call.flag('password-stdin')) return { password: await readInput(call.terminal), isGenerated: false }
  if (call.flag('generate') || !call.terminal.in.isTTY) return { password: randomBytes(15).toString('base64url'), isGenerated: true }
  const password = await ask(call.terminal, 'password: ', true)
  const again = password === null ? null : await ask(call.terminal, 'once more: ', true)
  if (password === null || again !== password)
    throw new Fault('invalid', password === null ? 'no user was made' : 'the two are not the same; no user was made')
  return { password, isGenerated: false }
}

function oneOf<Value extends string>(option: string, text: string, values: readonly Value[]): Value {
  const found = values.find(value => value === text)
  if (found === undefined) throw wrongUsage(`${option} ${text}: it is one of ${values.join(', ')}`)
  return found
}
