import { ask, Refused } from './ask.ts'

/** One GraphQL request; `token` (a session's or an API key) goes along in the header named. */
export type VendureCall = {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Asks one of Vendure's two interfaces and answers its data, and the session's token where it gave one. @throws Refused also for errors in a 200. */
export async function askVendure<T>(
  call: VendureCall,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly data: T; readonly token: string | null }> {
  const { body, headers } = await ask('POST', call.url, call.headers ?? {}, { query, variables })
  const { data, errors } = body as { readonly data?: T; readonly errors?: unknown }
  if (errors !== undefined || data === undefined) throw new Refused(`${call.url} ${query.slice(0, 60)}`, 200, errors)
  return { data, token: headers.get('vendure-auth-token') }
}
