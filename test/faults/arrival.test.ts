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
    const settings = ['run.actorOrder=arrival', `run.trajectorySteps=${steps}`, 'replay.capacity=31000']
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
    expect([first, end]).toEqual([0, episodes * episodeSteps])
    const rows: Float32Array[] = []
    for (const piece of pieces)
      for (let at = 0; at < piece.length; at += columns) rows.push(piece.slice(at, at + columns))
    expect(rows).toHaveLength(end)
    const text = (row: Float32Array) => Buffer.from(row.buffer).toString('latin1')
    expect(new Set(rows.map(text)).size).toBe(end)
    let seams = 0
    for (let row = games; row < end; row++) {
      const step = Math.floor(row / games)
      if (step % episodeSteps === 0) continue
      const [before, now] = [rows[row - games]!, rows[row]!]
      if (
        Buffer.compare(bytes(before.slice(sight + actions, sight + actions + sight)), bytes(now.slice(0, sight))) === 0
      )
        continue
      expect(step % steps, `a seam within a trajectory, at step ${step}`).toBe(0)
      seams++
    }
    console.log(`${JSON.stringify(done)}: ${end} rows, each once; ${seams} begin where an actor was played again`)
  })
})

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
