// The tables of the paper: which runs play in a row, what is measured, and what the paper reports.

/** What a column says, and how it comes from what a scenario measures. */
export interface PaperColumn {
  readonly title: string
  /** A figure of the scenario, or `return/<team>`: the mean return of the team's agents per episode. */
  readonly figure: string
  /** At the last step of an episode; its mean over the steps; its sum over them. Returns have only one meaning: 'sum'. */
  readonly over: 'last' | 'mean' | 'sum'
  /** The figure is shown times this: 100 for a share in percent. */
  readonly times?: number
  readonly digits: number
  /** A full definition in one sentence. */
  readonly meaning: string
}

export interface PaperRow {
  /** One cell for each of the table's `sides`. */
  readonly sides: readonly string[]
  /** A run that plays as it was trained; or by team, the run whose agents play it. */
  readonly players: string | Readonly<Record<string, string>>
  /** By the columns' order, what the paper reports; null: no figure at hand. */
  readonly paper?: readonly (number | null)[]
}

export interface PaperTable {
  readonly id: string
  readonly title: string
  readonly sides: readonly string[]
  readonly columns: readonly PaperColumn[]
  readonly rows: readonly PaperRow[]
}

/** Environment steps in an episode of every scenario, by default as in the paper. */
export const episodeSteps = 25

const pairs = [
  ['maddpg', 'maddpg'],
  ['maddpg', 'ddpg'],
  ['ddpg', 'maddpg'],
  ['ddpg', 'ddpg'],
] as const

/** Rows of a two-team table, the good team first; figures of the paper in the same order. */
function crossed(id: string, paper: readonly (readonly (number | null)[])[] = []): PaperRow[] {
  return pairs.map(([good, adversary], i) => ({
    sides: [good.toUpperCase(), adversary.toUpperCase()],
    players: `${id}-${good}-${adversary}`,
    ...(paper[i] && { paper: paper[i] }),
  }))
}

/** Single policies and ensembles against one another; both sides of a row come from two runs, one of each kind or twice the same. */
function ensembles(id: string, sides: readonly string[] = ['agent', 'adversary']): PaperRow[] {
  const runs = { single: `${id}-maddpg-maddpg`, ensemble: `${id}-ensemble` }
  const kinds = ['single', 'ensemble'] as const
  return kinds.flatMap(first =>
    kinds.map(second => ({
      sides: [first, second],
      players: first === second ? runs[first] : { [sides[0]!]: runs[first], [sides[1]!]: runs[second] },
    })),
  )
}

const share = (title: string, figure: string, meaning: string): PaperColumn => ({
  title,
  figure,
  over: 'last',
  times: 100,
  digits: 1,
  meaning,
})

const returnOf = (team: string): PaperColumn => ({
  title: `return of ${team}`,
  figure: `return/${team}`,
  over: 'sum',
  digits: 2,
  meaning: `mean return of the agents of team ${team}, per agent and episode`,
})

const touches: PaperColumn = {
  title: 'touches per episode',
  figure: 'touches',
  over: 'sum',
  digits: 2,
  meaning: 'contacts between a predator and the prey, summed over all predators and all steps of an episode',
}

const navigation: readonly PaperColumn[] = [
  {
    title: 'distance',
    figure: 'uncovered',
    over: 'mean',
    digits: 3,
    meaning:
      'summed over the landmarks, the distance of each to its nearest agent; mean over the steps of an episode (the sum, because the published code measures it so)',
  },
  {
    title: 'collisions per episode',
    figure: 'collisions',
    over: 'sum',
    digits: 3,
    meaning: 'pairs of agents that overlap, summed over the steps of an episode',
  },
  {
    title: 'collisions per step',
    figure: 'collisions',
    over: 'mean',
    digits: 3,
    meaning: 'the same, mean over the steps of an episode',
  },
]

const keepAway: readonly PaperColumn[] = [
  share('agent reached, %', 'agentReached', 'episodes at whose last step the agent is within 0.1 of its goal'),
  share(
    'adversary reached, %',
    'adversaryReached',
    'episodes at whose last step the adversary is within 0.1 of the goal',
  ),
  returnOf('agent'),
  returnOf('adversary'),
]

/** By id. */
export const paperTables: Readonly<Record<string, PaperTable>> = Object.fromEntries(
  (
    [
      {
        id: 'communication',
        title: 'Cooperative communication (simple_speaker_listener)',
        sides: ['algorithm'],
        columns: [
          share('target reached, %', 'reached', 'episodes at whose last step the listener is within 0.1 of the goal'),
          {
            title: 'distance',
            figure: 'distance',
            over: 'last',
            digits: 3,
            meaning: 'distance of the listener from the goal at the last step of an episode',
          },
          share(
            'target understood, %',
            'understood',
            'episodes at whose last step no landmark is nearer to the listener than the goal',
          ),
        ],
        rows: [
          { sides: ['MADDPG'], players: 'simple_speaker_listener-maddpg', paper: [84, 0.133, null] },
          { sides: ['DDPG'], players: 'simple_speaker_listener-ddpg', paper: [32, 0.456, null] },
        ],
      },
      {
        id: 'navigation',
        title: 'Cooperative navigation (simple_spread)',
        sides: ['agents', 'algorithm'],
        columns: navigation,
        rows: [
          { sides: ['3', 'MADDPG'], players: 'simple_spread-maddpg', paper: [1.767, 0.209, null] },
          { sides: ['3', 'DDPG'], players: 'simple_spread-ddpg', paper: [1.858, 0.375, null] },
          { sides: ['6', 'MADDPG'], players: 'simple_spread-6-maddpg' },
          { sides: ['6', 'DDPG'], players: 'simple_spread-6-ddpg' },
        ],
      },
      {
        id: 'predator-prey',
        title: 'Predator-prey (simple_tag)',
        sides: ['predators', 'prey'],
        columns: [touches],
        rows: pairs.map(([predators, prey], i) => ({
          sides: [predators.toUpperCase(), prey.toUpperCase()],
          players: `simple_tag-${prey}-${predators}`,
          paper: [[11, 16.1, 10.3, 9.4][i]!],
        })),
      },
      {
        id: 'deception',
        title: 'Physical deception (simple_adversary)',
        sides: ['agents', 'adversary'],
        columns: [
          share(
            'agents succeed, %',
            'agentReached',
            'episodes at whose last step a good agent is within 0.1 of the goal',
          ),
          share(
            'adversary succeeds, %',
            'adversaryReached',
            'episodes at whose last step the adversary is within 0.1 of the goal',
          ),
          returnOf('agent'),
          returnOf('adversary'),
        ],
        rows: crossed('simple_adversary', [
          [94.4, 39.2, null, null],
          [92.2, 16.4, null, null],
          [68.9, 59, null, null],
          [74.7, 38.6, null, null],
        ]),
      },
      {
        id: 'keep-away',
        title: 'Keep-away (simple_push)',
        sides: ['agent', 'adversary'],
        columns: keepAway,
        rows: crossed('simple_push'),
      },
      {
        id: 'covert-communication',
        title: 'Covert communication (simple_crypto)',
        sides: ['alice and bob', 'eve'],
        columns: [
          share('bob correct, %', 'bobCorrect', "episodes at whose last step bob's loudest channel is the message"),
          share(
            'eve correct, %',
            'eveCorrect',
            "episodes at whose last step eve's loudest channel is the message (chance: 50)",
          ),
        ],
        rows: crossed('simple_crypto'),
      },
      {
        id: 'ensembles-keep-away',
        title: 'Policy ensembles of 3 in keep-away (simple_push, MADDPG)',
        sides: ['agent', 'adversary'],
        columns: keepAway,
        rows: ensembles('simple_push'),
      },
      {
        id: 'ensembles-navigation',
        title: 'Policy ensembles of 3 in cooperative navigation (simple_spread, MADDPG)',
        sides: ['policies'],
        columns: [...navigation, returnOf('agent')],
        rows: [
          { sides: ['single'], players: 'simple_spread-maddpg' },
          { sides: ['ensemble'], players: 'simple_spread-ensemble' },
        ],
      },
      {
        id: 'ensembles-predator-prey',
        title: 'Policy ensembles of 2 in predator-prey (simple_tag, MADDPG)',
        sides: ['prey', 'predators'],
        columns: [touches, returnOf('agent'), returnOf('adversary')],
        rows: ensembles('simple_tag'),
      },
    ] satisfies readonly PaperTable[]
  ).map(table => [table.id, table]),
)

/** The runs that a table needs, each once. */
export function runsOf(table: PaperTable): string[] {
  const names = table.rows.flatMap(({ players }) => (typeof players === 'string' ? [players] : Object.values(players)))
  return [...new Set(names)]
}
