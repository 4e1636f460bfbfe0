import { appendFileSync, existsSync } from 'node:fs'
import type { Sandbox } from '../../connectors/sandbox.ts'

/** One call as a sandbox saw and answered it, with the bodies as text. `answered` is null where the answer never came whole. */
export type Exchange = {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly asked: string
  readonly status: number
  readonly answered: string | null
}

/** What is wrong with a request and with its reply, by the platform's official description; null where it does not speak of them. */
export type Verdict = { readonly request: readonly string[] | null; readonly reply: readonly string[] | null }

/** `test/connectors/{platform}-described.ts` exports it as `description`: reads the official description, or answers null where it is not beside the project. */
export type Description = () => ((exchange: Exchange) => Verdict) | null

const gathered: { readonly platform: string; readonly exchange: Exchange }[] = []
const underWay = new Set<Promise<void>>()

/** Of each operation so many exchanges are checked in a test file, and after that one in ten: races make thousands that are all alike. */
const CHECKED_EACH = 150
const seen = new Map<string, number>()

/**
 * A sandbox whose calls are held against the platform's official description: `serve` is what the loopback answers with. They are gathered, and looked at when the
 * test file ends (`settleDescribed`), so that no call takes longer for it. What tests ask of `fetch` straight away is not what a connector sends, and is let through.
 */
export function heldToDescription(sandbox: Sandbox): {
  readonly sandbox: Sandbox
  readonly serve: (request: Request) => Promise<Response>
} {
  const { platform } = sandbox
  if (!existsSync(fileOf(platform))) return { sandbox, serve: async request => sandbox.fetch(request) }
  let talksGarbage = false
  const serve = async (request: Request): Promise<Response> => {
    const asked = await request.clone().text()
    if (isRepeated(platform, request, asked)) return sandbox.fetch(request)
    const { method, headers, url } = request
    const isGarbage = talksGarbage
    const answer = await sandbox.fetch(request)
    const gather = async (copy: Response): Promise<void> => {
      const text = await copy.text().catch(() => null)
      const isWhole = text !== null && Number(answer.headers.get('content-length') ?? 0) <= Buffer.byteLength(text)
      const answered = isWhole && !isGarbage ? text : null
      gathered.push({ platform, exchange: { ...{ method, url: new URL(url), headers, asked }, status: answer.status, answered } })
    }
    const reading = gather(answer.clone()).finally(() => underWay.delete(reading))
    underWay.add(reading)
    return answer
  }
  const misbehave: Sandbox['misbehave'] = fault => {
    talksGarbage ||= fault.kind === 'garbage'
    sandbox.misbehave(fault)
  }
  const behave = (): void => {
    talksGarbage = false
    sandbox.behave()
  }
  return { sandbox: { ...sandbox, misbehave, behave }, serve }
}

/** Looks at what was gathered, writes the counts down for the run's closing lines, and fails the test file when anything was wrong. */
export async function settleDescribed(): Promise<void> {
  await Promise.race([Promise.all(underWay), new Promise(resolve => setTimeout(resolve, 2_000).unref())])
  const wrong = new Set<string>()
  for (const [platform, held] of Map.groupBy(gathered.splice(0), one => one.platform)) {
    const description = await descriptionOf(platform)
    if (description === null) continue
    const tally = { platform, requests: 0, replies: 0, wrong: 0 }
    for (const { exchange } of held) {
      const { request, reply } = description(exchange)
      const name = `${platform}: ${exchange.method} ${exchange.url.pathname} (${exchange.status})`
      tally.requests += request === null ? 0 : 1
      tally.replies += reply === null ? 0 : 1
      tally.wrong += (request?.length ?? 0) > 0 || (reply?.length ?? 0) > 0 ? 1 : 0
      for (const words of request ?? []) wrong.add(`${name}: the request: ${words}`)
      for (const words of reply ?? []) wrong.add(`${name}: the reply: ${words}`)
    }
    const file = process.env.CONCORD_DESCRIBED_FILE
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(tally)}\n`)
  }
  if (wrong.size > 0) throw new Error(`against the platform's official description:\n${[...wrong].slice(0, 20).join('\n')}`)
}

/** The description of a platform; null where there is none, or it is not beside the project. */
export async function descriptionOf(platform: string): Promise<ReturnType<Description>> {
  if (!existsSync(fileOf(platform))) return null
  const { description }: { description: Description } = await import(fileOf(platform).href)
  return description()
}

function fileOf(platform: string): URL {
  return new URL(`./${platform}-described.ts`, import.meta.url)
}

function isRepeated(platform: string, { method, url }: Request, asked: string): boolean {
  // In GraphQL all calls have one address.
  const operation = /"operationName":"(\w+)"/.exec(asked)?.[1] ?? ''
  const kind = `${platform} ${operation} ${method} ${new URL(url).pathname.replaceAll(/[^/]*\d[^/]*/g, '#')}`
  const times = (seen.get(kind) ?? 0) + 1
  seen.set(kind, times)
  return times > CHECKED_EACH && times % 10 !== 0
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
