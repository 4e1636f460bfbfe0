// Lanes in a process of their own, to be killed: the database's address, the keyring and a name are its arguments.
import { pino } from 'pino'
import { connectorOf } from '../../connectors/registry.ts'
import { connect } from '../../db/connect.ts'
import { startLanes } from '../../jobs/worker.ts'
import { readKeyring } from '../../src/values/sealed.ts'

const [url = '', keyring = '', owner = ''] = process.argv.slice(2)
startLanes({
  sql: connect(url, { name: owner }),
  keyring: await readKeyring(keyring),
  connectorOf,
  log: pino({ level: process.env.CONCORD_TEST_LOG ?? 'silent' }),
  owner,
  random: Math.random,
  publicUrl: null,
})
// Whoever started it may end without killing it.
process.on('disconnect', () => process.exit())
process.stdout.write('started\n')
