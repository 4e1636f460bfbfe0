import { makeHttp } from './http.ts'
import type { JournalEntry, SandboxEdit, SandboxFault, SandboxListing, SandboxOrder, SandboxPurchase, ShownListing } from './sandbox.ts'

/** The levers of a platform that is played in another process. Each rejects when the process is away: a purchase may be asked again by its ref. */
export type RemoteSandbox = {
  readonly seed: (listings: readonly SandboxListing[]) => Promise<void>
  readonly buy: (purchase: SandboxPurchase) => Promise<SandboxOrder | null>
  readonly cancel: (externalId: string) => Promise<void>
  readonly pay: (externalId: string) => Promise<void>
  readonly refund: (externalId: string, lines: readonly { readonly externalLineId: string; readonly quantity: number }[]) => Promise<void>
  readonly edit: (listings: readonly SandboxEdit[]) => Promise<void>
  readonly remove: (sku: string) => Promise<void>
  readonly misbehave: (fault: SandboxFault) => Promise<void>
  readonly behave: () => Promise<void>
  readonly journal: (afterSeq: number, limit: number) => Promise<readonly JournalEntry[]>
  readonly shown: () => Promise<readonly ShownListing[]>
}

export type SandboxesHealth = { readonly pid: number; readonly shoppersPerS: number }

export type RemoteSandboxes = {
  readonly health: (deadlineMs?: number) => Promise<SandboxesHealth>
  /** Lets shoppers buy so many times a second, over all platforms; 0 sends them home. */
  readonly shoppers: (perS: number) => Promise<void>
  readonly platform: (name: string) => RemoteSandbox
  readonly close: () => Promise<void>
}

/** Opens the control door of the sandboxes at this address, like `http://127.0.0.1:23456`. Makes no call yet. */
export function openSandboxes(address: string, token: string): RemoteSandboxes {
  const { http, close } = makeHttp()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }

  async function call<T>(method: 'GET' | 'POST', path: string, body?: unknown, deadlineMs?: number): Promise<T> {
    const answer = await http({
      method,
      url: `${address}/control/${path}`,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    })
    if (answer.status !== 200) throw new Error(`the sandboxes refused ${method} ${path} (${answer.status}): ${answer.text.slice(0, 500)}`)
    return JSON.parse(answer.text) as T
  }
  const pull = async <T>(platform: string, lever: string, body?: unknown): Promise<T> =>
    (await call<{ answer: T }>('POST', `${platform}/${lever}`, body)).answer

  return {
    health: deadlineMs => call('GET', 'health', undefined, deadlineMs),
    shoppers: async perS => {
      await call('POST', 'shoppers', { perS })
    },
    platform: name => ({
      seed: listings => pull(name, 'seed', listings),
      buy: purchase => pull(name, 'buy', purchase),
      cancel: externalId => pull(name, 'cancel', { externalId }),
      pay: externalId => pull(name, 'pay', { externalId }),
      refund: (externalId, lines) => pull(name, 'refund', { externalId, lines }),
      edit: listings => pull(name, 'edit', listings),
      remove: sku => pull(name, 'remove', sku),
      misbehave: fault => pull(name, 'misbehave', fault),
      behave: () => pull(name, 'behave'),
      journal: (afterSeq, limit) => call('GET', `${name}/journal?after=${afterSeq}&limit=${limit}`),
      shown: () => call('GET', `${name}/shown`),
    }),
    close,
  }
}
