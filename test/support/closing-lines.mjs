import { relative } from 'node:path'

/**
 * What a run says at its end: counts of the long run, suites that were left out by name, failures by name, and last, alone on its line,
 * `N passed, N failed, N skipped`. The exit code is 0 only when vitest said so and nothing failed.
 *
 * @param {{ code: number | string, report: string | null, counts: string | null, isLong: boolean, root: string }} run
 * @returns {{ text: string, exitCode: number }}
 */
export function closingLines({ code, report, counts, isLong, root }) {
  const result = report === null ? null : JSON.parse(report)
  const lines = [...countLines(counts, isLong), ...(result === null ? [] : leftOut(result, root))]
  const failures = result === null ? [] : failuresOf(result, root)
  const passed = result?.numPassedTests ?? 0
  const skipped = (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0)
  // Vitest may fail without a failed test: it found none, a process of its own died, a promise was rejected unheard.
  if ((code !== 0 || result === null) && failures.length === 0)
    failures.push(result === null ? `the run broke off (${code})` : `outside of any test (vitest ended with ${code}, see above)`)
  lines.push(...failures.map(failure => `failed: ${failure}`))
  lines.push(`${passed} passed, ${failures.length} failed, ${skipped} skipped`)
  return { text: lines.join('\n'), exitCode: failures.length > 0 ? 1 : 0 }
}

function countLines(counts, isLong) {
  if (!isLong || counts === null) return []
  const rows = counts
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  return ['full counts:', ...[...new Set(rows.map(row => `  ${row.what}: ${row.times}`))].sort()]
}

function leftOut(result, root) {
  const suites = new Map()
  for (const file of result.testResults) {
    for (const test of file.assertionResults.filter(one => ['pending', 'skipped', 'todo', 'disabled'].includes(one.status))) {
      const name = `${relative(root, file.name)}: ${test.ancestorTitles.find(title => title !== '') ?? test.title}`
      suites.set(name, (suites.get(name) ?? 0) + 1)
    }
  }
  return suites.size === 0 ? [] : ['left out:', ...[...suites].map(([name, tests]) => `  ${name} (${tests})`)]
}

function failuresOf(result, root) {
  return result.testResults.flatMap(file => {
    const name = relative(root, file.name)
    const failed = file.assertionResults.filter(test => test.status === 'failed').map(test => `${name}: ${test.fullName.trim()}`)
    if (failed.length > 0 || file.status !== 'failed') return failed
    return [`${name}: ${file.message === '' ? 'the file did not run to its end' : file.message.split('\n')[0]}`]
  })
}
