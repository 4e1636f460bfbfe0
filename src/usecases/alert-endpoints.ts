import { type EndpointRow, listEndpoints, type Via } from '../../db/alert-deliveries.ts'
import { type AlertAnswer, type AlertCommand, alertCommand } from '../../db/alerts.ts'
import { noticeOfEvent, orderEvents } from '../domain/notices/kinds.ts'
import { alertKinds, isAlertKind } from '../domain/sync/alert-kinds.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { seal } from '../values/sealed.ts'
import { newWebhookSecret } from '../values/webhook-signature.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import type { Language } from './principal.ts'
import { stated } from './stated.ts'

/** What secrets of outgoing webhooks are sealed as. */
export const WEBHOOK_SECRET = 'alert_webhook_secret'

const DAY_S = 86_400
export const OVERLAP_USUAL_S = DAY_S
export const OVERLAP_MOST_S = 30 * DAY_S

export type EndpointTerms = {
  readonly name?: string | undefined
  /** None: all kinds of alerts. A webhook may name notices to buyers as well: `order.ready`. */
  readonly kinds?: readonly string[] | undefined
  /** Of e-mails. */
  readonly language?: Language | undefined
  /** Of webhooks: what is told of orders holds what reaches the buyer. */
  readonly tellsBuyers?: boolean | undefined
}

export type EndpointChange = EndpointTerms & { readonly state?: 'active' | 'paused' | undefined }

/** The secret is shown once: only sealed it is kept. Null for an e-mail address, and when this request was answered before. */
export type EndpointMade = { readonly endpoint: EndpointRow; readonly secret: string | null }

type Done = Extract<AlertAnswer, { readonly outcome: 'done' }>

/** Has alerts told to an address. Faults: invalid, conflict (it is there already, or of keys). */
export async function addEndpoint(
  context: Context,
  key: string | null,
  via: Via,
  address: string,
  terms: EndpointTerms,
): Promise<EndpointMade> {
  if (via === 'webhook') refuseUrl(address)
  else if (!/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(address))
    throw new Fault('invalid', `${address} is no e-mail address.`, { field: 'email', value: address, expected: 'name@host' })
  refuseKinds(via, terms.kinds)
  const secret = via === 'webhook' ? newWebhookSecret() : null
  const hidden = secret === null ? {} : { secret: await sealed(context, secret) }
  const done = await run(context, 'alert_endpoint_add_1', `alert-${via}.add`, key, { via, address, ...terms }, hidden, via)
  return { endpoint: await showEndpoint(context, via, done.id ?? 0), secret: done.replayed === true ? null : secret }
}

/** Changes an endpoint, pauses it, or lets it go on. Faults: invalid, not_found, conflict of keys. */
export async function changeEndpoint(
  context: Context,
  key: string | null,
  via: Via,
  id: number,
  change: EndpointChange,
): Promise<EndpointRow> {
  refuseKinds(via, change.kinds)
  await run(context, 'alert_endpoint_change_1', `alert-${via}.change`, key, { id, via, ...change }, {}, via)
  return showEndpoint(context, via, id)
}

/** Tells an address no more; what waited for it is dropped. Faults: not_found, conflict of keys. */
export async function removeEndpoint(context: Context, key: string | null, via: Via, id: number): Promise<void> {
  await run(context, 'alert_endpoint_remove_1', `alert-${via}.remove`, key, { id, via }, {}, via)
}

/**
 * Gives a webhook a new secret, shown once (null when this request was answered before). Until `endsAt` the ones before sign as well. Faults: invalid,
 * not_found, conflict of keys.
 */
export async function rotateSecret(
  context: Context,
  key: string | null,
  id: number,
  overlapS: number = OVERLAP_USUAL_S,
): Promise<{ readonly secret: string | null; readonly endsAt: string }> {
  if (!Number.isInteger(overlapS) || overlapS < 0 || overlapS > OVERLAP_MOST_S)
    throw new Fault('invalid', `The old secret can go on signing for up to ${OVERLAP_MOST_S / DAY_S} days.`, {
      ...{ field: 'overlapS', value: overlapS, expected: `0 to ${OVERLAP_MOST_S}` },
    })
  const secret = newWebhookSecret()
  const hidden = { secret: await sealed(context, secret) }
  const done = await run(context, 'alert_secret_rotate_1', 'alert-webhook.rotate', key, { id, overlapS }, hidden, 'webhook')
  return { secret: done.replayed === true ? null : secret, endsAt: done.endsAt ?? '' }
}

/** Sends an endpoint something to see whether it gets it; answers the delivery's number. Faults: not_found, conflict (it is paused or gone, or of keys). */
export async function testEndpoint(context: Context, key: string | null, via: Via, id: number): Promise<number> {
  return (await run(context, 'alert_test_1', `alert-${via}.test`, key, { id, via }, {}, via)).delivery ?? 0
}

/** Sends a delivery again, under its own message id. Answers how many that are: 1. Faults: not_found, conflict (its endpoint is paused or gone, or of keys). */
export async function replayDelivery(context: Context, key: string | null, delivery: number): Promise<number> {
  return (await run(context, 'alert_replay_1', 'alert-delivery.replay', key, { delivery }, {}, 'delivery')).deliveries ?? 0
}

/** Sends an endpoint everything again that was written for it since the instant; answers how much. Faults: as for one. */
export async function replaySince(context: Context, key: string | null, via: Via, id: number, since: Date): Promise<number> {
  await showEndpoint(context, via, id)
  return (await run(context, 'alert_replay_1', `alert-${via}.replay`, key, { id, since: since.toISOString() }, {}, via)).deliveries ?? 0
}

/** One endpoint. Fault: not_found. */
export async function showEndpoint(context: Context, via: Via, id: number): Promise<EndpointRow> {
  const [row] = await listEndpoints(context.sql, via, id)
  if (row === undefined) throw unknown(via, id)
  return row
}

async function run(
  context: Context,
  name: AlertCommand,
  kind: string,
  key: string | null,
  body: Readonly<Record<string, unknown>>,
  hidden: Readonly<Record<string, string>>,
  what: Via | 'delivery',
): Promise<Done> {
  const asked = stated(body)
  const cmd = { ...asked, ...hidden, ...command(context, kind, key, asked) }
  const answer = await carryOut(key, () => alertCommand(context.sql, name, cmd))
  switch (answer.outcome) {
    case 'done':
      return answer
    case 'exists':
      throw new Fault('conflict', `This ${words[what]} is told of alerts already.`, { field: what === 'webhook' ? 'url' : 'email' })
    case 'unknown':
      throw unknown(what, Number(body.id ?? body.delivery))
    case 'not_active':
      throw new Fault(
        'conflict',
        `It is ${answer.state}: let it go on first.${answer.state === 'gone' ? ' It answered that it is there no more.' : ''}`,
        { field: 'state', value: answer.state, expected: 'active' },
      )
    case 'key_conflict':
      throw keyConflict()
    default:
      unreachable(answer)
  }
}

const words = { webhook: 'webhook endpoint', email: 'e-mail address', delivery: 'delivery' } as const

const unknown = (what: keyof typeof words, id: number): Fault =>
  new Fault('not_found', `There is no ${words[what]} ${id}.`, { field: 'id', value: id })

async function sealed({ keyring }: Context, secret: string): Promise<string> {
  return Buffer.from(await seal(keyring, WEBHOOK_SECRET, secret)).toString('base64')
}

/** Whether the address may be called is judged when it is, by what it resolves to then. */
function refuseUrl(text: string): void {
  const url = URL.parse(text)
  const expected = 'https://host/path'
  if (url === null || text.length > 2_000 || !['https:', 'http:'].includes(url.protocol))
    throw new Fault('invalid', 'This is no address of a webhook.', { field: 'url', expected })
  if (url.username !== '' || url.password !== '')
    throw new Fault('invalid', 'A webhook’s address holds no user and no password: each delivery is signed.', { field: 'url', expected })
}

function refuseKinds(via: Via, kinds: readonly string[] | undefined): void {
  const wrong = kinds?.find(kind => !isAlertKind(kind) && !(via === 'webhook' && noticeOfEvent(kind) !== null))
  if (wrong !== undefined)
    throw new Fault('invalid', `There is no alert ${wrong}.`, {
      ...{ field: 'kinds', value: wrong, expected: [...alertKinds, ...(via === 'webhook' ? orderEvents : [])].join(', ') },
    })
}
