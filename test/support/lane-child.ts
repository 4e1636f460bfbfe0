// Lanes in a process of their own, to be killed: the database's address, the keyring and a name are its arguments.
import { flushCompileCache } from 'node:module'
import { pino } from 'pino'
import type { Connector } from '../../connectors/contract.ts'
import { connectorOf } from '../../connectors/registry.ts'
import { connect } from '../../db/connect.ts'
import { startLanes } from '../../jobs/worker.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { die, dyingSql } from './dying-sql.ts'

const [url = '', keyring = '', owner = ''] = process.argv.slice(2)
let dieAt = process.env.CONCORD_TEST_DIE_AT ?? ''
process.on('message', point => {
  dieAt = String(point)
})
/** Each call tells who makes it, so that a test can tell two processes apart. */
const named = (platform: string): Connector | undefined => {
  const connector = connectorOf(platform)
  return (
    connector && {
      ...connector,
      open: (access, tools) =>
        connector.open(access, {
          ...tools,
          http: async call => {
            const isPush = call.writes === true && /batch|listings\/2021/.test(call.url)
            if (isPush && dieAt === 'calling') die()
            const isReport = call.writes === true && call.url.endsWith('/reports')
            const answer = await tools.http({ ...call, headers: { ...call.headers, 'x-lane': owner } })
            if (isPush && dieAt === 'answered') die()
            if (isReport && dieAt === 'report asked for') die()
            return answer
          },
        }),
    }
  )
}
startLanes({
  sql: dyingSql(connect(url, { name: owner }), () => dieAt),
  keyring: await readKeyring(keyring),
  connectorOf: named,
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
