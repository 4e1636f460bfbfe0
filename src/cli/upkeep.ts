import { type LocationKind, listLocations } from '../../db/locations.ts'
import { putLocation } from '../usecases/change-catalog.ts'
import { check, checkText } from '../usecases/check.ts'
import { type Command, wrongUsage } from './command.ts'
import { migrateFor } from './database.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const KINDS: readonly LocationKind[] = ['warehouse', 'store', 'distributor', 'platform']

/** `migrate`, `check`, `location add|list`. */
export const upkeepCommands: readonly Command[] = [
  {
    name: 'migrate',
    usage: '',
    summary: 'Bring the database to this release; may run any number of times',
    examples: ['migrate'],
    takes: [0, 0],
    database: 'any',
    isLong: true,
    run: async call => {
      const done = await migrateFor(call.databaseUrl, call.wiring.declared)
      const steps = done.applied.length === 0 ? 'The database has all migrations' : `Applied ${done.applied.join(', ')}`
      call.answer(done, `${steps}; the functions ${done.functions ? 'were replaced' : 'are those of this release'}.`)
      return 0
    },
  },
  {
    name: 'check',
    usage: '',
    summary: 'Check every invariant of the books; exit code 1 when one is broken',
    examples: ['check', 'check --json'],
    takes: [0, 0],
    database: 'migrated',
    isLong: true,
    run: async call => {
      const report = await check(call.context)
      call.answer(report, checkText(report))
      return report.ok ? 0 : 1
    },
  },
  {
    name: 'location add',
    usage: 'CODE [--name NAME] [--kind warehouse|store|distributor|platform] [--zone ZONE] [--country DE]',
    summary: 'Make a location that stock can be at; platform: stock that a marketplace holds and ships',
    examples: ['location add MAIN --name "Main warehouse"', 'location add SHOP --kind store --zone Europe/Berlin'],
    options: { name: { type: 'string' }, kind: { type: 'string' }, zone: { type: 'string' }, country: { type: 'string' } },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const code = call.args[0] ?? ''
      const kind = KINDS.find(one => one === (call.text('kind') ?? 'warehouse'))
      if (kind === undefined) throw wrongUsage(`--kind is one of ${KINDS.join(', ')}`)
      const stated = { code, name: call.text('name') ?? code, kind, zone: call.text('zone'), country: call.text('country') }
      await putLocation(
        call.context,
        ownKey(),
        'create',
        Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)) as typeof stated,
      )
      call.answer(stated, `${code} is there, a ${kind}. No channel is served from it yet.`)
      return 0
    },
  },
  {
    name: 'location list',
    usage: '',
    summary: 'All locations',
    examples: ['location list'],
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const locations = await listLocations(call.context.sql, 0, 1_000)
      const rows = locations.map(one => [one.code, one.name, one.kind, one.zone, one.country, one.active ? 'active' : 'closed'])
      call.answer(locations, table([['code', 'name', 'kind', 'zone', 'country', 'state'], ...rows]))
      return 0
    },
  },
]
