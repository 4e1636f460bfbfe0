// Lanes that send prices by feed, in a process that kills itself: the database's address, the keyring, a name, and the point are its arguments. A point is `sql:NAME` (before
// that function of the database is called) or `feed:NAME` (before a call of the feed), `!` at the end: after it; `:N` before that: the Nth time.
import { flushCompileCache } from 'node:module'
import { pino } from 'pino'
import type { Connector, Session } from '../../connectors/contract.ts'
import type { Feed } from '../../connectors/feed.ts'
import { connect } from '../../db/connect.ts'
import { startLanes } from '../../jobs/worker.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { connectorsByFeed } from './price-feeds.ts'

const [url = '', keyring = '', owner = '', point = ''] = process.argv.slice(2)
const [kind, name = '', turn = '1'] = point.replace('!', '').split(':')
const isAfter = point.endsWith('!')
let turns = Number(turn)

function die(): void {
  turns -= 1
  if (turns === 0) process.kill(process.pid, 'SIGKILL')
}

function mortal(session: Session): Session {
  const { feed } = session
  if (!feed || kind !== 'feed') return session
  const wrap =
    (each: keyof Feed) =>
    async (...args: unknown[]): Promise<unknown> => {
      if (each === name && !isAfter) die()
      const answer = await (feed[each] as (...all: unknown[]) => Promise<unknown>)(...args)
      if (each === name && isAfter) die()
      return answer
    }
  const names = ['upload', 'start', 'startedSince', 'look', 'verdicts', 'cancel'] as const
  return { ...session, feed: Object.fromEntries(names.map(each => [each, wrap(each)])) as unknown as Feed }
}

const sql = new Proxy(connect(url, { name: owner }), {
  apply: (target, self, args: [TemplateStringsArray, ...unknown[]]) => {
    if (kind === 'sql' && Array.isArray(args[0]) && args[0].join('').includes(`${name}(`)) die()
    return Reflect.apply(target, self, args)
  },
})
const connectorOf = (platform: string): Connector | undefined => {
  const connector = connectorsByFeed()(platform)
  return connector && { ...connector, open: (account, tools) => mortal(connector.open(account, tools)) }
}

startLanes({
  sql,
  keyring: await readKeyring(keyring),
  connectorOf,
  log: pino({ level: process.env.CONCORD_TEST_LOG ?? 'silent' }),
  owner,
  random: Math.random,
  publicUrl: null,
})
// Whoever started it may end without killing it.
process.on('disconnect', () => process.exit())
// What was compiled is for the next one, as this one will be killed.
flushCompileCache()
process.stdout.write('started\n')
