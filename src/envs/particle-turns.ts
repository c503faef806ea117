// Many particle games that take turns in one world: the state of each lies in a row of numbers and is put into the world when its turn comes.
import { AuthorFields } from './author-fields.ts'
import type { Color } from './entity.ts'
import type { ParticleCore } from './particle-core.ts'
import {
  type Places,
  placesOf,
  rareOfActor,
  rareOfLandmark,
  readRare,
  readVectors,
  readVoices,
  sizeOf,
  writeRare,
  writeVectors,
  writeVoices,
} from './particle-places.ts'
import type { Belongings } from './played-state.ts'
import { fieldsOfEntity, fieldsOfWorld } from './shared-world.ts'

/**
 * Copying is cheap, since the world that is played in stays in the processor's nearest memory whatever the number of games. What scenarios
 * seldom change (sizes, masses, who is present, ...) is compared with what it was when the games were made, and copied for those games
 * alone in which it differs.
 */
export class ParticleTurns {
  readonly #places: Places
  /** The game that is played in the world now; what its row says is out of date. */
  #current = 0
  /** [games, ...] */
  readonly #rows: Float64Array
  readonly #width: number
  /** [games, flags] Who is there and how lives stand, of games in which not everybody is there and alive. */
  readonly #flags: Uint8Array
  /** [games] 1: not everybody is. */
  readonly #isFlagged: Uint8Array
  /** [games, rare], and the same as it usually is. */
  readonly #rare: Float64Array
  readonly #usual: Float64Array
  /** [games] 1: something is not as usual. */
  readonly #isRare: Uint8Array
  /** [games, entities], of those games; and as usual. */
  readonly #colors: Color[][] = []
  readonly #usualColors: readonly Color[]
  readonly #belongings: Belongings[]
  readonly #fields: AuthorFields
  /** Whether hooks see a step before everybody's wishes are written. */
  readonly #looksBack: boolean

  /** All begin as the game that is played in `core` now. */
  constructor(core: ParticleCore, games: number) {
    const places = placesOf(core)
    const { world } = core
    const agents = world.agents.length
    this.#places = places
    this.#looksBack = world.scriptedAgents.length > 0
    this.#width =
      2 * (places.vectors.length + places.passing.length + agents + 1) +
      places.actors.length +
      sizeOf([...places.voices, ...places.speeches])
    this.#rows = new Float64Array(games * this.#width)
    this.#flags = new Uint8Array(games * (4 * agents + world.entities.length))
    this.#isFlagged = new Uint8Array(games)
    this.#usual = new Float64Array(
      rareOfActor * places.actors.length +
        rareOfLandmark * places.landmarks.length +
        2 * places.still.length +
        sizeOf(places.silent),
    )
    readRare(places, this.#usual, 0)
    this.#usual.fill(0, rareOfActor * places.actors.length + rareOfLandmark * places.landmarks.length)
    this.#usualColors = world.entities.map(({ color }) => color)
    this.#rare = new Float64Array(games * this.#usual.length)
    this.#isRare = new Uint8Array(games)
    this.#belongings = Array.from({ length: games }, (_, game) => {
      const { state } = core.belongings
      const belongings: Belongings = { ...core.belongings, state: null, answers: game === 0 ? world.answers : [] }
      // Null first: the engine notes which shape this field holds, and that shape is given up once a number in the state has a fraction. What
      // reads the field would then be compiled again and again, each time in vain, as long as the games are played.
      belongings.state = state
      return belongings
    })
    this.#fields = new AuthorFields(
      [...world.entities, world],
      [...world.entities.map(fieldsOfEntity), fieldsOfWorld()],
      games,
    )
  }

  /** The game is played from now on. */
  enter(game: number): void {
    if (game !== this.#current) this.#turnTo(game, true)
  }

  /** As `enter`, by a step, which overwrites much before anybody looks. */
  enterStep(game: number): void {
    if (game !== this.#current) this.#turnTo(game, this.#looksBack || this.#isFlagged[game] === 1)
  }

  #turnTo(game: number, whole: boolean): void {
    const left = this.#current
    this.#store(left, this.#places)
    this.#fields.keep(left)
    this.#load(game, left, whole)
    this.#current = game
  }

  /** Takes over the state of a game that has been played in a core of its own, with the same world. */
  adopt(game: number, core: ParticleCore): void {
    const { entities } = core.world
    entities.forEach((entity, i) => {
      const usual = this.#usualColors[i]!
      if (String(entity.color) === String(usual)) entity.color = usual
    })
    this.#store(game, placesOf(core))
    this.#fields.keepThoseOf(game, [...entities, core.world])
    // Until it is watched, which gives it its own.
    const belongings = this.#belongings[game]!
    if (!belongings.watched) belongings.rewardParts = this.#places.core.rewardParts
  }

  #store(game: number, places: Places): void {
    const { core, vectors, actors, voices, passing, speeches } = places
    const { rewards, localRewards } = core
    const rows = this.#rows
    let at = game * this.#width
    rows[at++] = core.cycles
    at = readVectors(vectors, rows, at)
    for (let i = 0; i < actors.length; i++) rows[at++] = actors[i]!.heading
    at = readVoices(voices, rows, at)
    at = readVectors(passing, rows, at)
    at = readVoices(speeches, rows, at)
    for (let i = 0; i < rewards.length; i++) {
      rows[at] = rewards[i]!
      rows[at + 1] = localRewards[i]!
      at += 2
    }
    rows[at] = core.truncated ? 1 : 0
    this.#isFlagged[game] = isEverybodyThere(core) ? 0 : 1
    if (this.#isFlagged[game] === 1) this.#storeFlags(game, core)
    this.#isRare[game] = this.#isUsual(places) ? 0 : 1
    if (this.#isRare[game] === 1) {
      readRare(places, this.#rare, game * this.#usual.length)
      const { entities } = core.world
      this.#colors[game] ??= []
      const colors = this.#colors[game]
      for (let i = 0; i < entities.length; i++) colors[i] = entities[i]!.color
    }
    core.give(this.#belongings[game]!)
  }

  /** `left`: the game that was played until now. `whole`: also what a step overwrites. */
  #load(game: number, left: number, whole: boolean): void {
    const { core, vectors, actors, voices, passing, speeches } = this.#places
    const rows = this.#rows
    let at = game * this.#width
    core.cycles = rows[at++]!
    at = writeVectors(vectors, rows, at)
    for (let i = 0; i < actors.length; i++) actors[i]!.heading = rows[at++]!
    at = writeVoices(voices, rows, at)
    if (whole) {
      const { rewards, localRewards } = core
      at = writeVectors(passing, rows, at)
      at = writeVoices(speeches, rows, at)
      for (let i = 0; i < rewards.length; i++) {
        rewards[i] = rows[at]!
        localRewards[i] = rows[at + 1]!
        at += 2
      }
      core.truncated = rows[at] === 1
    }
    if (this.#isFlagged[game] === 1) this.#loadFlags(game)
    else if (this.#isFlagged[left] === 1) everybodyIsThere(core)
    const isRare = this.#isRare[game] === 1
    if (isRare || this.#isRare[left] === 1) {
      writeRare(this.#places, isRare ? this.#rare : this.#usual, isRare ? game * this.#usual.length : 0)
      const colors = isRare ? this.#colors[game]! : this.#usualColors
      const { entities } = core.world
      for (let i = 0; i < entities.length; i++) entities[i]!.color = colors[i]!
    }
    this.#fields.put(game)
    core.take(this.#belongings[game]!)
  }

  /** Whether nothing that scenarios seldom change is other than when the games were made. */
  #isUsual({ actors, landmarks, still, silent }: Places): boolean {
    const usual = this.#usual
    const colors = this.#usualColors
    let at = 0
    for (let i = 0; i < actors.length; i++) {
      const actor = actors[i]!
      if (
        actor.size !== usual[at] ||
        actor.mass !== usual[at + 1] ||
        actor.maxSpeed !== usual[at + 2] ||
        actor.acceleration !== usual[at + 3] ||
        actor.turnRate !== usual[at + 4] ||
        actor.actionNoise !== usual[at + 5] ||
        actor.utteranceNoise !== usual[at + 6] ||
        actor.color !== colors[i]
      )
        return false
      at += rareOfActor
    }
    for (let i = 0; i < landmarks.length; i++) {
      const landmark = landmarks[i]!
      if (
        landmark.size !== usual[at] ||
        landmark.mass !== usual[at + 1] ||
        landmark.maxSpeed !== usual[at + 2] ||
        landmark.color !== colors[actors.length + i]
      )
        return false
      at += rareOfLandmark
    }
    for (let i = 0; i < still.length; i++) {
      const { x, y } = still[i]!
      if (x !== 0 || y !== 0 || Object.is(x, -0) || Object.is(y, -0)) return false
    }
    for (let i = 0; i < silent.length; i++) {
      const voice = silent[i]!
      for (let c = 0; c < voice.length; c++) if (voice[c] !== 0 || Object.is(voice[c], -0)) return false
    }
    return true
  }

  #storeFlags(game: number, { present, terminated, presence, world }: ParticleCore): void {
    const flags = this.#flags
    let at = game * (4 * present.length + world.entities.length)
    for (let i = 0; i < present.length; i++) {
      flags[at] = present[i]!
      flags[at + 1] = terminated[i]!
      flags[at + 2] = presence.alive[i]!
      flags[at + 3] = world.left[i]!
      at += 4
    }
    for (const entity of world.entities) flags[at++] = entity.present ? 1 : 0
  }

  #loadFlags(game: number): void {
    const { present, terminated, presence, world } = this.#places.core
    const flags = this.#flags
    let at = game * (4 * present.length + world.entities.length)
    for (let i = 0; i < present.length; i++) {
      present[i] = flags[at]!
      terminated[i] = flags[at + 1]!
      presence.alive[i] = flags[at + 2]!
      world.left[i] = flags[at + 3]!
      at += 4
    }
    for (const entity of world.entities) entity.present = flags[at++] === 1
  }
}

function isEverybodyThere({
  present,
  terminated,
  presence: { alive },
  world: { left, entities },
}: ParticleCore): boolean {
  for (let i = 0; i < present.length; i++) {
    if (present[i] !== 1 || terminated[i] !== 0 || alive[i] !== 1 || left[i] !== 0) return false
  }
  for (let i = 0; i < entities.length; i++) if (!entities[i]!.present) return false
  return true
}

function everybodyIsThere({ present, terminated, presence: { alive }, world: { left, entities } }: ParticleCore): void {
  present.fill(1)
  terminated.fill(0)
  alive.fill(1)
  left.fill(0)
  for (const entity of entities) entity.present = true
}
