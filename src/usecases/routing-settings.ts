import type { JsonValue } from '../../db/connect.ts'
import { type LocationServices, readServices, type SettingAnswer, setRouting } from '../../db/routing-settings.ts'
import { readRules } from '../domain/fulfilment/read-rules.ts'
import type { RoutingRules } from '../domain/fulfilment/rules.ts'
import { Fault } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { assertCalendar } from './public-holidays.ts'

export type ServicesStated = { readonly [Field in Exclude<keyof LocationServices, 'since' | 'actor'>]?: LocationServices[Field] }

/** States what a location does for orders: what is absent stays as it is, null takes a limit or a fact back. Answers all of it. Throws `not_found`, `invalid` for an unknown calendar. */
export async function serveLocation(
  context: Context,
  key: string | null,
  code: string,
  services: ServicesStated,
): Promise<LocationServices> {
  if (services.holidaysOf != null) await assertCalendar('holidaysOf', services.holidaysOf)
  const body = { code, services: JSON.parse(JSON.stringify(services)) as JsonValue }
  const answer = await carryOut(key, () =>
    setRouting(context.sql, 'location_serve_1', { ...command(context, 'location.serve', key, body), ...body }),
  )
  const row = answer.outcome === 'changed' ? await readServices(context.sql, code) : null
  if (row === null) return refused(answer)
  return row
}

/**
 * Writes the rules of a channel (null: of all that have none of their own) as a new version over the one that was read (null: there was none). Throws `invalid`
 * with the field that is wrong, `stale` where somebody else wrote meanwhile, `not_found`.
 */
export async function setRules(
  context: Context,
  key: string | null,
  channel: string | null,
  version: number | null,
  written: unknown,
): Promise<number> {
  const body = { channel, version, rules: JSON.parse(JSON.stringify(statedRules(written))) as JsonValue }
  const answer = await carryOut(key, () =>
    setRouting(context.sql, 'routing_rules_set_1', { ...command(context, 'routing.rules', key, body), ...body }),
  )
  if (answer.outcome !== 'changed' || answer.version === undefined) return refused(answer)
  return answer.version
}

/** Rules as a person wrote them. Throws `invalid` with the field that is wrong. */
export function statedRules(written: unknown): RoutingRules {
  const read = readRules(written)
  if (read.ok) return read.rules
  const { field, expected } = read
  throw new Fault('invalid', `${field === '' ? 'The rules' : field} must be ${expected}.`, { field, expected })
}

function refused(answer: SettingAnswer): never {
  switch (answer.outcome) {
    case 'key_conflict':
      throw keyConflict()
    case 'unknown':
      throw new Fault('not_found', `There is no ${answer.field} ${answer.value} of yours.`, { field: answer.field, value: answer.value })
    case 'stale':
      throw new Fault(
        'stale',
        `Somebody else changed the rules meanwhile: ${answer.version === null ? 'there are none' : `version ${answer.version} holds`} now.`,
        {
          field: 'version',
          value: answer.version,
        },
      )
    default:
      throw new Error(`unexpected answer ${answer.outcome}`)
  }
}
