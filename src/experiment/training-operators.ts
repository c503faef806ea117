// The operators of a training: registered by name, held against those that it was trained with before, saved and restored with it.
import { type MonoTypeOperatorFunction, type Observable, tap } from 'rxjs'
import { guarded } from '../engine/guarded.ts'
import type { OperatorDefinition, OperatorParts } from '../engine/operator.ts'
import type { VectorGame } from '../envs/vector-game.ts'
import { ConfigError } from '../errors.ts'
import { createRandom, type Random } from '../random.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import type { AgentSpec, JointStep, Saved, Stateful } from '../types.ts'
import type { MetricsLine } from './metrics.ts'

export interface TrainingOperators extends Stateful {
  /**
   * The operators that the training goes on with; those of an earlier call stay as they stand.
   * @throws ConfigError where they are not the ones that it was trained with so far, or move options of games that cannot have others
   */
  attach(definitions: readonly OperatorDefinition[]): void
  /** All of them, one after the other, each held to its rules; null: there are none. */
  readonly through: MonoTypeOperatorFunction<JointStep> | null
  /** Their figures, as they stand in a metrics line. */
  figures(): MetricsLine
  /** null: there are none. */
  save(): Saved
}

export interface TrainingOperatorsOptions {
  readonly agents: readonly AgentSpec[]
  readonly games: number
  readonly seed: number
  readonly vectorGame: () => Pick<VectorGame, 'vary'>
}

/** What is saved of one. */
interface SavedOperator {
  readonly name: string
  /** As canonical JSON. */
  readonly options: string
  readonly randoms: Readonly<Record<string, Saved>>
  /** null: it keeps nothing. */
  readonly state: Saved
}

interface Attached extends Omit<OperatorParts, 'save' | 'restore'>, Stateful {
  readonly name: string
  readonly options: string
  save(): SavedOperator & { readonly [key: string]: Saved }
}

/** None yet. */
export function createTrainingOperators(options: TrainingOperatorsOptions): TrainingOperators {
  const { agents, vectorGame } = options
  /** null: nobody has begun to train. */
  let attached: readonly Attached[] | null = null
  /** What the run was restored to before its operators were known; null: it was not. */
  let kept: readonly SavedOperator[] | null = null

  const moveOptions = (all: readonly Attached[]) => {
    const wanted: Record<string, unknown> = {}
    for (const { gameOptions } of all) Object.assign(wanted, gameOptions?.())
    vectorGame().vary?.(wanted)
  }

  return {
    attach(definitions) {
      const asked = definitions.map(identityOf)
      refuseTwins(asked)
      const before = attached ?? kept
      if (before !== null) refuseOthers(before, asked)
      if (attached !== null) return
      const built = definitions.map(definition => build(definition, options))
      refuseFixedGames(built, vectorGame())
      kept?.forEach((saved, i) => void built[i]!.restore(saved as unknown as Saved))
      moveOptions(built)
      attached = built
      kept = null
    },
    get through() {
      const all = attached ?? []
      if (all.length === 0) return null
      const moves = all.filter(({ gameOptions }) => gameOptions !== undefined)
      return (steps$: Observable<JointStep>) => {
        const through$ = all.reduce((before$, one) => before$.pipe(guarded(one.name, one, agents)), steps$)
        return moves.length === 0 ? through$ : through$.pipe(tap(() => moveOptions(moves)))
      }
    },
    figures: () =>
      Object.fromEntries(
        (attached ?? []).flatMap(({ name, figures }) =>
          Object.entries(figures?.() ?? {}).flatMap(([key, value]) =>
            Number.isFinite(value) ? [[`operator/${name}/${key}`, value]] : [],
          ),
        ),
      ),
    save() {
      const all = attached?.map(operator => operator.save()) ?? kept ?? []
      return all.length === 0 ? null : (all as unknown as Saved)
    },
    restore(saved) {
      const all = (saved ?? []) as unknown as readonly SavedOperator[]
      if (attached === null) kept = all
      else {
        refuseOthers(all, attached)
        attached.forEach((operator, i) => void operator.restore(all[i] as unknown as Saved))
      }
    },
  }
}

/** Their part of what a run saves: a run without operators saves nothing of them, as earlier versions did. */
export function savedOperators(operators: TrainingOperators): { readonly operators?: Saved } {
  const saved = operators.save()
  return saved === null ? {} : { operators: saved }
}

type Identity = Pick<SavedOperator, 'name' | 'options'>

function identityOf({ name, options }: OperatorDefinition): Identity {
  return { name, options: canonicalJson(options) }
}

function build(definition: OperatorDefinition, { agents, games, seed }: TrainingOperatorsOptions): Attached {
  const { name } = definition
  const randoms: Record<string, Random> = {}
  const parts = definition.create({
    agents,
    games,
    options: definition.options,
    random: stream => (randoms[stream] ??= createRandom(seed, 'operator', name, stream)),
  })
  if (typeof parts?.operator !== 'function') {
    throw new TypeError(
      `operator '${name}': create must give { operator }, an operator of rxjs, got ${typeof parts?.operator}`,
    )
  }
  if ((parts.save === undefined) !== (parts.restore === undefined)) {
    throw new TypeError(
      `operator '${name}': expected both save and restore, or neither; without both it cannot be resumed`,
    )
  }
  const { operator, figures, gameOptions } = parts
  return {
    ...identityOf(definition),
    operator,
    ...(figures && { figures }),
    ...(gameOptions && { gameOptions }),
    save: () => ({
      ...identityOf(definition),
      randoms: Object.fromEntries(Object.entries(randoms).map(([stream, random]) => [stream, random.save()])),
      state: parts.save?.() ?? null,
    }),
    restore(saved) {
      const state = saved as unknown as SavedOperator
      for (const [stream, random] of Object.entries(state.randoms)) {
        randoms[stream] ??= createRandom(seed, 'operator', name, stream)
        randoms[stream].restore(random)
      }
      parts.restore?.(state.state)
    },
  }
}

function refuseTwins(asked: readonly Identity[]): void {
  const twin = asked.find(({ name }, i) => asked.findIndex(other => other.name === name) < i)
  if (twin === undefined) return
  throw new ConfigError(
    'operators',
    `expected names of their own, got two operators '${twin.name}'; rename one of them`,
  )
}

function refuseOthers(before: readonly Identity[], asked: readonly Identity[]): void {
  if (before.length === asked.length && before.every((one, i) => isSame(one, asked[i]!))) return
  throw new ConfigError(
    'operators',
    `the run was trained with ${described(before, asked)}, got ${described(asked, before)}; go on by train(run, { operators }) with ` +
      'the same ones in the same order, or begin a new run (--fork drops them)',
  )
}

function isSame(one: Identity, other: Identity): boolean {
  return one.name === other.name && one.options === other.options
}

/** `a, b {"scale":2}`: options where they are what differs. */
function described(operators: readonly Identity[], others: readonly Identity[]): string {
  if (operators.length === 0) return 'no operators'
  const differs = ({ name, options }: Identity) =>
    others.some(other => other.name === name && other.options !== options)
  const words = operators.map(one => `'${one.name}'${differs(one) ? ` ${one.options}` : ''}`)
  return `${words.length === 1 ? 'operator' : 'operators'} ${words.join(', ')}`
}

function refuseFixedGames(built: readonly Attached[], { vary }: Pick<VectorGame, 'vary'>): void {
  const mover = built.find(({ gameOptions }) => gameOptions !== undefined)
  if (mover === undefined || vary !== undefined) return
  throw new ConfigError(
    'run.actors',
    `operator '${mover.name}' changes options of the game, and actors play whole trajectories before the operator has seen what came of ` +
      'them; expected run.actors null',
  )
}
