import { type DeliveryRow, type EndpointRow, listDeliveries, listEndpoints, readTries } from '../../db/alert-deliveries.ts'
import { orderEvents } from '../domain/notices/kinds.ts'
import { alertKinds } from '../domain/sync/alert-kinds.ts'
import {
  addEndpoint,
  changeEndpoint,
  removeEndpoint,
  replayDelivery,
  replaySince,
  rotateSecret,
  testEndpoint,
} from '../usecases/alert-endpoints.ts'
import { Fault } from '../values/fault.ts'
import { whole } from './alert.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { instantOf, shownAt } from './instants.ts'
import { firstOf, LIMIT } from './listed.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const several = { type: 'string', multiple: true } as const

/** `webhook add|list|set|rotate|remove|test|deliveries|replay`. */
export const webhookCommands: readonly Command[] = [
  {
    name: 'webhook add',
    usage: 'URL [--name NAME] [--kind KIND]… [--tells-buyers]',
    summary: 'Tell a webhook endpoint of alerts; its secret is printed once and cannot be shown again',
    details: `Each delivery is signed by the Standard Webhooks specification, and tried for three days until the endpoint answers 2xx within 15 s.
Kinds: ${alertKinds.join(', ')}; all of them unless told.
Notices to buyers: ${orderEvents.join(', ')}.
--tells-buyers: what it is told of orders holds the buyer's telephone, the link, the code and the words.`,
    examples: [
      'webhook add https://ops.example.org/concord',
      'webhook add https://pager.example.org/in --kind credentials --kind channel_late',
      'webhook add https://sms.example.org/in --kind order.ready --kind order.shipped --tells-buyers',
    ],
    options: { name: text, kind: several, 'tells-buyers': { type: 'boolean' } },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const terms = { kinds: call.texts('kind'), name: call.text('name'), tellsBuyers: call.flag('tells-buyers') }
      const { endpoint, secret } = await addEndpoint(call.context, ownKey(), 'webhook', call.args[0] ?? '', terms)
      const shown = secretShown(secret, `the endpoint ${endpoint.id} was made`)
      call.answer(
        { ...endpoint, secret: shown },
        `${shown}\n(endpoint ${endpoint.id}; shown this once. Try it: webhook test ${endpoint.id})`,
      )
      return 0
    },
  },
  {
    name: 'webhook list',
    usage: '',
    summary: 'The webhook endpoints that are told of alerts',
    examples: ['webhook list'],
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const rows = await listEndpoints(call.context.sql, 'webhook')
      call.answer(rows, endpointsText(rows))
      return 0
    },
  },
  {
    name: 'webhook set',
    usage: 'ID [--name NAME] [--kind KIND]… [--all-kinds] [--pause | --resume]',
    summary: 'Change a webhook endpoint, pause it, or let it go on',
    details: 'What is wrong while an endpoint is paused is not told there; what was on its way then waits.',
    examples: ['webhook set 3 --pause', 'webhook set 3 --kind credentials'],
    options: { name: text, kind: several, 'all-kinds': { type: 'boolean' }, pause: { type: 'boolean' }, resume: { type: 'boolean' } },
    takes: [1, 1],
    database: 'migrated',
    run: set,
  },
  {
    name: 'webhook rotate',
    usage: 'ID [--overlap SECONDS]',
    summary: 'Give a webhook endpoint a new secret, printed once; the old one signs as well for a day, or as long as told',
    examples: ['webhook rotate 3', 'webhook rotate 3 --overlap 3600'],
    options: { overlap: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const overlap = call.text('overlap')
      const made = await rotateSecret(call.context, ownKey(), idOf(call), overlap === undefined ? undefined : whole('--overlap', overlap))
      const secret = secretShown(made.secret, 'the secret was made')
      call.answer({ ...made, secret }, `${secret}\n(shown this once; the one before signs until ${shownAt(made.endsAt)})`)
      return 0
    },
  },
  {
    name: 'webhook test',
    usage: 'ID',
    summary: 'Send a webhook endpoint something to see whether it gets it',
    examples: ['webhook test 3'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const delivery = await testEndpoint(call.context, ownKey(), 'webhook', idOf(call))
      call.answer({ delivery }, `On its way. See: webhook deliveries --id ${delivery}`)
      return 0
    },
  },
  {
    name: 'webhook remove',
    usage: 'ID',
    summary: 'Tell a webhook endpoint no more; what waited for it is dropped',
    examples: ['webhook remove 3'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      await removeEndpoint(call.context, ownKey(), 'webhook', idOf(call))
      call.answer({ id: idOf(call), removed: true }, `${idOf(call)} is told no more.`)
      return 0
    },
  },
  {
    name: 'webhook deliveries',
    usage: '[--endpoint ID] [--state waiting|done|failed|dropped] [--since INSTANT] [--id DELIVERY] [--limit N]',
    summary: 'The log of what was told, by webhook and e-mail; --id: one delivery with every try',
    examples: ['webhook deliveries --state failed', 'webhook deliveries --id 17'],
    options: { endpoint: text, state: text, since: text, id: text, ...LIMIT },
    takes: [0, 0],
    database: 'migrated',
    run: deliveries,
  },
  {
    name: 'webhook replay',
    usage: 'DELIVERY | --endpoint ID --since INSTANT',
    summary: 'Send a delivery again, or all that were written for an endpoint since an instant, under the same ids',
    examples: ['webhook replay 17', 'webhook replay --endpoint 3 --since 2026-11-22T12:00:00Z'],
    options: { endpoint: text, since: text },
    takes: [0, 1],
    database: 'migrated',
    run: replay,
  },
]

async function set(call: Call): Promise<ExitCode> {
  const [pause, resume] = [call.flag('pause'), call.flag('resume')]
  if (pause && resume) throw wrongUsage('--pause and --resume exclude each other')
  const kinds = call.texts('kind')
  const row = await changeEndpoint(call.context, ownKey(), 'webhook', idOf(call), {
    name: call.text('name'),
    ...(kinds.length > 0 || call.flag('all-kinds') ? { kinds } : {}),
    ...(pause || resume ? { state: pause ? 'paused' : 'active' } : {}),
  })
  call.answer(row, endpointsText([row]))
  return 0
}

async function deliveries(call: Call): Promise<ExitCode> {
  const { sql } = call.context
  if (call.text('id') !== undefined) return one(call, whole('--id', call.text('id') ?? ''))
  const since = instantOf(call, 'since')
  const filter = {
    ...(call.text('endpoint') === undefined ? {} : { endpoint: whole('--endpoint', call.text('endpoint') ?? '') }),
    ...(call.text('state') === undefined ? {} : { state: stateOf(call.text('state') ?? '') }),
    ...(since === undefined ? {} : { since: new Date(since) }),
  }
  const { rows, more } = await firstOf(call, 200, limit => listDeliveries(sql, filter, null, limit))
  call.answer(rows, rows.length === 0 ? 'Nothing was told.' : deliveriesText(rows) + more)
  return 0
}

async function one(call: Call, id: number): Promise<ExitCode> {
  const [[row], more] = await Promise.all([listDeliveries(call.context.sql, { id }, null, 1), readTries(call.context.sql, id)])
  if (row === undefined || more === null) throw new Fault('not_found', `There is no delivery ${id}.`, { field: 'id', value: id })
  const tries = more.tries.map(({ at, tookMs, status, trouble }) => [shownAt(at), `${tookMs} ms`, status, trouble])
  call.answer(
    { ...row, ...more },
    `${deliveriesText([row])}\n\n${more.body}\n\n${table([['tried', 'took', 'status', 'trouble'], ...tries])}`,
  )
  return 0
}

async function replay(call: Call): Promise<ExitCode> {
  const [delivery] = call.args
  const [endpoint, since] = [call.text('endpoint'), instantOf(call, 'since')]
  if ((delivery === undefined) === (endpoint === undefined)) throw wrongUsage('either a delivery, or --endpoint with --since')
  if (endpoint !== undefined && since === undefined) throw wrongUsage('--since is missing')
  const n =
    endpoint === undefined
      ? await replayDelivery(call.context, ownKey(), whole('delivery', delivery ?? ''))
      : await replaySince(call.context, ownKey(), 'webhook', whole('--endpoint', endpoint), new Date(since ?? ''))
  call.answer({ deliveries: n }, `${counted(n, 'delivery goes', 'deliveries go')} out again.`)
  return 0
}

function endpointsText(rows: readonly EndpointRow[]): string {
  const cells = rows.map(row => [
    ...[row.id, row.name, row.address, row.kinds.join(' ') || 'all', row.state, row.secrets.length, row.waiting],
    ...[shownAt(row.lastDone), shownAt(row.lastFailed)],
  ])
  return table([['id', 'name', 'address', 'alerts', 'state', 'secrets', 'waiting', 'last told', 'last failed'], ...cells])
}

function deliveriesText(rows: readonly DeliveryRow[]): string {
  const cells = rows.map(row => [
    ...[row.id, row.endpoint, row.event, row.alert, row.messageId, row.state, row.attempts, row.lastStatus, row.lastTrouble],
    ...[shownAt(row.createdAt), shownAt(row.dueAt)],
  ])
  return table([
    ['delivery', 'endpoint', 'event', 'alert', 'message', 'state', 'tries', 'status', 'trouble', 'written', 'next try'],
    ...cells,
  ])
}

function stateOf(given: string): DeliveryRow['state'] {
  const states = ['waiting', 'done', 'failed', 'dropped'] as const
  const found = states.find(state => state === given)
  if (found === undefined) throw wrongUsage(`--state ${given}: it is one of ${states.join(', ')}`)
  return found
}

/** Null only after a connection was lost between the two tries of one command. */
function secretShown(secret: string | null, done: string): string {
  if (secret === null) throw new Fault('unavailable', `${done}, but the connection was lost before it could be shown: rotate it`)
  return secret
}

const idOf = (call: Call): number => whole('id', call.args[0] ?? '')
