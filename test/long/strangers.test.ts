// Strangers among the actors, over a real Redis: what they send that was not asked for never touches learning, and lies are found as often as is said.
import { createPublicKey, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readCheckpoint } from '../../src/experiment/checkpoint.ts'
import { marlstrom, start } from '../support/command.ts'
import { describeWith } from '../support/programs.ts'
import { startRedis } from '../support/redis.ts'
import { outcomeIn, type RemoteRun, shortRun, startRemote, undisturbed } from '../support/remote-run.ts'
import { type Asked, startStranger } from '../support/stranger.ts'

const floats = (...numbers: number[]) => new Uint8Array(Float32Array.from(numbers).buffer)
const words = (...numbers: number[]) => new Uint8Array(Uint32Array.from(numbers).buffer)
const word = { actor: 8, number: 12, version: 16, stateBytes: 28 }

/** What was played with other bytes somewhere, sent in its place. */
const changed = (at: number | ((message: Uint8Array) => number), bytes: Uint8Array) => async (asked: Asked) => {
  const message = new Uint8Array(asked.answer.message!)
  message.set(bytes, typeof at === 'number' ? at : at(message))
  await asked.say({ ...asked.answer, message })
}
const instead = (message: (honest: Uint8Array) => Uint8Array) => (asked: Asked) =>
  asked.say({ ...asked.answer, message: message(asked.answer.message!) })
const entry = (asked: Asked, ...fields: (string | Buffer)[]) => asked.redis.xadd(asked.played, '*', ...fields)

/** What a stranger sends in the place of what it was asked for, and what it is dropped for; null: it is not, and plays on. */
const attacks: Readonly<Record<string, readonly [(asked: Asked) => Promise<unknown>, RegExp | null]>> = {
  'random-bytes': [instead(() => randomBytes(5000)), /expected a message of format 1/],
  'random-fields': [
    asked => entry(asked, ...Array.from({ length: 8 }, () => randomBytes(30))),
    /expected ticket, session/,
  ],
  'no-fields': [asked => entry(asked, 'x', ''), /expected ticket, session/],
  nothing: [instead(() => new Uint8Array(0)), /expected a message of format 1/],
  'byte-short': [instead(message => message.subarray(1)), /expected a message of format 1/],
  'byte-more': [instead(message => Buffer.concat([message, Buffer.of(0)])), /expected a message of format 1/],
  'long-state': [changed(word.stateBytes, words(2 ** 32 - 1)), /expected a message of format 1/],
  huge: [instead(() => Buffer.alloc(100_000_000)), /expected a message of format 1|bytes, more than trajectories do/],
  'long-texts': [
    asked => entry(asked, 'ticket', Buffer.alloc(50_000_000, '1'), 'session', 'x', 'message', 'x'),
    /expected ticket, session|bytes, more than trajectories do/,
  ],
  nan: [changed(64, floats(Number.NaN)), /observations\/0: expected finite numbers/],
  infinite: [changed(64, floats(Number.POSITIVE_INFINITY)), /observations\/0: expected finite numbers/],
  'no-flag': [changed(message => message.length - 1, Uint8Array.of(7)), /expected finite numbers, got 7/],
  'old-version': [changed(word.version, words(4_000_000)), /expected weights of version \d+ to \d+, got 4000000/],
  'other-number': [changed(word.number, words(77)), /expected trajectory 0 of actor \d, got 77/],
  'other-actor': [changed(word.actor, words(9)), /expected trajectory 0 of actor \d, got 0 of 9/],
  'not-its-turn': [
    asked => asked.say({ ...asked.answer, ticket: asked.answer.ticket + 4 }),
    /which is not its own, or not yet its turn/,
  ],
  'cannot-play': [asked => asked.say({ ...asked.answer, message: null, thrown: '{}' }), /that can be played: \{\}/],
  'lying-rewards': [
    asked =>
      changed(
        message => Math.floor((message.length - 64) / 2) + 64 - (((message.length - 64) / 2) % 4),
        floats(0.5),
      )(asked),
    /is not what playing it gives/,
  ],
}

describeWith(['redis-server', 'redis-cli'], 'redis-server', 'strangers among the actors', () => {
  it('send what they like: learning is untouched, and each is named', async () => {
    const redis = await startRedis()
    const expected = undisturbed(...shortRun)
    const run = await startRemote(redis.url, ...shortRun, '--set', 'run.verifyActors=1')
    const { runKey } = run
    const strangers = Object.entries(attacks).map(async ([name, [attack, reason]]) => {
      const { ended } = await startStranger({ url: redis.url, runKey, name }, async asked => void (await attack(asked)))
      if (reason !== null) expect(await ended, name).toMatch(reason)
    })
    const honest = start('actor', '--redis', redis.url, '--run-key', runKey, '--name', 'honest')
    await Promise.all(strangers)
    const [done, actor] = [await run.learner.finished, await honest.finished]
    expect([actor.code, actor.stderr]).toEqual([0, ''])
    expect(done.code, done.stderr).toBe(0)
    for (const name of Object.keys(attacks)) expect(done.stderr).toContain(`actor process ${name} is dropped: `)
    expect(done.stderr).not.toContain('honest')
    expect(outcomeIn(run.folder)).toBe(await expected)
  })
})
