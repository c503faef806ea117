// Update rounds on one thread in a process of their own: started as a child, it answers every number of rounds with their end.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createRound, type RoundShape } from '../update-round.ts'

/** Starts a process and waits until its replay buffer is full. */
export async function startRoundProcess(shape: RoundShape) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(shape)])
  await answer(child)
  return {
    async run(rounds: number) {
      const done = answer(child)
      child.send(rounds)
      await done
    },
    end: () => child.disconnect(),
  }
}

function answer(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the process of rounds ended with ${code}`))
    child.once('exit', ended)
    child.once('message', () => {
      child.off('exit', ended)
      resolve()
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const round = await createRound(JSON.parse(process.argv[2]!) as RoundShape, 1)
  process.on('message', rounds => {
    for (let i = 0; i < (rounds as number); i++) round.run()
    process.send!('done')
  })
  process.send!('ready')
}
