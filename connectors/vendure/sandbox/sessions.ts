import { randomBytes } from 'node:crypto'
import type { Resolver } from '../../sandbox-graphql.ts'
import type { Server } from './schema.ts'

const DAY_S = 86_400

/** `login`: the token of the session goes with the answer's headers. */
export const openSession =
  ({ options, store }: Server): Resolver =>
  ({ username, password }) => {
    const { administrator, now, sessionS = DAY_S } = options
    if (administrator?.username !== username || administrator?.password !== password)
      return {
        ...{ __typename: 'InvalidCredentialsError', __is: 'ErrorResult', errorCode: 'INVALID_CREDENTIALS_ERROR' },
        message: 'The provided credentials are invalid',
      }
    const token = randomBytes(24).toString('hex')
    store.run('insert into session values (?, ?)', token, now().getTime() + sessionS * 1000)
    return { __typename: 'CurrentUser', id: '1', identifier: username }
  }

/** The session that was opened last. */
export const newestSession = ({ store }: Server): string =>
  store.one<{ token: string }>('select token from session order by rowid desc limit 1')?.token ?? ''

/** Whether a call is let in: by the key, or by a session that lives. Bearer is no place for a key. */
export function isKnown({ options, store }: Server, headers: Headers): boolean {
  if (headers.get('vendure-api-key') === options.apiKey) return true
  const token = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? ''
  return store.one('select 1 as yes from session where token = ? and until_ms > ?', token, options.now().getTime()) !== undefined
}
