import type { Outside } from '../connectors/outside.ts'
import { type ClaimedNotice, claimNotices, type NoticeTried, noteNotice, releaseNotice } from '../db/buyer-notices.ts'
import { untilTaken } from '../db/once-more.ts'
import { retryAfterTries } from '../src/domain/sync/redeliver.ts'
import { type WrittenNotice, writeNotice } from '../src/usecases/write-notice.ts'
import { LEASE_MS, sendSigned, type TellDeps, type Went } from './tell.ts'

const AT_ONCE = 10

/**
 * Tells buyers what is due, some at a time, until nothing is; answers how many tries that were. What is told is written from the books at that moment: nothing
 * personal waits anywhere. Any number of workers may do it at once.
 */
export async function tellBuyers(deps: TellDeps, signal: AbortSignal): Promise<number> {
  let tries = 0
  while (!signal.aborted) {
    const claimed = await untilTaken(() => claimNotices(deps.sql, deps.owner, LEASE_MS, AT_ONCE, deps.now?.() ?? null))
    await Promise.all(claimed.map(one => tellOne(deps, one, signal)))
    tries += claimed.length
    if (claimed.length < AT_ONCE) break
  }
  return tries
}

async function tellOne(deps: TellDeps, one: ClaimedNotice, signal: AbortSignal): Promise<void> {
  const went = await send(deps, one, signal).catch((error: unknown): Went => {
    // What was thrown could hold what was to be told: its kind says enough.
    deps.log.error(
      { notice: one.id, kind: one.kind, error: error instanceof Error ? error.name : 'unknown' },
      'a notice could not be written',
    )
    return { outcome: 'again', status: null, trouble: 'failed', askedMs: 0 }
  })
  if (went.trouble === 'stopped') return releaseNotice(deps.sql, one.id, deps.owner)
  const retryMs = went.outcome === 'again' ? retryAfterTries(one.attempts + 1, deps.random(), went.askedMs) : null
  const tried: NoticeTried = { outcome: went.outcome, status: went.status, trouble: went.trouble, retryMs }
  const state = await untilTaken(() => noteNotice(deps.sql, one.id, deps.owner, tried, deps.now?.() ?? null))
  if (state === 'failed')
    deps.log.warn(
      { notice: one.id, kind: one.kind, via: one.via, status: tried.status, trouble: tried.trouble },
      'a buyer could not be told, and it is not tried again',
    )
}

async function send(deps: TellDeps, one: ClaimedNotice, signal: AbortSignal): Promise<Went> {
  const { sql, keyring, publicUrl } = deps
  const written = await writeNotice({ sql, keyring, actor: 'system', now: deps.now }, one.id, publicUrl)
  if ('dropped' in written) return nobody(written.dropped)
  return one.via === 'email' ? sendLetter(deps, one, written, signal) : sendEvent(deps, one, written, signal)
}

const nobody = (trouble: string): Went => ({ outcome: 'drop', status: null, trouble, askedMs: 0 })

async function sendLetter({ mail }: TellDeps, one: ClaimedNotice, written: WrittenNotice, signal: AbortSignal): Promise<Went> {
  const to = written.person.email
  if (to === undefined || to === '') return nobody('no_address')
  if (mail === null) return { outcome: 'again', status: null, trouble: 'no_smtp_server', askedMs: 0 }
  const { senderName, replyTo, letter } = written
  const { isTaken, status, trouble } = await mail({ to, ...letter, senderName, replyTo, id: one.messageId }, signal)
  return { outcome: isTaken ? 'done' : 'again', status, trouble, askedMs: 0 }
}

function sendEvent(
  deps: { readonly post: Outside } & TellDeps,
  one: ClaimedNotice,
  written: WrittenNotice,
  signal: AbortSignal,
): Promise<Went> {
  if (one.tellsBuyers && (written.person.phone ?? '') === '') return Promise.resolve(nobody('no_phone'))
  const body = JSON.stringify(eventOf(one, written))
  return sendSigned(deps, { address: one.address ?? '', secrets: one.secrets, messageId: one.messageId, at: one.at, body }, signal)
}

/** What leaves the house: of the buyer nothing, unless the endpoint is there to reach him. */
function eventOf(one: ClaimedNotice, { kind, language, letter, order, groupId, collectBy, person, values }: WrittenNotice) {
  const buyer = {
    buyer: { phone: person.phone ?? '', name: person.name ?? '' },
    ...{ link: values.link, code: values.code === '' ? null : values.code, message: { subject: letter.subject, text: letter.text } },
  }
  return {
    type: `order.${kind}`,
    timestamp: one.createdAt.toISOString(),
    data: {
      ...{ order, group: groupId, language, place: values.place === '' ? null : values.place, collectBy: collectBy?.toISOString() ?? null },
      ...(one.tellsBuyers ? buyer : {}),
    },
  }
}
