import { listEndpoints } from '../../db/alert-deliveries.ts'
import { listAlerts } from '../../db/alerts.ts'
import { alertKinds } from '../domain/sync/alert-kinds.ts'
import { addEndpoint, removeEndpoint, testEndpoint } from '../usecases/alert-endpoints.ts'
import { type AlertLimit, setAlertLimit, showAlertLimits } from '../usecases/alert-limits.ts'
import { alertText } from '../usecases/alert-text.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { shownAt } from './instants.ts'
import { firstOf, LIMIT } from './listed.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const KINDS = `Kinds: ${alertKinds.join(', ')}.`

/** `alert list`, `alert limits`, `alert mail add|list|test|remove`. */
export const alertCommands: readonly Command[] = [
  {
    name: 'alert list',
    usage: '[--all] [--kind KIND] [--channel CODE] [--limit N]',
    summary: 'What is wrong now; --all: also what was. Ends with 1 where something is wrong now',
    details: KINDS,
    examples: ['alert list', 'alert list --all --channel shop'],
    options: { all: { type: 'boolean' }, kind: text, channel: text, ...LIMIT },
    takes: [0, 0],
    database: 'migrated',
    run: list,
  },
  {
    name: 'alert limits',
    usage: '[KIND [--channel CODE] [--amount NUMBER] [--quiet SECONDS] [--off | --on | --usual]]',
    summary: 'Set from where on a kind is told, for the installation or one channel; without options, show all limits',
    details: `--amount: seconds, or a count for refusals (of an hour) and drift (of a day). --quiet: it is over when it was not so for this long. --usual: as supplied, or as the installation has it.
${KINDS}`,
    examples: ['alert limits', 'alert limits channel_late --channel shop --amount 300', 'alert limits orders_silent --off'],
    options: {
      channel: text,
      amount: text,
      quiet: text,
      off: { type: 'boolean' },
      on: { type: 'boolean' },
      usual: { type: 'boolean' },
    },
    takes: [0, 1],
    database: 'migrated',
    run: limits,
  },
  {
    name: 'alert mail add',
    usage: 'EMAIL [--kind KIND]… [--language en|zh-CN]',
    summary: 'Tell an e-mail address of alerts, or of some kinds of them',
    details: `Letters go out by the server of SMTP_URL.\n${KINDS}`,
    examples: ['alert mail add ana@example.org', 'alert mail add ben@example.org --kind credentials --language zh-CN'],
    options: { kind: { type: 'string', multiple: true }, language: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const language = call.text('language')
      if (language !== undefined && language !== 'en' && language !== 'zh-CN') throw wrongUsage(`--language ${language}: it is en or zh-CN`)
      const [email = ''] = call.args
      const { endpoint } = await addEndpoint(call.context, ownKey(), 'email', email, { kinds: call.texts('kind'), language })
      const { smtp } = await call.wiring.settings()
      const silent =
        smtp == null ? '\nSMTP_URL is not set here: unless the hub has it and MAIL_FROM in its own environment, no letter goes out.' : ''
      call.answer(endpoint, `${email} is told of alerts (${endpoint.id}). Try it: alert mail test ${endpoint.id}${silent}`)
      return 0
    },
  },
  {
    name: 'alert mail list',
    usage: '',
    summary: 'The e-mail addresses that are told of alerts',
    examples: ['alert mail list'],
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const rows = await listEndpoints(call.context.sql, 'email')
      const cells = rows.map(row => [
        ...[row.id, row.address, row.kinds.join(' ') || 'all', row.language, row.waiting],
        ...[shownAt(row.lastDone), shownAt(row.lastFailed)],
      ])
      call.answer(rows, table([['id', 'address', 'alerts', 'language', 'waiting', 'last told', 'last failed'], ...cells]))
      return 0
    },
  },
  {
    name: 'alert mail test',
    usage: 'ID',
    summary: 'Send an e-mail address something to see whether it gets it',
    examples: ['alert mail test 3'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const delivery = await testEndpoint(call.context, ownKey(), 'email', idOf(call))
      call.answer({ delivery }, `On its way. See: webhook deliveries --id ${delivery}`)
      return 0
    },
  },
  {
    name: 'alert mail remove',
    usage: 'ID',
    summary: 'Tell an e-mail address no more',
    examples: ['alert mail remove 3'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      await removeEndpoint(call.context, ownKey(), 'email', idOf(call))
      call.answer({ id: idOf(call), removed: true }, `${idOf(call)} is told no more.`)
      return 0
    },
  },
]

async function list(call: Call): Promise<ExitCode> {
  const filter = { kind: call.text('kind'), channel: call.text('channel') }
  const wanted = call.flag('all') ? filter : { ...filter, open: true }
  const { rows, more } = await firstOf(call, 200, limit => listAlerts(call.context.sql, wanted, null, limit))
  const told = rows.map(row => ({ ...row, ...alertText(row.kind, row.subject, row.facts, 'en') }))
  const lines = told.map(
    row =>
      `${row.title}\n  ${row.text}\n  alert ${row.id}, ${row.kind}, since ${shownAt(row.since)}${row.endedAt === null ? '' : `, over at ${shownAt(row.endedAt)}`}`,
  )
  call.answer(told, lines.length === 0 ? 'Nothing is wrong.' : lines.join('\n') + more)
  return rows.some(row => row.endedAt === null) ? 1 : 0
}

async function limits(call: Call): Promise<ExitCode> {
  const [kind] = call.args
  const [off, on, usual] = [call.flag('off'), call.flag('on'), call.flag('usual')]
  const change = {
    ...(call.text('amount') === undefined ? {} : { amount: whole('--amount', call.text('amount') ?? '') }),
    ...(call.text('quiet') === undefined ? {} : { quietS: whole('--quiet', call.text('quiet') ?? '') }),
    ...(off || on ? { off } : {}),
    ...(usual ? { usual } : {}),
  }
  const isChange = Object.keys(change).length > 0
  if (isChange && kind === undefined) throw wrongUsage('which kind?')
  if (Number(off) + Number(on) + Number(usual) > 1) throw wrongUsage('--off, --on and --usual exclude each other')
  const all = isChange
    ? await setAlertLimit(call.context, ownKey(), kind ?? '', call.text('channel') ?? null, change)
    : await showAlertLimits(call.context)
  const shown = all.filter(one => kind === undefined || one.kind === kind)
  call.answer(shown, limitsText(shown))
  return 0
}

function limitsText(rows: readonly AlertLimit[]): string {
  const cells = rows.map(row => [
    ...[row.kind, row.channel ?? 'all', row.off ? 'off' : `${row.amount}${row.unit === 'seconds' ? ' s' : ''}`],
    ...[`${row.quietS} s`, row.actor ?? 'as supplied'],
  ])
  return table([['alert', 'channel', 'from', 'over after', 'set by'], ...cells])
}

const idOf = (call: Call): number => whole('id', call.args[0] ?? '')

/** A whole number that was typed. Throws wrong usage. */
export function whole(name: string, given: string): number {
  if (!/^\d{1,15}$/.test(given)) throw wrongUsage(`${name} ${given} is no whole number`)
  return Number(given)
}
