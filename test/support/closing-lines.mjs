import { relative } from 'node:path'

/**
 * What a run says at its end: counts of the long run, how much of what went to and from the platforms was held against their official descriptions, how much of the
 * contract each connector ran and what it does not declare, suites that were left out by name, failures by name, and last, alone on its line,
 * `N passed, N failed, N skipped`. The exit code is 0 only when vitest said so and nothing failed.
 *
 * @param {{ code: number | string, report: string | null, counts: string | null, described?: string | null, isLong: boolean,
 *   isWhole?: boolean, root: string }} run
 * @returns {{ text: string, exitCode: number }}
 */
export function closingLines({ code, report, counts, described = null, isLong, isWhole = false, root }) {
  const result = report === null ? null : JSON.parse(report)
  const held = heldLines(described)
  const contract = contractRuns(result)
  const lines = [...countLines(counts, isLong), ...held.lines, ...contract.lines, ...(result === null ? [] : leftOut(result, root))]
  const failures = result === null ? [] : failuresOf(result, root)
  const passed = result?.numPassedTests ?? 0
  const skipped = (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0)
  // Vitest may fail without a failed test: it found none, a process of its own died, a promise was rejected unheard.
  if ((code !== 0 || result === null) && failures.length === 0)
    failures.push(result === null ? `the run broke off (${code})` : `outside of any test (vitest ended with ${code}, see above)`)
  // A wrong one has failed its file already. Too few mean that they were not looked at.
  if (isWhole && result !== null && held.checked < HELD_LEAST)
    failures.push(`${held.checked} requests and replies were held against official descriptions, fewer than ${HELD_LEAST}`)
  if (isWhole) failures.push(...contract.missing.map(name => `${name} is in the registry, and its connector's contract was not run`))
  lines.push(...failures.map(failure => `failed: ${failure}`))
  lines.push(`${passed} passed, ${failures.length} failed, ${skipped} skipped`)
  return { text: lines.join('\n'), exitCode: failures.length > 0 ? 1 : 0 }
}

/** A whole run holds at least so many requests and replies against official descriptions. */
const HELD_LEAST = 2_000

function countLines(counts, isLong) {
  if (!isLong || counts === null) return []
  const rows = counts
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  return ['full counts:', ...[...new Set(rows.map(row => `  ${row.what}: ${row.times}`))].sort()]
}

function heldLines(described) {
  const platforms = new Map()
  for (const row of (described ?? '').split('\n').filter(line => line !== '')) {
    const { platform, requests, replies, wrong } = JSON.parse(row)
    const sum = platforms.get(platform) ?? { requests: 0, replies: 0, wrong: 0 }
    platforms.set(platform, { requests: sum.requests + requests, replies: sum.replies + replies, wrong: sum.wrong + wrong })
  }
  const all = [...platforms].sort()
  return {
    checked: all.reduce((sum, [, { requests, replies }]) => sum + requests + replies, 0),
    lines:
      all.length === 0
        ? []
        : [
            "held against the platforms' official descriptions:",
            ...all.map(([name, { requests, replies, wrong }]) => `  ${name}: ${requests} requests, ${replies} replies, ${wrong} wrong`),
          ],
  }
}

const CONTRACT = / keeps the connector's contract$/
const HELD_TO_CONTRACT = / is held to the contract$/

/** How many cases of the contract each connector ran, and what those that were left out need; and who of the registry ran none. */
function contractRuns(result) {
  const runs = new Map()
  const registered = []
  for (const one of (result?.testResults ?? []).flatMap(file => file.assertionResults)) {
    const suite = one.ancestorTitles.find(title => CONTRACT.test(title))
    if (HELD_TO_CONTRACT.test(one.title)) registered.push(one.title.replace(HELD_TO_CONTRACT, ''))
    if (suite === undefined) continue
    const name = suite.replace(CONTRACT, '')
    const { passed = 0, all = 0, needs = new Map() } = runs.get(name) ?? {}
    const need = one.status === 'passed' ? undefined : /\[not declared: (.+)\]$/.exec(one.title)?.[1]
    if (need !== undefined) needs.set(need, (needs.get(need) ?? 0) + 1)
    runs.set(name, { passed: passed + (one.status === 'passed' ? 1 : 0), all: all + 1, needs })
  }
  const lines = [...runs].sort().map(([name, { passed, all, needs }]) => {
    const told = [...needs].map(([need, times]) => (times === 1 ? need : `${need} (${times})`))
    return `  ${name}: ${passed} of ${all}${told.length === 0 ? '' : `, not declared: ${told.join(', ')}`}`
  })
  return {
    lines: lines.length === 0 ? [] : ["cases of the connector's contract:", ...lines],
    missing: registered.filter(name => !(runs.get(name)?.passed > 0)),
  }
}

/** Told with the contract already. */
const isOfContract = one => one.ancestorTitles.some(title => CONTRACT.test(title))

function leftOut(result, root) {
  const suites = new Map()
  for (const file of result.testResults) {
    for (const test of file.assertionResults.filter(
      one => ['pending', 'skipped', 'todo', 'disabled'].includes(one.status) && !isOfContract(one),
    )) {
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
