// The program of a thread of games: an ordinary vector game over some of the games, which writes its joint steps into shared memory.
import { pathToFileURL } from 'node:url'
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { definitionIn } from '../../authoring/load-scenario.ts'
import { playedHere, playedMemory } from '../../authoring/played-here.ts'
import { systemThread } from '../../authoring/thread-clock.ts'
import type { GameDefinition } from '../../envs/game-definition.ts'
import { createVectorGame, type VectorGame } from '../../envs/vector-game.ts'
import { compiledFile } from '../../installation/package-folder.ts'
import { createRandom } from '../../random.ts'
import type { Saved } from '../../types.ts'
import { findGame } from '../find-game.ts'
import type { GameAnswer, GameCommand, GameThreadData, ThreadGames } from './game-messages.ts'
import { viewSharedGames } from './shared-games.ts'
import { control, lineOf, outcome, own } from './shared-words.ts'
import { copied, playAgain } from './shares.ts'
import { asThrown } from './thrown.ts'

/** Milliseconds between two turns of the event loop, by which what games print gets out; asleep it wakes up for them too. */
const turnEvery = 50

const { words: memory, thread, port, games: mine } = workerData as GameThreadData
const words = new Int32Array(memory)
const line = lineOf(thread)
const views = viewSharedGames(mine.memory)
const say = (answer: GameAnswer) => port.postMessage(answer)
/** Missing until the games are made. */
let vectorGame: VectorGame
let turned = performance.now()

process.once('exit', code => {
  Atomics.store(words, line + own.ended, code + 1)
  Atomics.notify(words, line + own.done)
})
say({ type: 'here', board: playedMemory.board, thread: systemThread() })
playedHere.seed = mine.seed
for (let generation = 0; ; ) {
  generation = await nextCommand(generation)
  if (Atomics.load(words, control.closing) === 1) break
  Atomics.store(words, line + own.outcome, words[control.moves] === 1 ? move() : await answer())
  Atomics.store(words, line + own.done, generation)
  if (Atomics.load(words, control.callerSleeps) === 1) Atomics.notify(words, line + own.done)
}

/** Looks out for a command for a while, then sleeps. */
async function nextCommand(generation: number): Promise<number> {
  const began = performance.now()
  const until = began + Atomics.load(words, control.look) / 1000
  if (began - turned > turnEvery) await turn()
  for (let polls = 1; ; polls++) {
    const now = Atomics.load(words, control.generation)
    if (now !== generation) return now
    if (polls % 256 !== 0 || performance.now() < until) continue
    Atomics.add(words, control.sleepers, 1)
    Atomics.wait(words, control.generation, generation, turnEvery)
    Atomics.sub(words, control.sleepers, 1)
    if (Atomics.load(words, control.generation) === generation) await turn()
  }
}

async function turn(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
  turned = performance.now()
}

function move(): number {
  try {
    vectorGame.advance()
    views.tell(vectorGame, mine.from)
    return outcome.well
  } catch (error) {
    say({ type: 'thrown', thrown: asThrown(error) })
    return vectorGame.hasMoved ? outcome.goingOn : outcome.moving
  }
}

async function answer(): Promise<number> {
  try {
    const command = nextMessage()
    if (command.type === 'begin') {
      begin(await definitionOf(mine.scenario), command.saved, command.played)
    } else if (command.type === 'restore') {
      vectorGame.restore(command.saved)
      views.tell(vectorGame, mine.from)
    }
    say({ type: 'saved', saved: command.type === 'save' ? copied(vectorGame.save()) : null })
    return outcome.well
  } catch (error) {
    say({ type: 'thrown', thrown: asThrown(error) })
    return outcome.failed
  }
}

function nextMessage(): GameCommand {
  return (receiveMessageOnPort(port) as { message: GameCommand }).message
}

async function definitionOf(scenario: ThreadGames['scenario']): Promise<GameDefinition> {
  if (typeof scenario === 'string') return (await findGame(scenario)).definition
  // What the file imports is not its own: that takes longer than a hook may.
  await import(pathToFileURL(compiledFile('index.js')).href)
  return definitionIn(scenario, playedHere)
}

/** Makes the games and brings them to where they stand in the calling thread. */
function begin(definition: GameDefinition, saved: Saved, played: readonly (readonly Float32Array[])[]): void {
  const { options, seed, from, end, memory } = mine
  vectorGame = createVectorGame({
    create: () => definition.create(options),
    games: end - from,
    first: from,
    random: game => createRandom(seed, 'game', game),
    extras: memory.extras,
    states: memory.stateSize > 0,
    allocate: step => views.freshAt(step, from, end),
  })
  if (saved !== null) vectorGame.restore(saved)
  for (const actions of played) playAgain(vectorGame, actions)
  views.tell(vectorGame, from)
}
