// Strangers among the actors, over a real Redis: what they send that was not asked for never touches learning, and lies are found as often as is said.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
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

/** A reward is another. Behind the header are 50 steps of 2 games: what 3 agents see, 18 numbers each, and what they do, 5 each. */
const lie = changed(64 + 4 * 100 * 3 * (18 + 5), floats(0.5))

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
  'no-flag': [changed(message => message.length - 1, Uint8Array.of(7)), /expected 0 or 1, got 7/],
  'old-version': [changed(word.version, words(4_000_000)), /expected weights of version \d+ to \d+, got 4000000/],
  'other-number': [changed(word.number, words(77)), /expected trajectory \d+ of actor \d, got 77/],
  'other-actor': [changed(word.actor, words(9)), /expected trajectory \d+ of actor \d, got \d+ of 9/],
  flood: [
    async asked => {
      const { answer, redis, played, say } = asked
      const fields = ['ticket', '999999999', 'session', answer.session, 'message', randomBytes(100)]
      await Promise.all(Array.from({ length: 5000 }, () => redis.xadd(played, '*', ...fields)))
      await say(answer)
    },
    null,
  ],
  'cannot-play': [asked => asked.say({ ...asked.answer, message: null, thrown: '{}' }), /that can be played: \{\}/],
  'lying-rewards': [lie, /is not what playing it gives: rewards are others/],
}

describeWith(['redis-server', 'redis-cli'], 'redis-server', 'strangers among the actors', () => {
  it('send what they like: learning is untouched, and each is named', async () => {
    const redis = await startRedis()
    const expected = undisturbed(...shortRun)
    const run = await startRemote(redis.url, ...shortRun, '--set', 'run.verifyActors=1')
    const { runKey } = run
    /** Whether a ticket is for a trajectory that is learnt from, not only for the way to it. */
    const isLearntFrom = ({ answer }: Asked) => answer.message!.length > 10_000
    let held = 0
    /** What the slow one is being asked for, and then what it is asked for itself. */
    const othersTicket = async (asked: Asked) => {
      await asked.say({ ...asked.answer, ticket: held })
      await asked.say(asked.answer)
    }
    const all = Object.entries({ ...attacks, 'others-ticket': [othersTicket, /which is not its own/] as const })
    const strangers = new Set(all.map(([name]) => name))
    // Honest, but slow as long as there are strangers who have not been found out, so that the run does not end before.
    await startStranger({ url: redis.url, runKey, name: 'slow' }, async asked => {
      held = asked.answer.ticket
      if (strangers.size > 0) await sleep(1000)
      await asked.say(asked.answer)
    })
    await expect.poll(() => held).toBeGreaterThan(0)
    const found = all.map(async ([name, [attack, reason]]) => {
      const { ended } = await startStranger({ url: redis.url, runKey, name }, async asked =>
        isLearntFrom(asked) ? void (await attack(asked)) : await asked.say(asked.answer),
      )
      if (reason !== null) expect(await ended, name).toMatch(reason)
      strangers.delete(name)
    })
    const honest = start('actor', '--redis', redis.url, '--run-key', runKey, '--name', 'honest')
    await Promise.all(found)
    const [done, actor] = [await run.learner.finished, await honest.finished]
    expect([actor.code, actor.stderr]).toEqual([0, ''])
    expect(done.code, done.stderr).toBe(0)
    for (const [name, [, reason]] of all)
      if (reason !== null) expect(done.stderr).toContain(`actor process ${name} is dropped: `)
    expect(done.stderr).not.toContain('honest')
    expect(outcomeIn(run.folder)).toBe(await expected)
  })
  /** Lies in its rewards from a trajectory on. */
  const liar = (from: number, run: RemoteRun, url: string) =>
    startStranger({ url, runKey: run.runKey, name: 'liar' }, async asked => {
      if (asked.before < from) return await asked.say(asked.answer)
      await (asked.answer.message!.length > 10_000 ? lie(asked) : asked.say(asked.answer))
    })

  it('a lie that nobody looks for is learnt from; one that is always looked for never is', async () => {
    const redis = await startRedis()
    const expected = await undisturbed(...shortRun)
    const trusting = await startRemote(redis.url, ...shortRun)
    const unseen = await liar(3, trusting, redis.url)
    expect(await unseen.ended).toBeNull()
    const deceived = await trusting.learner.finished
    expect([deceived.code, deceived.stderr]).toEqual([0, ''])
    expect(outcomeIn(trusting.folder)).not.toBe(expected)

    const careful = await startRemote(redis.url, ...shortRun, '--set', 'run.verifyActors=1')
    const seen = await liar(3, careful, redis.url)
    expect(await seen.ended).toMatch(
      /is not what playing it gives: rewards are others; nothing of it was learnt from that had not been played again/,
    )
    start('actor', '--redis', redis.url, '--run-key', careful.runKey)
    expect((await careful.learner.finished).code).toBe(0)
    expect(outcomeIn(careful.folder)).toBe(expected)
  })

  it('in order of arrival too: a lie that is always looked for is never learnt from, and honest processes are not blamed', async () => {
    const redis = await startRedis()
    const arrival = ['--set', 'run.actorOrder=arrival', '--set', 'run.verifyActors=1']
    const run = await startRemote(redis.url, ...shortRun, ...arrival)
    const seen = await liar(1, run, redis.url)
    expect(await seen.ended).toMatch(
      /is not what playing it gives: rewards are others; nothing of it was learnt from that had not been played again/,
    )
    const honest = start('actor', '--redis', redis.url, '--run-key', run.runKey, '--name', 'honest')
    const done = await run.learner.finished
    expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining('honest')])
    expect(await honest.finished).toMatchObject({ code: 0, stderr: '' })
  })

  it('one that is looked for now and then is found and named, and the run goes on from before it', async () => {
    const redis = await startRedis()
    const often = ['--set', 'run.checkpointEvery=40', '--set', 'run.keepCheckpoints=1000']
    const expected = await undisturbed(...shortRun, ...often)
    const run = await startRemote(redis.url, ...shortRun, ...often, '--set', 'run.verifyActors=0.5')
    const early = await startStranger({ url: redis.url, runKey: run.runKey, name: 'early' }, async asked => {
      // Honest for twenty batches.
      await (asked.before < 80 ? asked.say(asked.answer) : instead(() => new Uint8Array(0))(asked))
    })
    expect(await early.ended).toMatch('expected a message')
    // Its trajectories come in stretches of six, four beside each other: missed once in 2^12 times.
    expect(await (await liar(0, run, redis.url)).ended).toMatch(/is not what playing it gives: rewards are others/)
    start('actor', '--redis', redis.url, '--run-key', run.runKey)
    const done = await run.learner.finished
    expect(done.code, done.stderr).toBe(0)
    const [, numbers, step] = done.stderr.match(/ (its trajectories .*|nothing) .*--before-step (\d+)/) ?? [
      '',
      '',
      '8000',
    ]
    console.log(`found: ${numbers}`)
    expect(Number(step)).toBeGreaterThan(18 * 400 - 1)
    const resume = ['train', '--resume', run.folder, '--json', '--set', 'run.actorThreads=0', '--before-step']
    const none = await marlstrom(...resume, '0')
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringContaining('holds no checkpoint up to environment step 0'),
    ])
    const again = await marlstrom(...resume, step!)
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toMatch(`goes back to environment step ${step} or before; what is later is set aside: `)
    expect(outcomeIn(run.folder)).toBe(expected)
  })
})
