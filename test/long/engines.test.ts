// The same bits on every engine: trainings, evaluations and elementary functions on Node 20, 22, 24 and 26.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { entry } from '../support/command.ts'
import { describeOnEngines, outputOf, twoAtOnce } from '../support/engines.ts'
import { tempFolder } from '../support/temp-folder.ts'

const continuous = ['--set', 'scenario.rules=mpe2', '--set', 'scenario.actions=continuous']

/** By name: the scenario, its episodes and what else differs from the default settings. */
const trainings: Readonly<Record<string, readonly [string, number, ...string[]]>> = {
  ...Object.fromEntries(
    ['simple', 'simple_adversary', 'simple_crypto', 'simple_push', 'simple_reference', 'simple_speaker_listener']
      .concat(['simple_spread', 'simple_tag', 'simple_world_comm', 'matrix_game', 'tic_tac_toe', 'pig', 'switch'])
      .map(id => [id, [id, 3000]]),
  ),
  // An episode takes up to 50 and 500 steps.
  foraging: ['foraging', 1000],
  warehouse: ['warehouse', 150],
  'masac, boxes': ['simple_spread', 1500, '--algorithm', 'masac', ...continuous],
  'mad4pg, prioritised, several steps': [
    ...(['simple_tag', 1500, '--algorithm', 'mad4pg'] as const),
    ...['--set', 'learner.priority=0.6', '--set', 'learner.returnSteps=3'],
  ],
  'reinforce, boxes': ['simple_spread', 1500, '--algorithm', 'reinforce', ...continuous],
}

describeOnEngines('Node 20, 22, 24 and 26', programs => {
  it.each(Object.entries(trainings))('%s', async (name, [id, episodes, ...others]) => {
    const folder = tempFolder()
    const found = await twoAtOnce(
      programs.map((program, i) => async () => {
        const run = `run-${i}`
        const settings = ['--episodes', String(episodes), '--seed', '7', '--threads', '1', ...others]
        const quiet = ['--set', 'run.summaryEpisodes=0', '--set', 'run.tensorboard=false']
        await outputOf(program, [entry, 'train', id, '--out', run, ...settings, ...quiet], folder)
        const evaluated = await outputOf(program, [entry, 'evaluate', run, '--episodes', '50', '--json'], folder)
        const last = readdirSync(join(folder, run, 'checkpoints'))
          .sort()
          .at(-1)!
        return {
          checkpoint: sha256(readFileSync(join(folder, run, 'checkpoints', last))),
          metrics: readFileSync(join(folder, run, 'metrics.jsonl'), 'utf8').replaceAll(/,"time\/[^,}]*/g, ''),
          evaluated: evaluated.replaceAll(run, 'run'),
        }
      }),
    )
    console.log(`| ${name} | ${episodes} | \`${found[0]!.checkpoint.slice(0, 12)}...\` |`)
    for (const each of found) expect(each).toEqual(found[0])
  })

  it('elementary functions', async () => {
    const hashes = await twoAtOnce(
      programs.map(
        program => () => outputOf(program, [resolve(import.meta.dirname, '../support/elementary-hash.mjs')], '.'),
      ),
    )
    expect(new Set(hashes).size).toBe(1)
  })
})

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
