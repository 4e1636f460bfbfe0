import { listReasons, type ReasonAct } from '../../db/reasons.ts'
import { putReason, REASON_ACTS } from '../usecases/reasons.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const ACTS = REASON_ACTS.join(',')

/** `reason list|add|set`: the list that people choose from. */
export const reasonCommands: readonly Command[] = [
  {
    name: 'reason list',
    usage: `[--act ${REASON_ACTS.join('|')}] [--all]`,
    summary: 'The reasons for adjusting, damaging, restoring, returning, transferring and counting',
    details: 'With --all also those that are switched off.',
    examples: ['reason list', 'reason list --act damage --all'],
    options: { act: text, all: { type: 'boolean' } },
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const [act] = acts(call.text('act')) ?? []
      const reasons = await listReasons(call.context.sql, act ?? null, call.flag('all'))
      const rows = reasons.map(one => [one.code, one.name, one.acts.join(', '), one.active ? 'on' : 'off'])
      call.answer(reasons, table([['code', 'name', 'for', ''], ...rows]))
      return 0
    },
  },
  {
    name: 'reason add',
    usage: 'CODE NAME --acts ACT,…',
    summary: 'Add a reason to the list',
    details: `Acts: ${ACTS}.`,
    examples: ['reason add sample "Given away as a sample" --acts adjust'],
    options: { acts: text, key: text },
    takes: [2, 2],
    database: 'migrated',
    run: async call => {
      const [code = '', name = ''] = call.args
      if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(code)) throw wrongUsage(`"${code}" is no code: small letters, digits and hyphens, at most 40`)
      if (name.trim() === '') throw wrongUsage('a reason needs a name')
      const chosen = acts(call.text('acts'))
      if (chosen === undefined) throw wrongUsage(`--acts is missing: some of ${ACTS}`)
      return tell(call, 'add', { name: name.trim(), acts: chosen })
    },
  },
  {
    name: 'reason set',
    usage: 'CODE [--name NAME] [--acts ACT,…] [--on | --off]',
    summary: 'Rename a reason, say what it is for, or switch it off; none is ever deleted',
    examples: ['reason set own-use --name "Used by ourselves"', 'reason set recall --off'],
    options: { name: text, acts: text, on: { type: 'boolean' }, off: { type: 'boolean' }, key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const [name, chosen] = [call.text('name')?.trim(), acts(call.text('acts'))]
      if (name === '') throw wrongUsage('a reason needs a name')
      if (call.flag('on') && call.flag('off')) throw wrongUsage('--on and --off go not together')
      const active = call.flag('on') ? true : call.flag('off') ? false : undefined
      return tell(call, 'change', { name, acts: chosen, active })
    },
  },
]

async function tell(call: Call, mode: 'add' | 'change', stated: Parameters<typeof putReason>[4]): Promise<0> {
  const reason = await putReason(call.context, call.text('key') ?? ownKey(), mode, call.args[0] ?? '', stated)
  call.answer(reason, `${reason.code}: ${reason.name} (${reason.acts.join(', ')})${reason.active ? '' : ', switched off'}`)
  return 0
}

function acts(words: string | undefined): readonly ReasonAct[] | undefined {
  return words?.split(',').map(word => {
    const act = REASON_ACTS.find(one => one === word.trim())
    if (act === undefined) throw wrongUsage(`"${word.trim()}" is no act: one of ${ACTS}`)
    return act
  })
}
