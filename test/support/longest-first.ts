import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take most of a minute by themselves. */
const LONG = [
  'db/embedded',
  'faults/replay-kills',
  'journeys/change-to-shown',
  'properties/stock-model',
  'faults/lane-taken-over',
  'jobs/drift',
  'journeys/start',
]

/** A long file that begins last runs alone, while the other core has nothing left to do. On a fresh clone vitest knows no durations yet. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = (file: TestSpecification): number => {
      const at = LONG.findIndex(name => file.moduleId.endsWith(`/test/${name}.test.ts`))
      return at === -1 ? LONG.length : at
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
