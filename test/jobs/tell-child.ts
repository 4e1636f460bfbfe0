// A process of its own for the test of telling: takes what is due and sends it, to be killed meanwhile.
import { pino } from 'pino'
import { makeOutside } from '../../connectors/outside.ts'
import { connect } from '../../db/connect.ts'
import { tellDue } from '../../jobs/tell.ts'
import { readKeyring } from '../../src/values/sealed.ts'

const [url = '', keys = ''] = process.argv.slice(2)
await tellDue(
  {
    ...{ sql: connect(url, { name: 'tell-child' }), keyring: await readKeyring(keys), log: pino({ level: 'silent' }) },
    ...{ owner: 'child', random: () => 0, post: makeOutside({ allowPrivate: true }).post, mail: null, publicUrl: null },
  },
  new AbortController().signal,
)
