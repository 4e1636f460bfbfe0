// Lanes in a process of their own, to be killed: the database's address, the keyring and a name are its arguments.
import { pino } from 'pino'
import type { Connector } from '../../connectors/contract.ts'
import { connectorOf } from '../../connectors/registry.ts'
import { connect } from '../../db/connect.ts'
import { startLanes } from '../../jobs/worker.ts'
import { readKeyring } from '../../src/values/sealed.ts'

const [url = '', keyring = '', owner = ''] = process.argv.slice(2)
/** Each call tells who makes it, so that a test can tell two processes apart. */
const named = (platform: string): Connector | undefined => {
  const connector = connectorOf(platform)
  return (
    connector && {
      ...connector,
      open: (access, tools) =>
        connector.open(access, { ...tools, http: call => tools.http({ ...call, headers: { ...call.headers, 'x-lane': owner } }) }),
    }
  )
}
startLanes({
  sql: connect(url, { name: owner }),
  keyring: await readKeyring(keyring),
  connectorOf: named,
  log: pino({ level: process.env.CONCORD_TEST_LOG ?? 'silent' }),
  owner,
  random: Math.random,
  publicUrl: null,
})
// Whoever started it may end without killing it.
process.on('disconnect', () => process.exit())
process.stdout.write('started\n')
