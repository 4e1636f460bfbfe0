import type { IncomingHttpHeaders } from 'node:http'
import type { Context } from '../../usecases/context.ts'
import type { WriteToken } from '../../usecases/write-token.ts'

/** What is asked of a quick route. `body` is parsed JSON; undefined for a read. */
export type Asked = { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: unknown }

/** What a route answers: the same JSON at both doors; after a write, the token of what was written. */
export type QuickAnswer = { readonly status: 200 | 201; readonly body: object; readonly token?: WriteToken | undefined }

/** A route that the quick door may answer. */
export type QuickRoute = {
  readonly method: 'GET' | 'POST'
  /** Method and pattern as in the route table: who may call it, and how metrics and log name it. */
  readonly pattern: string
  /** Whether the address (path and query) is this route's. */
  readonly matches: (url: string) => boolean
  /**
   * Checks with the schemas of the route; null when they refuse, or when the request is unusual: then the app answers it, and says what is
   * wrong. What the answer throws is what the app's own route would throw.
   */
  readonly take: (asked: Asked) => ((context: Context) => Promise<QuickAnswer>) | null
}
