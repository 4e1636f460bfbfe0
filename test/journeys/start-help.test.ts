import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { builtPrograms } from '../support/built.ts'

test('npm start tells its flags when it is asked, and starts nothing', { timeout: 120_000 }, async () => {
  const program = join(await builtPrograms(), 'src/main.js')
  const run = (flag: string) => promisify(execFile)(process.execPath, [program, flag], { timeout: 20_000 })
  const [wrong, ...helped] = await Promise.all([run('--hlep').catch((error: unknown) => error), run('--help'), run('-h')])
  for (const { stdout } of helped) {
    expect(stdout).toMatch(/^Usage: npm start -- \[--demo \| --no-demo\] \[--fresh\] \[--role api\|worker\|both\] \[--help\]\n/)
    for (const named of ['--demo', '--no-demo', '--fresh', '--role', '.env.example', 'npm run -s concord -- help'])
      expect(stdout).toContain(named)
  }
  expect(wrong).toMatchObject({ code: 1, stdout: expect.stringContaining('Usage: npm start') })
})
