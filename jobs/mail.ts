import { createTransport } from 'nodemailer'

/** One letter to one address. */
export type Mailed = {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The same words as simple HTML; absent: text alone. */
  readonly html?: string
  /** Whose letter it is, beside our address; and where answers go. */
  readonly senderName?: string | null
  readonly replyTo?: string | null
  /** The same over all tries, so that a mailbox knows it again. */
  readonly id: string
}

/** What the server answered, without its words: they may name people. */
export type MailAnswer = { readonly isTaken: boolean; readonly status: number | null; readonly trouble: string | null }

export type Mail = (letter: Mailed, signal: AbortSignal) => Promise<MailAnswer>

const CONNECT_MS = 5_000
const SILENCE_MS = 10_000
/** What a letter may take in all, however slowly a server answers each step: it is over before whoever claimed the letter loses it (`LEASE_MS` in `tell.ts`). */
export const MAIL_WITHIN_MS = 30_000
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/

/**
 * Sends by an SMTP server: `smtps://user:password@host:465`, or `smtp://…`, where the connection must change to TLS before a password is said to another
 * machine. `from` is the sender's address.
 */
export function makeMail(url: string, from: string, withinMs = MAIL_WITHIN_MS): { readonly send: Mail; readonly close: () => void } {
  const { hostname, username } = new URL(url)
  const transport = createTransport({
    url,
    ...{ requireTLS: username !== '' && !LOOPBACK.test(hostname), connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS },
    ...{ socketTimeout: SILENCE_MS, disableFileAccess: true, disableUrlAccess: true },
  })
  const domain = from.split('@').at(-1)?.replace(/>$/, '') ?? 'localhost'
  return {
    close: () => transport.close(),
    send: async ({ to, subject, text, html, senderName, replyTo, id }, signal) => {
      const deadline = AbortSignal.timeout(withinMs)
      try {
        const answer = await transport.sendMail({
          ...(senderName == null ? { from } : { from: { name: senderName, address: from } }),
          ...(html === undefined ? {} : { html }),
          ...(replyTo == null ? {} : { replyTo: { name: '', address: replyTo } }),
          ...{ to: { name: '', address: to }, subject, text, messageId: `<${id}@${domain}>`, signal: AbortSignal.any([signal, deadline]) },
          // Nobody is on holiday from what a program writes.
          headers: { 'auto-submitted': 'auto-generated' },
        })
        return { isTaken: true, status: statusOf(answer.response), trouble: null }
      } catch (error) {
        const status =
          error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : null
        const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failed'
        return { isTaken: false, status, trouble: signal.aborted ? 'stopped' : deadline.aborted ? 'timeout' : code }
      }
    },
  }
}

const statusOf = (response: string | undefined): number | null => {
  const status = Number.parseInt(response ?? '', 10)
  return Number.isNaN(status) ? null : status
}
