// A sink of one's own: Weights and Biases, by a small Python process that reads JSON lines.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createRun, type MetricsSink, train } from 'marlstrom'
import { lastValueFrom } from 'rxjs'

function wandbSink(project: string, config: object): MetricsSink {
  const program = join(import.meta.dirname, 'wandb-sink.py')
  const start = () => spawn(process.env.WANDB_PYTHON ?? 'python3', [program], { stdio: ['pipe', 'inherit', 'inherit'] })
  let python: ReturnType<typeof start>
  let ended: Promise<unknown[]>
  const tell = (message: object) => void python.stdin!.write(`${JSON.stringify(message)}\n`)
  return {
    open({ linesUpTo }) {
      python = start()
      ended = once(python, 'close').catch(() => [])
      python.on('error', console.error) // no Python: the training goes on
      python.stdin!.on('error', () => {})
      tell({ open: { project, config, linesUpTo } })
    },
    line: line => tell({ line }),
    image: (name, png, step) => tell({ image: { name, step, png: Buffer.from(png).toString('base64') } }),
    async close() {
      python.stdin!.end()
      await ended
    },
  }
}

const run = await createRun({ scenario: { id: 'simple' }, run: { episodes: 300 }, learner: { updateAfter: 2_000 } })
await lastValueFrom(train(run, { sinks: [wandbSink('marlstrom', run.settings)] }))
console.log(`${run.tracker.finished} episodes, told to Weights and Biases`)
