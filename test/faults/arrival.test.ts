// In order of arrival no bits can be compared: of a run under all faults together every row of the replay buffer is there, once, and in its place.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openRunFolder } from '../../src/experiment/run-folder.ts'
import type { SavedRows } from '../../src/types.ts'
import { describeWith } from '../support/programs.ts'
import { restartableRedis } from '../support/redis.ts'
import { chance, createRemoteRun, endsWell, quick, whileItLearns } from '../support/remote-training.ts'

const [episodes, episodeSteps, games] = [1200, 25, 4] as const
/** Steps of a trajectory: after it an actor that was lost may go on from another state than the one that was learnt from. */
const steps = 10
/** Numbers that the three agents see, with which a saved row begins, and of their actions, after which what they see next follows. */
const [sight, actions] = [3 * 18, 3 * 5] as const

describeWith(['redis-server', 'redis-cli'], 'redis-server', 'order of arrival', () => {
  it('no row is lost, none is there twice', async () => {
    const random = chance('arrival')
    const redis = await restartableRedis()
    const settings = ['run.actorOrder=arrival', `run.trajectorySteps=${steps}`, 'replay.capacity=60000']
    const train = [...quick('maddpg', episodes), ...settings.flatMap(setting => ['--set', setting])]
    const run = createRemoteRun({ train, redis: redis.url })
    let learner = run.learner()
    const actors = [await run.actor('a'), await run.actor('b'), await run.actor('c')]
    await Promise.all(actors.map(actor => actor.sees(/ plays /)))
    await learner.sees(/"event":"checkpoint"/)
    const done = { 'actor killed': 0, 'actor stopped': 0, 'learner killed': 0, 'Redis killed': 0, 'Redis emptied': 0 }
    const kinds = Object.keys(done) as (keyof typeof done)[]
    await whileItLearns(
      () => learner,
      () => random.between(200, 2500),
      async fault => {
        const kind = kinds[Math.floor(random.between(0, kinds.length - 0.001))]!
        const at = Math.floor(random.between(0, 2.999))
        done[kind]++
        if (kind === 'actor killed') {
          actors[at]!.process.kill('SIGKILL')
          actors[at] = await run.actor(`later-${fault}`)
          await actors[at].sees(/ plays |training is done/)
        } else if (kind === 'actor stopped') {
          actors[at]!.process.kill('SIGSTOP')
          await sleep(random.between(500, 3000))
          actors[at]!.process.kill('SIGCONT')
        } else if (kind === 'learner killed') {
          learner.process.kill('SIGKILL')
          await learner.finished
          learner = run.learner()
          await learner.sees(/"event":"(progress|checkpoint|summary)"/)
        } else if (kind === 'Redis killed') {
          await redis.kill()
          await redis.start()
        } else redis.command('flushall')
      },
    )
    await endsWell(run, learner)
    for (const actor of actors) await endsWell(run, actor, 1)

    const { replay } = openRunFolder(run.folder).folder.readCheckpoint() as unknown as { replay: { rows: SavedRows } }
    const { first, end, columns, pieces } = replay.rows
    expect(first).toBe(0)
    // An episode with a gap does not count.
    expect(end).toBeGreaterThanOrEqual(episodes * episodeSteps - games * episodeSteps)
    const rows: Float32Array[] = []
    for (const piece of pieces)
      for (let at = 0; at < piece.length; at += columns) rows.push(piece.slice(at, at + columns))
    expect(rows).toHaveLength(end)
    const text = (row: Float32Array) => Buffer.from(row.buffer).toString('latin1')
    expect(new Set(rows.map(text)).size).toBe(end)
    /** By game, its last row, and how many there were. */
    const lasts = new Map<number, { readonly row: Float32Array; readonly count: number }>()
    let gaps = 0
    for (const row of rows) {
      // A row ends with whether its episode is over, and the number of its game, below 0 after a gap.
      const mark = row.at(-1)!
      const { row: before = null, count = 0 } = lasts.get(Math.abs(mark)) ?? {}
      lasts.set(Math.abs(mark), { row, count: count + 1 })
      if (mark < 0) {
        expect(count % steps, `a gap within a trajectory, at step ${count} of game ${-mark}`).toBe(0)
        gaps++
      } else if (before !== null && before.at(-2) === 0) {
        const next = before.slice(sight + actions, sight + actions + sight)
        expect(Buffer.compare(bytes(next), bytes(row.slice(0, sight)))).toBe(0)
      }
    }
    expect([...lasts.keys()].sort()).toEqual([1, 2, 3, 4])
    console.log(`${JSON.stringify(done)}: ${end} rows, each once; ${gaps} begin where an actor was played again`)
  })
})

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
