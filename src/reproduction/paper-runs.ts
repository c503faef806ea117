// The training runs behind the tables of the paper, by name; tables share them.
import type { Overrides } from '../run/config/config.ts'

/** Episodes of the paper's runs, and of a quick look. */
export const paperEpisodes = { full: 25_000, quick: 2_500 } as const

/** Seeds of the tables, and of a quick look. */
export const paperSeeds = { full: 3, quick: 1 } as const

/** The other side of a two-team scenario learns by itself: `agent maddpg, adversary ddpg`. */
type Learning = 'maddpg' | 'ddpg'

const all = (id: string, algorithm: Learning, scenario: Readonly<Record<string, unknown>> = {}): Overrides => ({
  scenario: { id, ...scenario },
  learner: { algorithm },
})

/** Both teams are trained against each other, each in its own way (as `--good-policy` and `--adv-policy` of openai/maddpg). */
function sides(id: string, good: string, goodBy: Learning, adversaryBy: Learning): Overrides {
  return { scenario: { id }, team: { [good]: goodBy, adversary: adversaryBy } }
}

const ensemble = (id: string, subPolicies: number): Overrides => ({
  scenario: { id },
  learner: { algorithm: 'maddpg', subPolicies },
})

/** The four ways to give two teams one of two algorithms; names say the good team first. */
function crossed(id: string, good: string): Record<string, Overrides> {
  return {
    [`${id}-maddpg-maddpg`]: all(id, 'maddpg'),
    [`${id}-maddpg-ddpg`]: sides(id, good, 'maddpg', 'ddpg'),
    [`${id}-ddpg-maddpg`]: sides(id, good, 'ddpg', 'maddpg'),
    [`${id}-ddpg-ddpg`]: all(id, 'ddpg'),
  }
}

/** Settings over the preset, by the name that the run folder gets, `<name>-s<seed>`. */
export const paperRuns: Readonly<Record<string, Overrides>> = {
  'simple_speaker_listener-maddpg': all('simple_speaker_listener', 'maddpg'),
  'simple_speaker_listener-ddpg': all('simple_speaker_listener', 'ddpg'),
  'simple_spread-maddpg': all('simple_spread', 'maddpg'),
  'simple_spread-ddpg': all('simple_spread', 'ddpg'),
  'simple_spread-6-maddpg': all('simple_spread', 'maddpg', { agents: 6 }),
  'simple_spread-6-ddpg': all('simple_spread', 'ddpg', { agents: 6 }),
  ...crossed('simple_tag', 'agent'),
  ...crossed('simple_adversary', 'agent'),
  ...crossed('simple_push', 'agent'),
  ...crossed('simple_crypto', 'good'),
  'simple_push-ensemble': ensemble('simple_push', 3),
  'simple_spread-ensemble': ensemble('simple_spread', 3),
  'simple_tag-ensemble': ensemble('simple_tag', 2),
}
