import type { DryField } from '../../db/dry-run.ts'
import { beginDryRun, type DryOutcome } from '../usecases/dry-run.ts'
import type { Call, Command, ExitCode } from './command.ts'
import { counted } from './counted.ts'
import { table } from './terminal.ts'
import { valueText } from './value-text.ts'

/** Changes no value: it is tried on what waits or is held. */
const LIMITS = 'guard limits'

/** Commands whose write can be tried. */
const CAN = [
  ...['price set', 'price policy', 'price tax-category', 'price tax', 'price exchange', 'price floor', 'price ceiling'],
  ...['price-list set', 'price-list price', 'price-list rule', 'price-list approve', 'price-list reject', 'price-list end'],
  ...['stock set', 'stock adjust', 'stock receive', 'stock damage', 'stock restore', 'stock return', 'stock safety'],
  ...['terms', 'channel set', 'bundle set', LIMITS],
]

/** Examples for each channel and field. */
export const EXAMPLES = 20

/** The commands, where they can be tried with the option `--dry-run`. */
export const withDryRun = (commands: readonly Command[]): Command[] =>
  commands.map(command =>
    CAN.includes(command.name)
      ? {
          ...command,
          usage: `${command.usage} [--dry-run]`,
          details: `${command.details === undefined ? '' : `${command.details.trim()}\n`}With --dry-run nothing is done: it tells what would change in each channel, what would be refused or held by the guard,
and how many calls and seconds that takes.`,
          options: { ...command.options, 'dry-run': { type: 'boolean' } },
          run: call => (call.flag('dry-run') ? tryOut(command, call) : command.run(call)),
        }
      : command,
  )

async function tryOut(command: Command, call: Call): Promise<ExitCode> {
  const said: string[] = []
  const dry = beginDryRun(call.context, { limit: EXAMPLES })
  await command.run({
    ...call,
    context: dry.context,
    answer: (_, text) => said.push(...text.split('\n').filter(line => line.startsWith('Warning: '))),
  })
  const outcome = dry.outcome()
  // What the command itself would warn of.
  const told = command.name === LIMITS ? limitsText(outcome) : outcomeText(outcome)
  call.answer({ ...outcome, warnings: said }, [told, ...said].join('\n'))
  return 0
}

/** What new limits of the guard would do with what waits to go out, or is held, for a person. */
function limitsText({ fields }: DryOutcome): string {
  const rows = fields.map(field => [field.channel, field.field, field.changed, field.goes, heldText(field), field.off])
  const windows = fields.flatMap(field => (field.allowed === null ? [] : [windowText(field, field.allowed)]))
  const examples = examplesOf(fields)
  return [
    'Nothing was done. Under these limits, of what waits to go out or is held there:',
    table([['channel', 'field', 'waits or is held', 'would pass', 'would be held', 'channel off'], ...rows]),
    ...windows,
    'What is held already stays held until somebody decides on it.',
    ...(examples.length === 0 ? [] : ['', table([['channel', 'SKU', 'field', 'shown', 'then', ''], ...examples])]),
  ].join('\n')
}

const heldText = ({ quarantined }: DryField): string =>
  Object.entries(quarantined)
    .map(([limit, n]) => `${n} ${limit}`)
    .join(', ') || '0'

const windowText = ({ channel, field, windowMinutes, moved }: DryField, allowed: number): string =>
  `${channel} ${field}: the guard lets ${allowed} move within ${windowMinutes} minutes, ${moved} already did`

const examplesOf = (fields: readonly DryField[]): string[][] =>
  fields.flatMap(field =>
    field.examples.map(one => [field.channel, one.sku, field.field, valueText(one.before), one.words ?? valueText(one.after), one.verdict]),
  )

/** What a dry run found, for a person. */
export function outcomeText({ touched, fields, accounts, turns, fallsAway, later }: DryOutcome): string {
  const looked = `(${touched === 1 ? 'one SKU was' : `${touched} SKUs were`} looked at)`
  const more =
    later === 0
      ? []
      : ['', `At ${later === 1 ? 'one more instant' : `${later} more instants`} something may change, too: that was not looked at.`]
  if (fields.length === 0 && turns.length === 0 && fallsAway.length === 0)
    return [`Nothing was done. In no channel would anything change ${looked}.`, ...more].join('\n')
  return [
    ...(fields.length === 0
      ? [`Nothing was done. Now nothing would change in any channel ${looked}.`]
      : ['Nothing was done. It would change:', ...changesText(fields, accounts)]),
    ...turns.flatMap(turn => ['', `At ${turn.at} it would change:`, ...changesText(turn.fields, turn.accounts)]),
    ...fallsText(fallsAway),
    ...more,
  ].join('\n')
}

function fallsText(falls: DryOutcome['fallsAway']): string[] {
  if (falls.length === 0) return []
  const rows = falls.flatMap(({ at, channel, examples }) =>
    examples.map(({ sku, planned, stays }) => [at, channel, sku, valueText(planned), valueText(stays)]),
  )
  return [
    '',
    ...falls.map(
      ({ at, channel, listings }) => `At ${at} ${counted(listings, 'price')} of ${channel} would have changed: that falls away.`,
    ),
    '',
    table([['at', 'channel', 'SKU', 'planned', 'stays'], ...rows]),
  ]
}

function changesText(fields: readonly DryField[], accounts: DryOutcome['accounts']): string[] {
  const rows = fields.map(field => [field.channel, field.field, field.changed, field.goes, field.refused, heldText(field), field.off])
  const windows = fields.flatMap(field => (field.goes === 0 || field.allowed === null ? [] : [windowText(field, field.allowed)]))
  const pushes = accounts.map(one =>
    one.calls === null
      ? `${one.account}: ${counted(one.skus, 'SKU')}`
      : `${one.account}: ${counted(one.skus, 'SKU')}, ${counted(one.calls, 'call')}, at least ${one.seconds} s`,
  )
  return [
    table([['channel', 'field', 'changes', 'goes out', 'refused', 'held by the guard', 'channel off'], ...rows]),
    ...windows,
    ...pushes,
    '',
    table([['channel', 'SKU', 'field', 'before', 'then', ''], ...examplesOf(fields)]),
  ]
}
