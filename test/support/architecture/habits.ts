import type { Sources } from './borders.ts'
import { roomOf } from './rooms.ts'
import { codeOf } from './sources.ts'

const LINES_MAX = 300
const README_LINES_MAX = 80
const VAGUE = /(^|[-.])(utils?|helpers?|common|managers?|services?|misc)($|[-.])/i

/** Rooms that tell in a README what they are; each platform is one of its own. */
const ROOMS_WITH_README = /^(?:src\/(?:values|domain|usecases|http|ui|cli|demo)|db|jobs|test|connectors\/[^/.]+|connectors)(?=\/)/

/** Size, names, places and habits, each as "file: what is wrong". */
export function habitOffences(sources: Sources): string[] {
  return [
    ...Object.entries(sources).flatMap(([path, source]) => fileOffences(path, source).map(wrong => `${path}: ${wrong}`)),
    ...readmeOffences(sources),
  ]
}

function fileOffences(path: string, source: string): string[] {
  const wrong: string[] = []
  const isCode = /\.(ts|tsx|mjs)$/.test(path)
  const lines = source.trimEnd().split('\n').length
  if ((isCode || /^db\/functions\/.+\.sql$/.test(path)) && lines > LINES_MAX)
    wrong.push(`has ${lines} lines, more than ${LINES_MAX}: it holds more than one idea`)
  const vague = path.split('/').find(part => VAGUE.test(part.replace(/\.(tsx?|mjs|sql)$/, '')))
  if (vague !== undefined) wrong.push(`"${vague}" does not say what is in it`)
  const room = roomOf(path)
  if (room === null && isCode) wrong.push('belongs to no room')
  if (isCode && room !== 'test') wrong.push(...codeOffences(path, codeOf(source)))
  return wrong
}

function codeOffences(path: string, code: string): string[] {
  const room = roomOf(path)
  const rules: readonly (readonly [boolean, RegExp, string])[] = [
    [path !== 'db/migrate.ts', /\.begin\s*\(/, 'opens a transaction (sql.begin): one command is one statement'],
    [path !== 'db/migrate.ts', /\bsql\.reserve\s*\(/, 'reserves a connection (sql.reserve): one command is one statement'],
    [room !== 'db', /\bsql\s*(?:<[^`;]*>)?\s*`|\bsql\.unsafe\s*\(/, 'holds SQL: that is in db/'],
    [room === 'domain', /\basync\b|\bawait\b|\bPromise\b/, 'is asynchronous: rules take data and return data'],
    [room === 'domain' || room === 'values', /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b/, 'reads the clock: time is passed in'],
    [room === 'domain', /\bMath\.random\b|\brandom(?:UUID|Bytes|Int)\b/, 'draws chance: it is passed in'],
    [
      room === 'domain' || room === 'values',
      /\bprocess\.|\bfetch\s*\(|\bconsole\.|\bset(?:Timeout|Interval)\b/,
      'touches the world outside',
    ],
    [
      path !== 'connectors/http.ts' && room !== 'demo' && !path.startsWith('src/ui/assets/'),
      /(?<![.\w])fetch\s*\((?!\s*request\b)/,
      'calls out by itself: calls to platforms go through connectors/http.ts',
    ],
  ]
  return rules.filter(([applies, pattern]) => applies && pattern.test(code)).map(([, , wrong]) => wrong)
}

function readmeOffences(sources: Sources): string[] {
  const rooms = new Set(Object.keys(sources).flatMap(path => ROOMS_WITH_README.exec(path)?.[0] ?? []))
  return [...rooms].sort().flatMap(room => {
    const readme = sources[`${room}/README.md`]
    if (readme === undefined) return [`${room}: has no README.md`]
    const lines = readme.trimEnd().split('\n').length
    return lines > README_LINES_MAX ? [`${room}/README.md: has ${lines} lines, more than a page (${README_LINES_MAX})`] : []
  })
}
