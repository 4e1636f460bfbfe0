import { type Finding, keepCheck, runRules } from '../../db/check.ts'
import type { Context } from './context.ts'

export type CheckReport = { readonly ok: boolean; readonly violations: number; readonly findings: readonly Finding[] }

/**
 * Checks every invariant of the books and keeps the outcome: ledger against balances, promises against stock, orders against both, published
 * values against their reasons, the feed against what was written. The same rules run after every fault test and on a schedule.
 */
export async function check(context: Context): Promise<CheckReport> {
  const startedAt = new Date()
  const findings = await runRules(context.sql)
  await keepCheck(context.sql, startedAt, findings)
  const violations = findings.reduce((sum, finding) => sum + finding.violations, 0)
  return { ok: violations === 0, violations, findings }
}

/** The report as lines for a terminal: a line per rule, and examples where one is broken. */
export function checkText(report: CheckReport): string {
  const lines = report.findings.flatMap(finding => [
    `${finding.violations === 0 ? 'ok' : 'BROKEN'}  ${finding.rule}${finding.violations === 0 ? '' : `: ${finding.violations}`}`,
    ...finding.examples.map(example => `        ${JSON.stringify(example)}`),
  ])
  return [...lines, report.ok ? 'All rules hold.' : `${report.violations} violations.`].join('\n')
}
