import postgres from 'postgres'
import type { Sql } from '../../db/connect.ts'

/** A node of a plan as EXPLAIN (FORMAT JSON) gives it; times in ms. */
type Node = {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows'?: number
  readonly 'Actual Loops'?: number
  readonly 'Actual Total Time'?: number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Node[]
}

type Logged = { readonly 'Query Text': string; readonly Plan: Node }

/** One statement as it ran, inside functions too: how often, how long, and which tables it read whole. */
export type Ran = {
  readonly text: string
  times: number
  totalMs: number
  /** Tables that a sequential scan went through, with the most rows that it read in one loop. */
  readonly scanned: Map<string, number>
  plan: string
}

/**
 * Runs something on a connection of its own while PostgreSQL notes the plan of every statement, also of those inside functions
 * (auto_explain), and answers what ran, the costliest first.
 */
export async function plansOf(url: string, act: (sql: Sql) => Promise<unknown>): Promise<Ran[]> {
  const found = new Map<string, Ran>()
  // Not by connect(): it drops notices, and plans arrive as notices.
  const sql = postgres(url, { max: 1, onnotice: notice => note(found, String(notice.message ?? '')) })
  try {
    await sql`load 'auto_explain'`
    for (const setting of SETTINGS) await sql.unsafe(`set ${setting}`)
    found.clear()
    // What differs is how answers are read, and nobody reads them here.
    await act(sql as unknown as Sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
  return [...found.values()].sort((a, b) => b.totalMs - a.totalMs)
}

const SETTINGS = [
  'auto_explain.log_min_duration = 0',
  'auto_explain.log_nested_statements = on',
  'auto_explain.log_analyze = on',
  // Reading the clock at every row costs more than many of these statements.
  'auto_explain.log_timing = off',
  "auto_explain.log_format = 'json'",
  "auto_explain.log_level = 'notice'",
  "client_min_messages = 'notice'",
]

function note(found: Map<string, Ran>, message: string): void {
  const [, took, json] = /^duration: ([\d.]+) ms\s+plan:\s*(\{[\s\S]*\})\s*$/.exec(message) ?? []
  if (took === undefined || json === undefined) return
  const logged = JSON.parse(json) as Logged
  const text = logged['Query Text'].replace(/\s+/g, ' ').trim()
  const ran = found.get(text) ?? { text, times: 0, totalMs: 0, scanned: new Map(), plan: '' }
  found.set(text, ran)
  ran.times += 1
  ran.totalMs += Number(took)
  ran.plan = outline(logged.Plan, 0)
  scans(logged.Plan, ran.scanned)
}

function scans(node: Node, into: Map<string, number>): void {
  const relation = node['Relation Name']
  if (node['Node Type'] === 'Seq Scan' && relation !== undefined)
    into.set(relation, Math.max(into.get(relation) ?? 0, (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)))
  for (const child of node.Plans ?? []) scans(child, into)
}

function outline(node: Node, depth: number): string {
  const on = [node['Relation Name'], node['Index Name'] && `by ${node['Index Name']}`].filter(Boolean).join(' ')
  const line = `${'  '.repeat(depth)}${node['Node Type']} ${on} (${node['Actual Rows'] ?? 0} rows × ${node['Actual Loops'] ?? 0})`
  return [line, ...(node.Plans ?? []).map(child => outline(child, depth + 1))].join('\n')
}
