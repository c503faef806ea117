// A metric of one's own: how fast agents move, beside the returns in a CSV file.
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRun, csvSink, defineOperator, train } from 'marlstrom'
import { lastValueFrom, tap } from 'rxjs'

const speed = defineOperator({
  name: 'speed',
  create() {
    let mean = 0 // about the last 1,000 joint steps
    return {
      operator: tap(({ observations }) => {
        // In simple_spread an observation begins with the agent's own velocity; here of the first agent, in the first game.
        const [x, y] = observations[0]!.data as unknown as [number, number]
        mean += (Math.sqrt(x * x + y * y) - mean) / 1000
      }),
      figures: () => ({ mean }),
      save: () => mean,
      restore(saved) {
        mean = saved as number
      },
    }
  },
})

const file = join(mkdtempSync(join(tmpdir(), 'marlstrom-')), 'metrics.csv')
const run = await createRun({
  scenario: { id: 'simple_spread' },
  run: { episodes: 500 },
  learner: { updateAfter: 2_000 },
})
await lastValueFrom(train(run, { operators: [speed], sinks: [csvSink(file)] }))

const [names, ...rows] = readFileSync(file, 'utf8').trim().split('\r\n')
const column = names!.split(',').indexOf('operator/speed/mean')
console.log(`speed: ${rows.map(row => Number(row.split(',')[column]).toFixed(2)).join(' ')}`)
