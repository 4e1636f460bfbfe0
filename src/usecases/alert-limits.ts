import { type AlertLimitRow, alertCommand, listAlertLimits } from '../../db/alerts.ts'
import { ALERT_KINDS, type AlertKind, alertKinds, isAlertKind } from '../domain/sync/alert-kinds.ts'
import { Fault } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { stated } from './stated.ts'

/** From where on a kind is told: `amount` in seconds or a count, over when it was not so for `quietS` seconds. */
export type AlertLimit = {
  readonly kind: AlertKind
  /** Null: the whole installation. */
  readonly channel: string | null
  readonly amount: number
  readonly quietS: number
  readonly off: boolean
  readonly unit: 'seconds' | 'count'
  /** Who set it; null: these are the program's own. */
  readonly actor: string | null
  readonly setAt: Date | null
}

export type AlertLimitChange = {
  readonly amount?: number | undefined
  readonly quietS?: number | undefined
  readonly off?: boolean | undefined
  /** True: takes back what was set here; what stands a step above holds again. */
  readonly usual?: boolean | undefined
}

const AMOUNT_MOST = 31 * 86_400
const QUIET_MOST = 7 * 86_400

/** The limits in force: those of the installation, all kinds, and those that channels have of their own. */
export async function showAlertLimits({ sql }: Pick<Context, 'sql'>): Promise<AlertLimit[]> {
  const set = (await listAlertLimits(sql)).filter((row): row is AlertLimitRow & { kind: AlertKind } => isAlertKind(row.kind))
  return alertKinds.flatMap(kind => {
    const usual = ALERT_KINDS[kind]
    const own = set.find(row => row.kind === kind && row.channel === null)
    const installation = inForce(kind, null, own, { amount: usual.amount, quietS: usual.quietS, off: false })
    const channels = set.filter(row => row.kind === kind && row.channel !== null)
    return [installation, ...channels.map(row => inForce(kind, row.channel, row, installation))]
  })
}

function inForce(
  kind: AlertKind,
  channel: string | null,
  row: AlertLimitRow | undefined,
  above: Pick<AlertLimit, 'amount' | 'quietS' | 'off'>,
): AlertLimit {
  return {
    ...{ kind, channel, unit: ALERT_KINDS[kind].unit },
    ...{ amount: row?.amount ?? above.amount, quietS: row?.quietS ?? above.quietS, off: row?.off ?? above.off },
    ...{ actor: row?.actor ?? null, setAt: row?.setAt ?? null },
  }
}

/** Sets from where on a kind is told, in the installation or one channel. Answers all limits. Faults: invalid, not_found, conflict of keys. */
export async function setAlertLimit(
  context: Context,
  key: string | null,
  kind: string,
  channel: string | null,
  change: AlertLimitChange,
): Promise<AlertLimit[]> {
  if (!isAlertKind(kind))
    throw new Fault('not_found', `There is no alert ${kind}.`, { field: 'kind', value: kind, expected: alertKinds.join(', ') })
  if (channel !== null && !ALERT_KINDS[kind].perChannel)
    throw new Fault('invalid', `${kind} has one limit for the whole installation.`, { field: 'channel', value: channel })
  refuse('amount', change.amount, AMOUNT_MOST)
  refuse('quietS', change.quietS, QUIET_MOST)
  if (Object.values(change).every(value => value === undefined))
    throw new Fault('invalid', 'Nothing is to be changed.', { expected: 'amount, quietS, off or usual' })
  const body = stated({ alert: kind, channel, ...change })
  const answer = await carryOut(key, () =>
    alertCommand(context.sql, 'alert_limit_set_1', { ...body, ...command(context, 'alert.limit', key, body) }),
  )
  if (answer.outcome === 'key_conflict') throw keyConflict()
  if (answer.outcome === 'unknown') throw new Fault('not_found', `There is no channel ${channel}.`, { field: 'channel', value: channel })
  return showAlertLimits(context)
}

function refuse(field: 'amount' | 'quietS', value: number | undefined, most: number): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= most))
    throw new Fault('invalid', `${field} is a whole number from 0 to ${most}, not ${value}.`, { field, value, expected: `0 to ${most}` })
}
