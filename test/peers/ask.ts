/** A shop's refusal of a request, with all that it said. */
export class Refused extends Error {
  readonly status: number
  readonly answer: unknown

  constructor(what: string, status: number, answer: unknown) {
    super(`${what}: ${status} ${JSON.stringify(answer)}`)
    this.status = status
    this.answer = answer
  }
}

export type Answer = { readonly body: unknown; readonly headers: Headers }

/** Longer than a shop that has much to do takes for anything. */
const PATIENCE_MS = 60_000

/** Sends JSON and reads JSON. @throws Refused when the status is not 2xx. */
export async function ask(method: 'GET' | 'POST', url: string, headers: Readonly<Record<string, string>>, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  const text = await response.text()
  const answer: unknown = readJson(text)
  if (!response.ok) throw new Refused(`${method} ${url}`, response.status, answer)
  return { body: answer, headers: response.headers }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
