import type { Logger } from 'pino'
import { retryAfterMs } from '../connectors/http.ts'
import type { Outside, OutsideAnswer } from '../connectors/outside.ts'
import { type Claimed, claimDeliveries, noteTry, releaseDelivery, type Tried } from '../db/alert-deliveries.ts'
import type { Sql } from '../db/connect.ts'
import { untilTaken } from '../db/once-more.ts'
import { retryAfterTries } from '../src/domain/sync/redeliver.ts'
import { WEBHOOK_SECRET } from '../src/usecases/alert-endpoints.ts'
import { alertLetter } from '../src/usecases/alert-letter.ts'
import { type Keyring, unsealText } from '../src/values/sealed.ts'
import { signWebhook } from '../src/values/webhook-signature.ts'
import type { Mail } from './mail.ts'

/** What telling needs. `mail` null: no SMTP server is set. */
export type TellDeps = {
  readonly sql: Sql
  readonly keyring: Keyring
  readonly log: Logger
  readonly owner: string
  readonly random: () => number
  readonly post: Outside
  readonly mail: Mail | null
  readonly publicUrl: string | null
  /** The instant that is passed off as now; absent: the database's clock. */
  readonly now?: () => Date
}

/** What an endpoint may take to answer. */
export const ANSWER_WITHIN_MS = 15_000
/** A worker that dies holds its deliveries up for so long. */
export const LEASE_MS = 45_000
const AT_ONCE = 10

/** Sends what is due, some at a time, until nothing is; answers how many tries that were. Any number of workers may do it at once. */
export async function tellDue(deps: TellDeps, signal: AbortSignal): Promise<number> {
  let tries = 0
  while (!signal.aborted) {
    const claimed = await untilTaken(() => claimDeliveries(deps.sql, deps.owner, LEASE_MS, AT_ONCE, deps.now?.() ?? null))
    await Promise.all(claimed.map(one => tellOne(deps, one, signal)))
    tries += claimed.length
    if (claimed.length < AT_ONCE) break
  }
  return tries
}

async function tellOne(deps: TellDeps, one: Claimed, signal: AbortSignal): Promise<void> {
  const began = performance.now()
  const went = await (one.via === 'webhook' ? sendSigned(deps, one, signal) : sendMail(deps, one, signal)).catch(
    (error: unknown): ToldAlert => {
      // A secret that no key opens, say: it holds up no other delivery.
      deps.log.error({ err: error, delivery: one.id }, 'a delivery could not be made')
      return { outcome: 'again', status: null, trouble: 'failed', askedMs: 0 }
    },
  )
  if (went.trouble === 'stopped') return releaseDelivery(deps.sql, one.id, deps.owner)
  const retryMs = went.outcome === 'again' ? retryAfterTries(one.attempts + 1, deps.random(), went.askedMs) : null
  const tried: Tried = { ...went, retryMs, tookMs: Math.round(performance.now() - began) }
  const state = await untilTaken(() => noteTry(deps.sql, one.id, deps.owner, tried, deps.now?.() ?? null))
  const fields = { delivery: one.id, endpoint: one.endpoint, status: tried.status, trouble: tried.trouble, tries: one.attempts + 1 }
  if (went.outcome === 'gone') deps.log.warn(fields, 'an endpoint is there no more: it is told of no further alert')
  else if (state === 'failed') deps.log.warn(fields, 'an alert could not be told, and is not tried again')
}

/** How a try went. `drop`: there is nobody to tell. */
export type Went = { readonly outcome: Tried['outcome'] | 'drop' } & Pick<Tried, 'status' | 'trouble'> & { readonly askedMs: number }

type ToldAlert = Went & { readonly outcome: Tried['outcome'] }

/** What is signed and sent, as it is. */
export type Signed = Pick<Claimed, 'address' | 'secrets' | 'messageId' | 'at' | 'body'>

/** Signs a body and posts it. */
export async function sendSigned({ post, keyring }: TellDeps, one: Signed, signal: AbortSignal): Promise<ToldAlert> {
  const secrets = await Promise.all(one.secrets.map(sealed => unsealText(keyring, WEBHOOK_SECRET, Buffer.from(sealed, 'base64'))))
  const headers = { 'content-type': 'application/json', ...(await signWebhook(secrets, one.messageId, one.at, one.body)) }
  return webhookVerdict(await post({ url: one.address, headers, body: one.body, deadlineMs: ANSWER_WITHIN_MS, signal }), one.at)
}

/** 2xx is taken, 410 is the end of the endpoint; all else is tried again. */
function webhookVerdict(answer: OutsideAnswer, now: Date): ToldAlert {
  if (answer.status === null) return { outcome: 'again', status: null, trouble: answer.trouble, askedMs: 0 }
  const { status, retryAfter } = answer
  if (status >= 200 && status < 300) return { outcome: 'done', status, trouble: null, askedMs: 0 }
  if (status === 410) return { outcome: 'gone', status, trouble: 'gone', askedMs: 0 }
  const askedMs = retryAfter === undefined ? 0 : retryAfterMs(retryAfter, now, 0)
  return { outcome: 'again', status, trouble: status >= 300 && status < 400 ? 'redirect' : 'refused', askedMs }
}

async function sendMail({ mail, publicUrl }: TellDeps, one: Claimed, signal: AbortSignal): Promise<ToldAlert> {
  if (mail === null) return { outcome: 'again', status: null, trouble: 'no_smtp_server', askedMs: 0 }
  const letter = alertLetter(one.body, one.language, publicUrl)
  const { isTaken, status, trouble } = await mail({ to: one.address, ...letter, id: one.messageId }, signal)
  return { outcome: isTaken ? 'done' : 'again', status, trouble, askedMs: 0 }
}
