import { type AudienceKind, type AudienceRow, listAudiences } from '../../db/audiences.ts'
import { type AudienceStated, putAudience } from '../usecases/audiences.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const LISTED_MOST = 10_000
const KINDS = ['region', 'group', 'tier'] as const

/** `audience set|list`, `partner set|list`: for whom price lists can be. */
export const audienceCommands: readonly Command[] = [
  {
    name: 'audience set',
    usage: 'region:CODE|group:CODE|tier:CODE [--name NAME] [--channels CODE,…|none] [--key KEY]',
    summary: 'Make or change a region, a channel group or a partner tier',
    details:
      'A group has --channels, all of them; one that joins or leaves is priced anew. A channel is put into a region by "concord price policy".',
    examples: [
      'audience set region:de --name Germany',
      'audience set group:eu --name "EU shops" --channels shop,amazon-de',
      'audience set tier:gold',
    ],
    options: { name: text, channels: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const [kindWord, code = ''] = (call.args[0] ?? '').split(':')
      const kind = KINDS.find(one => one === kindWord)
      const channels = call.text('channels')
      if (kind === undefined) throw wrongUsage(`"${call.args[0]}" is not region:CODE, group:CODE or tier:CODE`)
      if (channels !== undefined && kind !== 'group') throw wrongUsage('--channels belong to a group')
      const said = channels === undefined ? {} : { channels: channels === 'none' ? [] : channels.split(',').map(one => one.trim()) }
      return put(call, kind, code, said)
    },
  },
  {
    name: 'audience list',
    usage: '[region|group|tier|partner]',
    summary: 'Regions, channel groups, partner tiers and partners',
    examples: ['audience list', 'audience list group'],
    takes: [0, 1],
    database: 'migrated',
    run: async call => {
      const [word] = call.args
      const kind = [...KINDS, 'partner' as const].find(one => one === word) ?? null
      if (word !== undefined && kind === null) throw wrongUsage(`"${word}" is not region, group, tier or partner`)
      return list(call, kind)
    },
  },
  {
    name: 'partner set',
    usage: 'CODE [--name NAME] [--tier CODE|none] [--key KEY]',
    summary: 'Make or change a partner, a distributor or reseller',
    examples: ['partner set acme --name "Acme Ltd" --tier gold'],
    options: { name: text, tier: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const tier = call.text('tier')
      return put(call, 'partner', call.args[0] ?? '', tier === undefined ? {} : { tier: tier === 'none' ? null : tier })
    },
  },
  {
    name: 'partner list',
    usage: '',
    summary: 'Partners with their tiers',
    examples: ['partner list'],
    takes: [0, 0],
    database: 'migrated',
    run: call => list(call, 'partner'),
  },
]

async function put(call: Call, kind: AudienceKind, code: string, said: AudienceStated): Promise<ExitCode> {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(code)) throw wrongUsage(`"${code}" is no code: small letters, digits and hyphens, at most 40`)
  const name = call.text('name')?.trim()
  if (name === '') throw wrongUsage('--name is empty')
  const done = await putAudience(call.context, call.text('key') ?? ownKey(), kind, code, {
    ...said,
    ...(name === undefined ? {} : { name }),
  })
  const words = `${kind} ${code}: ${[done.audience.name, whoIn(done.audience)].filter(one => one !== '').join('; ')}`
  call.answer({ ...done.audience, made: done.made, changed: done.changed }, done.changed ? words : `${words}. It was so already.`)
  return 0
}

async function list(call: Call, kind: AudienceKind | null): Promise<ExitCode> {
  const rows = await listAudiences(call.context.sql, kind, '', LISTED_MOST)
  const lines = rows.map(row => [row.kind, row.code, row.name, whoIn(row)])
  call.answer(
    rows,
    rows.length === 0 ? 'None yet: "concord help audience" tells how to make one.' : table([['kind', 'code', 'name', ''], ...lines]),
  )
  return 0
}

function whoIn({ kind, channels, tier, partners }: AudienceRow): string {
  if (kind === 'partner') return tier === null ? 'in no tier' : `in tier ${tier}`
  if (kind === 'tier') return counted(partners, 'partner')
  return channels.length === 0 ? 'no channels' : `channels ${channels.join(', ')}`
}
