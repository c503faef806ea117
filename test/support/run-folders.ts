// Run folders as training leaves them, without training.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface WrittenRun {
  readonly config?: Record<string, Record<string, unknown>>
  readonly lines?: readonly Record<string, number>[]
  /** Episodes of its checkpoint; default: none. */
  readonly checkpoint?: number
}

/** Writes one and returns its path. Settings that are not given are those of maddpg on simple_spread, 300 episodes. */
export function writeRun(base: string, name: string, { config = {}, lines, checkpoint }: WrittenRun = {}): string {
  const folder = join(base, name)
  mkdirSync(join(folder, 'checkpoints'), { recursive: true })
  const sections = {
    scenario: { id: 'simple_spread', rules: 'openai', ...config.scenario },
    team: { ...config.team },
    learner: { algorithm: 'maddpg', gamma: 0.95, ...config.learner },
    network: { hidden: [64, 64], ...config.network },
    run: { preset: 'openai', seed: 1, episodes: 300, ...config.run },
  }
  writeFileSync(join(folder, 'config.json'), `${JSON.stringify(sections, null, 2)}\n`)
  if (lines !== undefined) {
    writeFileSync(join(folder, 'metrics.jsonl'), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  }
  if (checkpoint !== undefined) {
    writeFileSync(join(folder, 'checkpoints', `${String(checkpoint).padStart(9, '0')}.safetensors`), 'weights')
  }
  return folder
}

/** A line of metrics.jsonl after some episodes of 25 steps. */
export function lineAt(episodes: number, returns: Record<string, number>, more: Record<string, number> = {}) {
  return {
    episodes,
    envSteps: episodes * 25,
    updates: 0,
    ...Object.fromEntries(Object.entries(returns).map(([id, value]) => [`return/${id}`, value])),
    ...more,
    'time/seconds': episodes / 10,
  }
}
